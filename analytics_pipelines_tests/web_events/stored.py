"""What PostgreSQL holds of this room, for assertions."""

from typing import Any

import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.web_events.log_tables import EVENT_KEY, EVENT_LOG, FAILED_EVENT


def stored_events(database: Database) -> list[dict[str, Any]]:
    """All events, by id."""
    return _rows(database, sa.select(EVENT_LOG).order_by(EVENT_LOG.c.event_id))


def stored_keys(database: Database) -> list[dict[str, Any]]:
    """All keys, by id."""
    return _rows(database, sa.select(EVENT_KEY).order_by(EVENT_KEY.c.event_id))


def failed_events(database: Database) -> list[dict[str, Any]]:
    """All rejects, in order of their lines."""
    return _rows(database, sa.select(FAILED_EVENT).order_by(FAILED_EVENT.c.line_number, FAILED_EVENT.c.failed_id))


def _rows(database: Database, query: "sa.Select[Any]") -> list[dict[str, Any]]:
    with database.reading() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]
