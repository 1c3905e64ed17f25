"""The door of the catalog over HTTP, from a real generation."""

import pytest

from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.sql_service.routes.catalog import router
from analytics_pipelines_tests.apps import small_app, start
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.datasets.routes.house import publish_sales

__all__ = ["start"]
PATH = "/api/v1/duckdb/catalog"


@pytest.fixture
def client(settings, start):
    publish_sales(settings)
    generations = Generations(settings)
    with generations:
        yield start(small_app(settings, router, generations))


def test_every_table_is_told_with_columns_days_rows_and_freshness(client):
    answer = client.get(PATH)
    told = answer.json()
    assert answer.headers["etag"] == f'"{told["generation"]}"'
    assert told["built_at"] <= told["published_at"]
    (sales,) = told["tables"]
    assert (sales["name"], sales["room"], sales["layer"], sales["grain"]) == (
        "core_shop__sales",
        "shop",
        "core",
        "one sale",
    )
    assert (sales["rows"], sales["is_shown"]) == (4, True)
    assert sales["partitions"] == {"count": 1, "first_date": "2026-11-20", "last_date": "2026-11-20"}
    assert sales["size_bytes"] > 0
    assert [(each["name"], each["type"], each["is_personal"]) for each in sales["columns"]] == [
        ("sold_date", "DATE", False),
        ("sale_id", "BIGINT", False),
        ("customer", "VARCHAR", True),
        ("amount", "DOUBLE", False),
    ]
    again = client.get(PATH, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


def test_before_the_first_generation_there_is_none(tmp_path, start):
    answer = start(small_app(settings_in(tmp_path / "home"), router)).get(PATH)
    assert (answer.status_code, answer.json()["code"]) == (503, "NothingPublished")
