"""The HTTP door, on an application of its own."""

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
from analytics_pipelines.product_export.routes import router
from analytics_pipelines_tests.conftest import settings_in

PATH = "/api/v1/analytics/items_by_user"
ACTIVE_USERS = "/api/v1/analytics/active_users"
TABLES = """
CREATE TABLE core_app__users AS SELECT DATE '2026-03-01' AS export_date, id, email, full_name, true AS is_active
FROM (VALUES (1, 'ada@example.com', 'Ada'), (2, 'bob@example.com', NULL)) AS given(id, email, full_name);
CREATE TABLE core_app__items AS SELECT DATE '2026-03-01' AS export_date, id, owner_id
FROM (VALUES (10, 2), (11, 2), (12, 1)) AS given(id, owner_id);
"""
HOLDERS = {
    "v": Principal("reader", {"viewer"}),
    "m": Principal("scraper", {"metrics:read"}),
}


class OneGeneration:
    """Stands for the holder of generations, always with the same one."""

    current_id = "g1"

    @contextmanager
    def acquire(self):
        with duckdb.connect() as cursor:
            cursor.execute(TABLES)
            yield SimpleNamespace(id="g1", rows=lambda model, sql, **values: rows_of(cursor, model, sql, values))


def asked(home, generations, token="", path=PATH, **chosen):
    app = FastAPI()
    app.include_router(router)
    install_problems(app)
    settings = settings_in(home, **chosen)
    wire(app, Wiring(settings=settings, generations=generations, database=lambda: None, verifier=HOLDERS.get))
    return asyncio.run(_answer(app, token, path))


async def _answer(app, token, path):
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path, headers={"authorization": token})


def test_owners_and_their_items_are_a_bare_list(tmp_path):
    answer = asked(tmp_path, OneGeneration())
    assert answer.status_code == 200
    assert answer.json() == [
        {"email": "bob@example.com", "item_count": 2},
        {"email": "ada@example.com", "item_count": 1},
    ]


def test_active_users_are_a_bare_list_too(tmp_path):
    answer = asked(tmp_path, OneGeneration(), path=ACTIVE_USERS)
    assert answer.json() == [
        {"user_id": 2, "email": "bob@example.com", "full_name": None, "item_count": 2},
        {"user_id": 1, "email": "ada@example.com", "full_name": "Ada", "item_count": 1},
    ]


def test_before_anything_is_published_the_answer_is_a_problem(tmp_path):
    answer = asked(tmp_path, Generations(settings_in(tmp_path)))
    assert (answer.status_code, answer.json()["code"]) == (503, "NothingPublished")


@pytest.mark.parametrize("path", [PATH, ACTIVE_USERS])
@pytest.mark.parametrize(
    ("token", "status"),
    [
        pytest.param("Bearer v", 200, id="a viewer may read"),
        pytest.param("Bearer m", 403, id="another scope may not"),
        pytest.param("Bearer x", 401, id="an unknown token may not"),
        pytest.param("", 401, id="nobody may not"),
    ],
)
def test_where_reads_need_a_token_it_must_carry_the_scope_viewer(tmp_path, token, status, path):
    answer = asked(tmp_path, OneGeneration(), token, path, auth_required_for_reads=True)
    assert answer.status_code == status
