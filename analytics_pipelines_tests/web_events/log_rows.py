"""Rows of the event log for tests, written as the intake writes them: partitions first, then rows."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.web_events.log_tables import EVENT_LOG
from analytics_pipelines.web_events.partitions import create_partitions

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def log_row(event_id: str, received_at: datetime = NOON, **given: Any) -> dict[str, Any]:
    """A plain page view that happened when it was received, unless said otherwise."""
    plain = {
        "site_id": "s",
        "event_id": event_id,
        "event_type": "pageview",
        "visitor_id": "v",
        "visitor_id_before": None,
        "event_at": received_at,
        "received_at": received_at,
        "sent_at": None,
        "url": "https://shop.example/",
        "source": "collect",
        "payload": {},
        "flags": [],
    }
    return plain | given


def put(database: Database, *rows: dict[str, Any]) -> None:
    """Store the rows in one transaction."""
    create_partitions(database, {row["received_at"].astimezone(UTC).date() for row in rows})
    with database.writing() as connection:
        for row in rows:
            connection.execute(sa.insert(EVENT_LOG), row)
