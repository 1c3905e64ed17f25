"""Received events as test data, and a lake that they are brought into by the room's own verbs."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from analytics_pipelines.foundation.clock import days_between
from analytics_pipelines.foundation.duck import Duck, DuckLimits
from analytics_pipelines.foundation.home import Home
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import ArrowRows, Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Table, Type
from analytics_pipelines.web_events.core_events import core_events
from analytics_pipelines.web_events.sessionize import sessionize
from analytics_pipelines.web_events.tables import CORE_EVENTS, RAW_EVENTS, SESSIONS, SITES

FIREFOX = "Mozilla/5.0 Firefox/144.0"
DAY = timedelta(days=1)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
AT_ONCE = datetime.max.replace(tzinfo=UTC)
LATEST_DAYS = 3
LIMITS = DuckLimits(256 * 2**20, 2, None)
ARROW = {
    Type.TEXT: pa.string(),
    Type.BOOL: pa.bool_(),
    Type.INT: pa.int64(),
    Type.DATE: pa.date32(),
    Type.TIMESTAMP: pa.timestamp("us", "UTC"),
    Type.DOUBLE: pa.float64(),
}


@dataclass(frozen=True)
class Receipt:
    """One row of `raw_web__events`, plain unless said otherwise."""

    event_id: str
    event_at: datetime
    received_at: datetime = AT_ONCE
    visitor_id: str = "v"
    visitor_id_before: str | None = None
    site_id: str = "s"
    event_type: str = "pageview"
    sent_at: datetime | None = None
    session_id: str | None = None
    url: str | None = "https://shop.example/a"
    referrer: str | None = None
    title: str | None = None
    user_agent: str | None = FIREFOX
    path: str | None = None
    client_address: str | None = None
    source: str = "collect"
    payload: str = "{}"
    flags: str = ""

    def __post_init__(self) -> None:
        if self.received_at == AT_ONCE:
            object.__setattr__(self, "received_at", self.event_at)

    @property
    def row(self) -> dict[str, Any]:
        return asdict(self) | {"received_date": self.received_at.date()}


def rows_of(table: Table, rows: Iterable[dict[str, Any]]) -> ArrowRows:
    """The rows with the table's declared types."""
    schema = pa.schema([(column.name, ARROW[column.type]) for column in table.columns])
    return ArrowRows(pa.Table.from_pylist(list(rows), schema=schema))


def answers(duck: Duck, select: Select) -> list[dict[str, Any]]:
    """The rows that a SELECT gives."""
    with duck.cursor() as cursor:
        select.mount(cursor)
        found: list[dict[str, Any]] = cursor.execute(select.sql.text, dict(select.values)).to_arrow_table().to_pylist()
        return found


class EventLake:
    """A lake fed by hand with receipts instead of PostgreSQL."""

    def __init__(self, folder: Path, duck: Duck, sites: Sequence[dict[str, Any]] = ()) -> None:
        self.lake = Lake(Home(folder), duck)
        self.sites = sites
        self.received: list[Receipt] = []

    def receive(self, batch: Iterable[Receipt]) -> None:
        """Add receipts and bring exactly the days that they touch up to date."""
        new = list(batch)
        self.received += new
        self.make_raw({each.received_at.date() for each in new})
        event_days = {each.event_at.date() for each in new}
        self.make_core(event_days)
        self.make_sites(event_days)
        self.make_sessions({day + DAY * shift for day in event_days for shift in (-1, 0, 1)})

    def make_raw(self, days: Iterable[date]) -> None:
        for day in sorted(days):
            rows = rows_of(RAW_EVENTS, (each.row for each in self.received if each.received_at.date() == day))
            self.lake.replace(RAW_EVENTS, day, Select(Sql("SELECT * FROM receipts"), {"receipts": rows}))

    def make_core(self, days: Iterable[date]) -> None:
        for day in sorted(days):
            raw = self.lake.scan(RAW_EVENTS, days_between(day, day + DAY * LATEST_DAYS))
            self.lake.replace(CORE_EVENTS, day, core_events(raw, day))

    def make_sites(self, days: Iterable[date]) -> None:
        for day in sorted(days):
            present = {event["site_id"] for event in self.rows(CORE_EVENTS, [day])}
            chosen = [site | {"event_date": day} for site in self.sites if site["site_id"] in present]
            rows = rows_of(SITES, chosen)
            self.lake.replace(SITES, day, Select(Sql("SELECT * FROM sites"), {"sites": rows}))

    def make_sessions(self, days: Iterable[date]) -> None:
        for day in sorted(days):
            around = days_between(day - DAY, day + DAY)
            select = sessionize(self.lake.scan(CORE_EVENTS, around), self.lake.scan(SITES, around), day)
            self.lake.replace(SESSIONS, day, select)

    def bytes_of(self, table: Table) -> dict[date, bytes]:
        """The files of all days that hold rows."""
        found = self.lake.manifests(table)
        return {each.day: self.lake.file(table, each.day).read_bytes() for each in found if each.rows}

    def rows(self, table: Table, days: Iterable[date] | None = None) -> list[dict[str, Any]]:
        """The rows of these days, or of all."""
        return self.lake.lazy(table, self.lake.days(table) if days is None else days).collect().to_dicts()
