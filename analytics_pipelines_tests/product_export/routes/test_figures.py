"""The HTTP door, on an application of its own."""

import asyncio
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI

from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.http_kit.principals import Principal
from analytics_pipelines.http_kit.problems import install_problems
from analytics_pipelines.http_kit.wiring import Wiring, wire
from analytics_pipelines.product_export.routes.figures import router
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.product_export.in_memory import InMemory

PATH = "/api/v1/analytics/items_by_user"
ACTIVE_USERS = "/api/v1/analytics/active_users"
GROWTH = "/api/v1/analytics/growth"
RETENTION = "/api/v1/analytics/retention"
DAY = date(2026, 3, 1)
SIGNED_UP_AT = datetime(2026, 2, 17, 12, tzinfo=UTC)
USERS = [
    (DAY, 1, "ada@example.com", "Ada", True, SIGNED_UP_AT),
    (DAY, 2, "bob@example.com", None, True, SIGNED_UP_AT),
]
ITEMS = [(DAY, number, owner, SIGNED_UP_AT + timedelta(days=7)) for number, owner in [(10, 2), (11, 2), (12, 1)]]
HOLDERS = {
    "v": Principal("reader", {"viewer"}),
    "m": Principal("scraper", {"metrics:read"}),
}


class OneGeneration:
    """Stands for the holder of generations, always with the same one."""

    current_id = "g1"

    @contextmanager
    def acquire(self):
        lease = InMemory(USERS, ITEMS)
        yield SimpleNamespace(id="g1", rows=lease.rows, days=lease.days)
        lease.cursor.close()


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


@pytest.mark.parametrize(("path", "email"), [(PATH, "bob@example.com"), (ACTIVE_USERS, "bob@example.com")])
def test_as_many_are_named_as_asked(tmp_path, path, email):
    (found,) = asked(tmp_path, OneGeneration(), path=path + "?limit=1").json()
    assert found["email"] == email


def test_growth_tells_every_day_of_the_span(tmp_path):
    answer = asked(tmp_path, OneGeneration(), path=GROWTH + "?from=2026-02-23&to=2026-02-25")
    assert answer.json() == [
        {"created_date": day, "new_user_count": 0, "new_item_count": new, "user_count": 2, "item_count": items}
        for day, new, items in [("2026-02-23", 0, 0), ("2026-02-24", 3, 3), ("2026-02-25", 0, 3)]
    ]


def test_retention_tells_each_cohort_and_its_periods(tmp_path):
    (first, second) = asked(tmp_path, OneGeneration(), path=RETENTION + "?cohorts=2&periods=1&unit=week").json()
    period = {"period_number": 0, "active_user_count": 0, "active_pct": 0.0, "is_complete": True}
    assert first == {"cohort_date": "2026-02-16", "user_count": 2, "periods": [period]}
    assert second["periods"] == [period | {"active_pct": None, "is_complete": False}]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        pytest.param(GROWTH + "?from=2026-03-02&to=2026-03-01", "DaysBackwards", id="backwards"),
        pytest.param(GROWTH + "?from=2000-01-01", "TooManyDays", id="too many days"),
        pytest.param(GROWTH + "?to=0001-01-01", "DayTooEarly", id="too early"),
        pytest.param(GROWTH + "?from=yesterday", "InvalidRequest", id="no day"),
        pytest.param(RETENTION + "?unit=year", "InvalidRequest", id="no unit"),
        pytest.param(RETENTION + "?cohorts=0", "InvalidRequest", id="no cohorts"),
        pytest.param(ACTIVE_USERS + "?limit=0", "InvalidRequest", id="nobody"),
        pytest.param(PATH + "?limit=10001", "InvalidRequest", id="too many rows"),
    ],
)
def test_what_can_not_be_answered_is_refused(tmp_path, path, code):
    answer = asked(tmp_path, OneGeneration(), path=path)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize("path", [PATH, ACTIVE_USERS, GROWTH, RETENTION])
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
