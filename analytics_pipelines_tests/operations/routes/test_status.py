"""The status over a real socket, on a real PostgreSQL; the newest visits from a real generation."""

from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
import sqlalchemy as sa

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.dagster_kit.events import Materialized
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.operations.heartbeat import DAEMON, beat
from analytics_pipelines.operations.mirror import record
from analytics_pipelines.operations.requests import Wish, create
from analytics_pipelines.operations.steps import RunStep, record_steps
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.web_events.fence import advance
from analytics_pipelines.web_events.intake.entries import entry_of
from analytics_pipelines.web_events.intake.spool import Spool
from analytics_pipelines.web_events.log_tables import EXPORT_WATERMARK
from analytics_pipelines.web_events.tables import LATE_EVENTS, SESSIONS
from analytics_pipelines_tests.apps import NOW
from analytics_pipelines_tests.operations.visitors import NOON, SITE, receipt, store
from analytics_pipelines_tests.waiting import wait_until
from analytics_pipelines_tests.web_events.receipts import rows_of

TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)


def state_of(client: httpx.Client) -> dict:
    answer = client.get("/etl/status")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_status_tells_requests_daemon_tables_and_events(client: httpx.Client, database: Database) -> None:
    create(database, Wish((), TODAY, TODAY), requested_by="anna", now=NOW)
    made = Materialized("raw_web__events", "2026-11-21", "r", 5, 900, datetime(2026, 11, 21, 9, tzinfo=UTC))
    record(database, [made])
    found = state_of(client)
    ended = dict.fromkeys(("queued", "running", "succeeded", "failed", "cancelled"), 0)
    assert found["requests"] == {"new": 1} | ended
    assert not found["daemon"]["is_answering"]
    assert "No daemon has answered" in found["daemon"]["message"]
    assert found["events"] == {"stored": 0, "failed": 0, "by_type": {}}
    assert found["tables"] == [
        {
            "asset": "raw_web__events",
            "partitions": 1,
            "rows": 5,
            "size_bytes": 900,
            "newest_partition": "2026-11-21",
            "materialized_at": "2026-11-21T09:00:00Z",
        }
    ]
    beat(database, DAEMON, NOW - timedelta(seconds=4))
    assert state_of(client)["daemon"] == {
        "is_answering": True,
        "last_heartbeat_at": "2026-11-21T09:29:56Z",
        "age_s": 4.0,
        "message": "The daemon answers.",
    }


def test_status_tells_what_is_not_processed_and_how_old_it_is(client: httpx.Client, database: Database) -> None:
    nothing = state_of(client)
    assert nothing["unprocessed"] == {"events": 0, "by_type": {}, "touched_days": [], "lag_s": 0}
    assert nothing["remakes"] == []
    store(database, [receipt("1", "anna"), receipt("2", "anna", event_type="click"), receipt("3", "ben")])
    found = state_of(client)["unprocessed"]
    assert (found["events"], found["by_type"]) == (3, {"pageview": 2, "click": 1})
    assert found["lag_s"] == (NOW - NOON).total_seconds()
    advance(database, NOW - timedelta(seconds=7), late_event_days=3)
    found = state_of(client)
    assert (found["unprocessed"]["events"], found["unprocessed"]["lag_s"]) == (0, 7.0)
    assert [(each["touched_date"], each["kind"]) for each in found["unprocessed"]["touched_days"]] == [
        ("2026-11-20", "received"),
        ("2026-11-20", "event"),
    ]
    assert found["fence"]["log_number"] >= 3


def test_status_names_who_blocks_the_fence(client: httpx.Client, database: Database) -> None:
    blocked = {"name": "touched_days", "log_number": 0, "blocked_by": "pg_dump (4711)", "blocked_since_at": NOON}
    with database.writing() as connection:
        connection.execute(sa.insert(EXPORT_WATERMARK).values(blocked))
    assert state_of(client)["fence"] == {
        "log_number": 0,
        "fenced_at": None,
        "blocked_by": "pg_dump (4711)",
        "blocked_since_at": "2026-11-20T12:00:00Z",
    }


