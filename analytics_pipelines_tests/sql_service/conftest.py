"""One broker for all tests that leave it as it was."""

import pytest

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.generations import publish_edition
from analytics_pipelines_tests.sql_service.brokers import running_broker


@pytest.fixture(scope="package")
def served(tmp_path_factory):
    """Settings of a home whose broker runs, over a generation of edition 1."""
    settings = settings_in(tmp_path_factory.mktemp("sql") / "home", sql_user_queries=6, query_timeout=20)
    publish_edition(settings, Lake.at(settings.home, DuckLimits.of(settings)), 1)
    with running_broker(settings):
        yield settings
