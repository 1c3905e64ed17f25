from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from analytics_pipelines.app import create_app
from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines_tests.apps import serving
from analytics_pipelines_tests.conftest import settings_in


@dataclass(frozen=True)
class House:
    """The whole platform over one home: what stores, what makes, what answers."""

    settings: Settings
    database: Database
    lake: Lake
    client: httpx.Client

    def make(self, group: str, first: date, last: date) -> list[str]:
        """One Dagster run over the days, then a generation; gives the ids of both runs."""
        from analytics_pipelines.dagster_kit.launch import materialize
        from analytics_pipelines.definitions import build, job_name

        definitions = build(self.settings)
        made = materialize(self.settings, definitions, job_name(group), (first, last))
        published = materialize(self.settings, definitions, job_name("serving"))
        assert made.has_succeeded, made.failures
        assert published.has_succeeded, published.failures
        return [made.run_id, published.run_id]

    def answer(self, path: str, **parameters: object) -> object:
        """What the API says, as JSON."""
        response = self.client.get(path, params=parameters)
        assert response.status_code == 200, response.text
        return response.json()

    def published(self) -> str:
        """The generation that the API answers from, as its answers name it."""
        return self.client.get("/api/snapshots").headers["etag"]


@pytest.fixture
def house(tmp_path, database_urls, database, lake) -> Iterator[House]:
    settings = settings_in(
        tmp_path / "home",
        database_url=database_urls.app,
        database_owner_url=database_urls.owner,
        source_database_url=database_urls.source,
    )
    with serving(create_app(settings)) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield House(settings, database, lake, client)


@pytest.fixture
def today() -> date:
    """Not a day that ends while the journey is under way."""
    if now() > datetime.combine(now().date(), datetime.max.time(), UTC) - timedelta(minutes=2):
        pytest.skip("midnight in UTC is near")
    return now().date()
