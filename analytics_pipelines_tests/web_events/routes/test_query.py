"""Figures over HTTP: a real generation, a real socket, a real PostgreSQL."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.web_events.log_tables import SITE
from analytics_pipelines.web_events.routes.query import router
from analytics_pipelines.web_events.tables import CORE_EVENTS, SESSIONS, SITES
from analytics_pipelines_tests.apps import NOW, small_app, start
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.web_events.traffic import DAY, Hit, Traffic

__all__ = ["start"]

QUERY = "/api/v1/web/query"
YESTERDAY = NOW - DAY
GIVEN = Sql("SELECT * FROM given")


def hits() -> list[Hit]:
    """Two days of a site in Berlin; anna comes on both."""
    return [
        Hit(1, "anna", YESTERDAY, "berlin", path="/", source="Google"),
        Hit(2, "anna", YESTERDAY + timedelta(minutes=2), "berlin", path="/b"),
        Hit(3, "ben", YESTERDAY, "berlin", path="/"),
        Hit(4, "bot", YESTERDAY, "berlin", path="/", is_bot=True),
        Hit(5, "anna", YESTERDAY - DAY, "berlin", path="/b", event_type="signup"),
    ]


@pytest.fixture
def generations(settings, lake):
    traffic = Traffic.of(hits())
    for back in range(4):
        day = NOW.date() - back * DAY
        rows = {CORE_EVENTS: traffic.events, SESSIONS: traffic.sessions, SITES: traffic.sites}
        for table, of_days in rows.items():
            lake.replace(table, day, Select(GIVEN, {"given": of_days(day, day)}))
    build_generation(settings, lake, TABLES)
    with Generations(settings) as held:
        yield held


@pytest.fixture
def client(settings, generations, start):
    return start(small_app(settings, router, generations))


def asked(client, **given: Any):
    return client.post(QUERY, json={"site_id": "berlin", "metrics": ["visitors"], "date_range": "7d"} | given)


def test_a_question_is_answered_in_plausibles_shape(client, generations):
    answer = asked(
        client,
        metrics=["visitors", "visits", "bounce_rate"],
        dimensions=["visit:source"],
        filters=[["is_not", "visit:os", ["Windows"]]],
        pagination={"limit": 5},
        include={"total_rows": True, "imports": True},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "results": [
            {"metrics": [2, 2, 100.0], "dimensions": ["direct"]},
            {"metrics": [1, 1, 0.0], "dimensions": ["Google"]},
        ],
        "meta": {"imports_included": False, "total_rows": 2},
        "query": {
            "site_id": "berlin",
            "metrics": ["visitors", "visits", "bounce_rate"],
            "date_range": ["2026-11-14T00:00:00+01:00", "2026-11-20T23:59:59+01:00"],
            "filters": [["is_not", "visit:os", ["Windows"]]],
            "dimensions": ["visit:source"],
            "order_by": [["visitors", "desc"]],
            "include": {"total_rows": True, "imports": True},
            "pagination": {"limit": 5, "offset": 0},
        },
    }
    assert answer.headers["etag"] == '"' + generations.current_id + '"'


def test_distinct_visitors_of_a_range_are_exact(client):
    days = asked(client, dimensions=["time:day"], include={"time_labels": True}).json()
    assert days["results"] == [
        {"metrics": [1], "dimensions": ["2026-11-19"]},
        {"metrics": [2], "dimensions": ["2026-11-20"]},
    ]
    assert days["meta"]["time_labels"] == [f"2026-11-{day}" for day in range(14, 21)]
    assert asked(client).json()["results"] == [{"metrics": [2], "dimensions": []}]


def test_robots_count_when_they_are_asked_for(client):
    assert asked(client, include={"bots": True}).json()["results"] == [{"metrics": [3], "dimensions": []}]


@pytest.mark.parametrize(
    ("given", "status", "code", "told"),
    [
        pytest.param({"metrics": ["clicks"]}, 422, "UnknownMetric", "visitors, visits", id="metric"),
        pytest.param({"dimensions": ["visit:city"]}, 422, "UnknownDimension", "visit:country", id="dimension"),
        pytest.param(
            {"filters": [["like", "event:page", ["/"]]]}, 422, "UnknownOperator", "contains_not", id="operator"
        ),
        pytest.param({"filters": [["is"]]}, 422, "BadFilter", "[operator, dimension", id="filter"),
        pytest.param({"filters": [["matches", "event:page", ["("]]]}, 422, "BadPattern", "RE2", id="pattern"),
        pytest.param({"date_range": "soon"}, 422, "BadDateRange", "7d", id="range"),
        pytest.param({"order_by": [["visits", "desc"]]}, 422, "BadOrder", "query asks for", id="order"),
        pytest.param({"include": {"time_labels": True}}, 422, "BadInclude", "time:day", id="labels"),
        pytest.param(
            {"metrics": ["bounce_rate"], "dimensions": ["event:name"]},
            422,
            "MetricNotDefined",
            "event:page",
            id="mixed",
        ),
        pytest.param({"site_id": "nobody"}, 404, "UnknownSite", "materialize", id="site"),
        pytest.param(
            {"dimensions": ["time:hour"], "include": {"time_labels": True}, "date_range": "5000d"},
            422,
            "TooManyDays",
            "steps",
            id="labels of years",
        ),
        pytest.param({"pagination": {"limit": 10_001}}, 422, "InvalidRequest", "", id="limit"),
        pytest.param({"color": "red"}, 422, "InvalidRequest", "", id="a word more"),
        pytest.param({"site_id": None}, 422, "InvalidRequest", "", id="no site"),
    ],
)
def test_what_is_wrong_is_told_with_what_is_allowed(client, given, status, code, told):
    problem = asked(client, **given)
    assert (problem.status_code, problem.json()["code"]) == (status, code)
    assert problem.headers["content-type"] == "application/problem+json"
    assert told in (problem.json().get("remedy") or "")


def test_half_a_surrogate_pair_is_refused_and_not_a_mistake_of_ours(client):
    body = b'{"site_id": "berlin", "metrics": ["visitors"], "date_range": "7d", "filters": [["is", "event:page", ["\\ud800"]]]}'
    answer = client.post(QUERY, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422


def test_figures_need_a_token_where_reads_do(tmp_path, start):
    guarded = settings_in(tmp_path / "guarded", auth_required_for_reads=True)
    client = start(small_app(guarded, router))
    for answer in (asked(client), client.get("/api/v1/web/realtime", params={"site_id": "s"})):
        assert (answer.status_code, answer.json()["code"]) == (401, "MissingToken")
    allowed = client.post(QUERY, json={}, headers={"authorization": "Bearer viewer"})
    assert allowed.status_code in (422, 503)


def test_who_is_there_now_is_private_and_never_stored(settings, database, start):
    app = small_app(settings, router)
    app.state.wiring = replace(app.state.wiring, database=lambda: database)
    with database.writing() as connection:
        connection.execute(sa.insert(SITE).values(site_id="s", name="s", visitor_key=b"key", created_at=NOW))
    answer = start(app).get("/api/v1/web/realtime", params={"site_id": "s"})
    nobody = {"visitors": 0, "pageviews": 0, "events": 0}
    assert answer.json() == {
        "site_id": "s",
        "asked_at": "2026-11-21T09:30:00Z",
        "last_5_minutes": nobody,
        "last_30_minutes": nobody,
        "top_pages": [],
    }
    assert answer.headers["cache-control"] == "private, no-store"


def test_who_is_there_now_is_told_of_known_sites_only(settings, database, start):
    app = small_app(settings, router)
    app.state.wiring = replace(app.state.wiring, database=lambda: database)
    answer = start(app).get("/api/v1/web/realtime", params={"site_id": "nobody"})
    assert (answer.status_code, answer.json()["code"]) == (404, "UnknownSite")
