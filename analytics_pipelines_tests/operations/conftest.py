"""Settings that name the test's database, as a sensor reads them; each test has a Dagster home of its own."""

import pytest

from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.dagster_homes import _dagster_home, dagster_template

__all__ = ["_dagster_home", "connected", "dagster_template"]


@pytest.fixture
def connected(tmp_path, database_urls: DatabaseUrls) -> Settings:
    """Settings whose DATABASE_URL is the test's database."""
    return settings_in(tmp_path / "home", database_url=database_urls.app)
