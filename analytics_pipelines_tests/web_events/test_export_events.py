import json
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.errors import CheckFailed
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.web_events.export_events import raw_events, reopened_events
from analytics_pipelines.web_events.log_tables import DROPPED_DAY, EVENT_LOG
from analytics_pipelines.web_events.tables import RAW_EVENTS
from analytics_pipelines_tests.web_events.log_rows import log_row, put
from analytics_pipelines_tests.web_events.stored import stored_events

MIDNIGHT = datetime(2026, 3, 5, tzinfo=UTC)
DAY = MIDNIGHT.date()
FAR = {"event_at": datetime(1, 1, 1, tzinfo=UTC), "sent_at": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)}
ROWS = [
    log_row("a", MIDNIGHT, payload={"n": 1e300, "t": "ä\u2028", "deep": {"x": [None, True]}}, flags=["x", "y"]),
    log_row("b", MIDNIGHT, **FAR, visitor_id_before="w", title="", client_address="192.0.2.0/24"),
    log_row("c", MIDNIGHT - timedelta(microseconds=1)),
    log_row("d", MIDNIGHT + timedelta(hours=24, microseconds=-1), site_id="\x1f\x1e", session_id="é\U0001f600"),
    log_row("e", MIDNIGHT + timedelta(hours=24)),
]


def export(database: Database, lake: Lake, day: date = DAY):
    return lake.replace(RAW_EVENTS, day, raw_events(conninfo(database.url), day))


def forget(database: Database, events: int) -> None:
    """What retention leaves behind once it has dropped the day."""
    with database.writing() as connection:
        connection.execute(sa.delete(EVENT_LOG))
        values = {"received_date": DAY, "events": events, "checksum": "", "dropped_at": MIDNIGHT}
        connection.execute(sa.insert(DROPPED_DAY), values)


def test_a_day_of_receipt_is_exported_exactly_as_it_is_stored(database: Database, lake: Lake) -> None:
    put(database, *ROWS)
    days = [date(2026, 3, day) for day in (4, 5, 6)]
    assert [export(database, lake, day).rows for day in days] == [1, 3, 1]
    rows = lake.lazy(RAW_EVENTS, days).collect().to_dicts()
    for row in rows:
        assert row.pop("received_date") == row["received_at"].date()
        row["payload"] = json.loads(row["payload"])
        row["flags"] = row["flags"].split(",") if row["flags"] else []
    stored = [{name: value for name, value in row.items() if name != "log_number"} for row in stored_events(database)]
    assert sorted(rows, key=lambda row: row["event_id"]) == stored


def test_exporting_again_gives_the_same_bytes(database: Database, lake: Lake) -> None:
    put(database, *ROWS)
    assert export(database, lake) == export(database, lake)


def test_a_value_changed_on_the_way_is_noticed(database: Database, lake: Lake) -> None:
    put(database, *ROWS)
    select = raw_events(conninfo(database.url), DAY)
    changed = Sql("SELECT * REPLACE (upper(visitor_id) AS visitor_id) FROM stored_events")
    with pytest.raises(CheckFailed, match=r"rows_match_source \(checksum \d+, the source's is \d+\)"):
        lake.replace(
            RAW_EVENTS, DAY, Select(changed, select.reads, expected_rows=select.expected_rows, checksum=select.checksum)
        )
    assert lake.days(RAW_EVENTS) == []


def test_a_lost_row_is_noticed(database: Database, lake: Lake) -> None:
    put(database, *ROWS)
    select = raw_events(conninfo(database.url), DAY)
    fewer = Sql("SELECT * FROM stored_events WHERE event_id <> 'a'")
    with pytest.raises(CheckFailed, match="2 rows, the source has 3"):
        lake.replace(RAW_EVENTS, DAY, Select(fewer, select.reads, expected_rows=select.expected_rows))


def test_a_day_that_is_dropped_while_it_is_exported_keeps_its_partition(database: Database, lake: Lake) -> None:
    put(database, *ROWS)
    before = export(database, lake)
    select = raw_events(conninfo(database.url), DAY)
    forget(database, before.rows)
    with pytest.raises(CheckFailed, match="0 rows, the source has 3"):
        lake.replace(RAW_EVENTS, DAY, select)
    assert lake.manifest(RAW_EVENTS, DAY) == before


def test_a_reopened_day_is_the_old_partition_and_what_came_since(database: Database, lake: Lake) -> None:
    put(database, *ROWS)
    before = export(database, lake)
    forget(database, before.rows)
    put(database, log_row("late", MIDNIGHT, title="new"))
    for _ in range(2):
        made = lake.replace(RAW_EVENTS, DAY, reopened_events(conninfo(database.url), DAY, lake.scan(RAW_EVENTS, [DAY])))
        assert made.rows == 4
    rows = lake.lazy(RAW_EVENTS, [DAY]).collect().to_dicts()
    assert sorted((row["event_id"], row["title"]) for row in rows) == [
        ("a", None),
        ("b", ""),
        ("d", None),
        ("late", "new"),
    ]
