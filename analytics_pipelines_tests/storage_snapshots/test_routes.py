import asyncio
from contextlib import contextmanager
from types import SimpleNamespace

import duckdb
import httpx
import pytest
from fastapi import FastAPI

from analytics_pipelines.foundation.duck import rows_of
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.http_kit.principals import Principal
from analytics_pipelines.http_kit.problems import install_problems
from analytics_pipelines.http_kit.wiring import Wiring, wire
from analytics_pipelines.storage_snapshots.routes import router
from analytics_pipelines_tests.conftest import settings_in

TABLES = """
CREATE TABLE out_fs__growth AS
SELECT 's' AS share, DATE '2026-03-01' AS snapshot_date, 3 AS file_count, 2 AS dir_count, 10 AS size_bytes,
    4096 AS allocated_bytes, 1 AS error_count
"""
HOLDERS = {"v": Principal("reader", {"viewer"}), "m": Principal("scraper", {"metrics:read"})}


class OneGeneration:
    """Stands for the holder of generations, always with the same one."""

    current_id = "g1"

    @contextmanager
    def acquire(self):
        with duckdb.connect() as cursor:
            cursor.execute(TABLES)
            yield SimpleNamespace(id="g1", rows=lambda model, sql: rows_of(cursor, model, sql, {}))


def asked(home, generations, token="", **chosen):
    app = FastAPI()
    app.include_router(router)
    install_problems(app)
    settings = settings_in(home, **chosen)
    wire(app, Wiring(settings=settings, generations=generations, database=lambda: None, verifier=HOLDERS.get))
    return asyncio.run(_answer(app, token))


async def _answer(app, token):
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get("/api/snapshots", headers={"authorization": token})


def test_snapshots_are_a_bare_list_under_the_contracts_names(tmp_path):
    answer = asked(tmp_path, OneGeneration())
    assert answer.status_code == 200
    assert answer.json() == [
        {"date": "2026-03-01", "shares": ["s"], "files": 3, "dirs": 2, "size": 10, "size_du": 4096, "errors": 1}
    ]


def test_before_anything_is_published_the_list_is_empty(tmp_path):
    answer = asked(tmp_path, Generations(settings_in(tmp_path)))
    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize(
    ("token", "status"),
    [
        pytest.param("Bearer v", 200, id="a viewer may read"),
        pytest.param("Bearer m", 403, id="another scope may not"),
        pytest.param("", 401, id="nobody may not"),
    ],
)
def test_where_reads_need_a_token_it_must_carry_the_scope_viewer(tmp_path, token, status):
    assert asked(tmp_path, OneGeneration(), token, auth_required_for_reads=True).status_code == status
