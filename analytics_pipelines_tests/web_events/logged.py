"""Rows for the event log, its counters and its rejects, written as the intake would."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.web_events.log_tables import EVENT_KEY, EVENT_LOG, FAILED_EVENT, INTAKE_COUNT
from analytics_pipelines.web_events.partitions import create_partitions

NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)
DAY = NOON.date()


def event(event_id: str = "e1", **given: Any) -> dict[str, Any]:
    """One row of `event_log`."""
    at = given.get("received_at", NOON)
    return {
        "site_id": "shop",
        "event_id": event_id,
        "event_type": "pageview",
        "visitor_id": "v",
        "event_at": at,
        "received_at": at,
        "client_address": "203.0.113.0/24",
        "user_agent": "Firefox",
        "source": "collect",
        "payload": {},
        "flags": [],
    } | given


def failed(failed_id: str = "f1", **given: Any) -> dict[str, Any]:
    """One row of `failed_event`."""
    return {
        "failed_id": failed_id,
        "site_id": "shop",
        "source": "collect",
        "reason": "unknown_site",
        "detail": "The site is not registered.",
        "payload": b"{}",
        "received_at": NOON,
        "client_address": "203.0.113.0/24",
        "user_agent": "Firefox",
    } | given


def counted(day: date = DAY, **given: Any) -> dict[str, Any]:
    """One row of `intake_count`."""
    zeros = dict.fromkeys(("received", "stored", "duplicate", "rejected"), 0)
    return {"received_date": day, "site_id": "shop", "source": "collect", "writer": "w1"} | zeros | given


def write_events(database: Database, rows: Iterable[dict[str, Any]]) -> None:
    """Put the rows into the log, with their keys."""
    events = list(rows)
    create_partitions(database, [row["received_at"].date() for row in events])
    keys = [{name: row[name] for name in ("site_id", "event_id", "received_at")} for row in events]
    with database.writing() as connection:
        connection.execute(sa.insert(EVENT_KEY), keys)
        for row in events:
            connection.execute(sa.insert(EVENT_LOG).values(row))


def write_failed(database: Database, rows: Iterable[dict[str, Any]]) -> None:
    """Put the rows among the rejects."""
    with database.writing() as connection:
        for row in rows:
            connection.execute(sa.insert(FAILED_EVENT).values(row))


def write_counts(database: Database, rows: Iterable[dict[str, Any]]) -> None:
    """Put the rows among the counters."""
    with database.writing() as connection:
        connection.execute(sa.insert(INTAKE_COUNT), list(rows))
