"""What the lake does not hold yet: events past the fence, days that are touched, and how old the oldest is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.web_events.fence import Watermark, watermark
from analytics_pipelines.web_events.log_tables import TOUCHED_DAY

MOST_TYPES = 1_000


@dataclass(frozen=True, slots=True)
class TouchedDay:
    """A day that is to be made anew: `received` of its raw events, `event` of what is derived."""

    touched_date: date
    kind: str
    touched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unprocessed:
    """Events past the fence by type, most first (`MOST_TYPES` of them); days to make anew, in order; their age.

    `lag_s` is the age of the oldest event or touch in seconds, 0 when all is done. Imported logs count from the
    moment at which they touched their days, since their events are as old as the log.
    """

    by_type: dict[str, int]
    touched_days: tuple[TouchedDay, ...]
    lag_s: float
    fence: Watermark

    @property
    def events(self) -> int:
        """Events past the fence."""
        return sum(self.by_type.values())


def unprocessed(database: Database, now: datetime) -> Unprocessed:
    """All of it at the moment `now`. Raises `Unavailable`, `TimedOut`."""
    query = sa.text(from_file(__package__, "unprocessed_events").text)
    fence = watermark(database)
    with database.reading() as connection:
        rows = connection.execute(query, {"log_number": fence.log_number, "most": MOST_TYPES}).all()
        touched = tuple(_touched(connection))
    return Unprocessed(
        by_type={row.event_type: row.events for row in rows},
        touched_days=touched,
        lag_s=_lag_s(rows, touched, now),
        fence=fence,
    )


def _touched(connection: sa.Connection) -> list[TouchedDay]:
    columns = TOUCHED_DAY.c
    query = sa.select(columns.touched_date, columns.kind, columns.touched_at)
    rows = connection.execute(query.order_by(columns.touched_date, columns.kind.desc()))
    return [TouchedDay(*row) for row in rows]


def _lag_s(rows: Sequence["sa.Row[Any]"], touched: Sequence[TouchedDay], now: datetime) -> float:
    moments = [row.oldest_at for row in rows if row.oldest_at] + [each.touched_at for each in touched]
    return max((now - min(moments)).total_seconds(), 0.0) if moments else 0.0
