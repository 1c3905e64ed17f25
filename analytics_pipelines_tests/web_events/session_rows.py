"""Rows of core events and sites for the session rule, and the visits that are made of them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
from hypothesis import strategies as st

from analytics_pipelines.foundation.duck import Duck
from analytics_pipelines.foundation.select import Scan, Version
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.web_events.sessionize import sessionize
from analytics_pipelines.web_events.tables import CORE_EVENTS, SITES
from analytics_pipelines_tests.web_events.receipts import (
    DAY,
    MONDAY,
    answers,
    rows_of,
)

Rows = list[dict[str, Any]]
TODAY = MONDAY.date()
TINY = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
NUDGES = st.sampled_from([timedelta(0), timedelta(0), TINY, -TINY])


def at(clock: str, day: int = 0) -> datetime:
    hour, minute, second = clock.split(":")
    return MONDAY + day * DAY + timedelta(hours=int(hour), minutes=int(minute), seconds=float(second))


def event(event_id: str, time: datetime, **fields: Any) -> dict[str, Any]:
    """One row of `core_web__events`: a page view of the only visitor, unless said otherwise."""
    plain = {
        "event_date": time.astimezone(UTC).date(),
        "site_id": "s",
        "event_id": event_id,
        "event_at": time,
        "received_at": time,
        "event_type": "pageview",
        "visitor_id": "v",
        "visitor_id_before": None,
        "session_id": None,
        "path": "/a",
        "source": "direct",
        "medium": None,
        "campaign": None,
        "channel": "Direct",
        "referrer_host": None,
        "country": None,
        "device": "desktop",
        "browser": "Firefox",
        "os": "Linux",
        "is_pageview": True,
        "is_interactive": True,
        "is_bot": False,
        "intake": "collect",
        "payload": "{}",
        "flags": "",
    }
    return plain | fields


def events_at(*times: datetime, **fields: Any) -> Rows:
    return [event(f"e{number}", time, **fields) for number, time in enumerate(times)]


def site(day: date, gap_limit_s: int = 1800, *, site_id: str = "s", conversions: str = "[]") -> dict[str, Any]:
    return {
        "event_date": day,
        "site_id": site_id,
        "name": site_id,
        "timezone": "UTC",
        "gap_limit_s": gap_limit_s,
        "conversion_events": conversions,
    }


def written(folder: Path, table: Table, rows: Rows) -> Scan:
    """The rows as the partitions of a lake, for as long as the folder lives."""
    days = sorted({row["event_date"] for row in rows})
    files = tuple(folder / f"{table.name}.{day}.parquet" for day in days)
    for day, file in zip(days, files, strict=True):
        pq.write_table(rows_of(table, [row for row in rows if row["event_date"] == day]).rows, file)
    return Scan(table, files, tuple(Version(table.name, day, "") for day in days))


def visits(duck: Duck, events: Rows, days: Sequence[date] | None = None, sites: Rows | None = None) -> Rows:
    """The visits of these days, or of all, each day made from its own three days alone; by time."""
    around = {row["event_date"] + DAY * shift for row in events for shift in (-1, 0, 1)}
    found: Rows = []
    with TemporaryDirectory() as folder:
        scans = written(Path(folder), CORE_EVENTS, events), written(Path(folder), SITES, sites or [])
        for day in sorted(around if days is None else days):
            near = [near_by(scan, day) for scan in scans]
            found += sorted(answers(duck, sessionize(*near, day)), key=lambda visit: visit["started_at"])
    return found


def near_by(scan: Scan, day: date) -> Scan:
    """The day, the one before and the one after, as an asset reads them."""
    kept = [(f, v) for f, v in zip(scan.files, scan.versions, strict=True) if abs(v.day - day) <= DAY]
    return Scan(scan.table, tuple(file for file, _ in kept), tuple(version for _, version in kept))


def keyed(found: Rows) -> Rows:
    return sorted(found, key=lambda visit: (visit["site_id"], visit["session_id"]))