def test_status_tells_the_time_of_each_step_and_what_the_spool_holds(client, database, settings) -> None:
    step = RunStep(
        run_id="r", asset="raw", has_succeeded=True, rows=5, days=2, failed_days=1, duration_s=0.25, ended_at=NOON
    )
    record_steps(database, [step])
    Spool.of(settings).append([entry_of(receipt("1", "anna"))])
    found = state_of(client)
    assert found["steps"] == [
        {
            "step": "raw",
            "run_id": "r",
            "has_succeeded": True,
            "processed": 5,
            "days": 2,
            "failed": 1,
            "seconds": 0.25,
            "ended_at": "2026-11-20T12:00:00Z",
        }
    ]
    assert found["spool"]["pending_events"] == 1


def test_without_a_database_status_says_so(cut_off: httpx.Client) -> None:
    answer = cut_off.get("/etl/status")
    assert (answer.status_code, answer.json()["code"]) == (503, "Unavailable")


def visit(number: int, at: datetime) -> dict:
    plain = {"source": "direct", "channel": "Direct", "device": "desktop", "is_bot": False, "is_cut": False}
    counts = {"duration_s": 60, "pageviews": 2, "events": 2, "conversions": 0, "is_bounce": False, "is_engaged": True}
    named = {"site_id": SITE, "session_id": "s" + str(number), "visitor_id": "anna", "entry_page": "/secret"}
    return {"visit_date": at.date(), "started_at": at, "ended_at": at + timedelta(minutes=1)} | plain | counts | named


def late(number: int, day: date) -> dict:
    at = datetime.combine(day, datetime.min.time(), UTC)
    named = {"received_date": day, "site_id": SITE, "event_id": str(number), "event_type": "x"}
    return named | {"received_at": at, "event_at": at - 9 * DAY, "late_s": 9 * 86400}


def publish(settings: Settings, lake: Lake, table, rows_by_day: dict[date, list[dict]]) -> None:
    for day, rows in rows_by_day.items():
        lake.replace(table, day, Select(Sql("SELECT * FROM given"), {"given": rows_of(table, rows)}))
    build_generation(settings, lake, TABLES)


def test_the_newest_visits_come_first_without_what_is_personal(client, settings, lake) -> None:
    assert client.get("/etl/recent-sessions").json() == []
    days = {
        (NOON + number * DAY).date(): [
            visit(number * 10 + each, NOON + number * DAY + timedelta(hours=each)) for each in range(4)
        ]
        for number in range(3)
    }
    publish(settings, lake, SESSIONS, days)
    wait_until(lambda: client.get("/etl/recent-sessions").json() != [])
    found = client.get("/etl/recent-sessions").json()
    assert [each["session_id"] for each in found] == ["s23", "s22", "s21", "s20", "s13"]
    assert found[0]["started_at"] == "2026-11-22T15:00:00Z"
    personal = {column.name for column in SESSIONS.columns if column.is_personal} - {"visitor_id"}
    assert personal.isdisjoint(found[0])
    assert [each["session_id"] for each in client.get("/etl/recent-sessions?limit=1").json()] == ["s23"]
    assert len(client.get("/etl/recent-sessions?limit=1000").json()) == 12


@pytest.mark.parametrize("limit", ["0", "1001", "x"])
def test_a_limit_of_nothing_or_too_much_is_refused(client: httpx.Client, limit: str) -> None:
    assert client.get("/etl/recent-sessions", params={"limit": limit}).status_code == 422


def test_late_events_are_told_by_day(client, settings, lake) -> None:
    assert state_of(client)["late_events"] == {"total": 0, "by_day": {}}
    days = {TODAY: [late(1, TODAY), late(2, TODAY)], TODAY - DAY: [], TODAY - 30 * DAY: [late(3, TODAY - 30 * DAY)]}
    publish(settings, lake, LATE_EVENTS, days)
    wait_until(lambda: state_of(client)["late_events"]["total"] == 3)
    assert state_of(client)["late_events"]["by_day"] == {"2026-11-21": 2}
