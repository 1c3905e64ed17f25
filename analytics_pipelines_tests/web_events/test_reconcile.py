"""What balances, and what is told where a stage holds something else than the one before it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.select import ArrowRows, Select
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Table, Type
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.web_events import reconcile as module
from analytics_pipelines.web_events.log_tables import DROPPED_DAY, EXPORT_WATERMARK, TOUCHED_DAY
from analytics_pipelines.web_events.reconcile import (
    DaysBackwards,
    Difference,
    ReceiptDay,
    Span,
    TooManyDays,
    TooManyRows,
    reconcile,
    since,
)
from analytics_pipelines.web_events.tables import CORE_EVENTS, LATE_EVENTS, RAW_EVENTS
from analytics_pipelines_tests.generations import folders_of
from analytics_pipelines_tests.web_events.logged import (
    DAY,
    NOON,
    counted,
    event,
    failed,
    write_counts,
    write_events,
    write_failed,
)

NEXT = DAY + timedelta(days=1)
VALUES: dict[Type, object] = {Type.TEXT: "", Type.BOOL: False, Type.INT: 0}


def found(
    database: Database, lease: Lease | None = None, *, site: str | None = None, **given: Any
) -> dict[tuple[date, str], ReceiptDay]:
    days = reconcile(
        database,
        lease,
        given.get("spooled", {}),
        Span(DAY, NEXT, site),
        failed_since=given.get("failed_since", DAY),
    )
    assert [(each.received_date, each.site_id) for each in days] == sorted(
        (each.received_date, each.site_id) for each in days
    )
    return {(each.received_date, each.site_id): each for each in days}


def row_of(table: Table, **given: object) -> dict[str, object]:
    """One row with something in every column."""
    row = {
        column.name: None if column.is_nullable else (column.one_of or (VALUES.get(column.type),))[0]
        for column in table.columns
    }
    return row | given


def received(table: Table, event_id: str, at: datetime, **given: object) -> dict[str, object]:
    row = row_of(table, site_id="shop", event_id=event_id, received_at=at, event_at=given.get("event_at", at))
    days = {"received_date": at.date(), "event_date": row["event_at"].date()}
    return row | {name: day for name, day in days.items() if name in row} | given


def write(lake: Lake, table: Table, day: date, rows: list[dict[str, object]]) -> None:
    names = [column.name for column in table.columns]
    arrow = pa.table({name: [row[name] for row in rows] for name in names})
    lake.replace(table, day, Select(Sql("SELECT * FROM given"), reads={"given": ArrowRows(arrow)}))


@pytest.fixture
def lease(settings: Settings, lake: Lake) -> Iterator[Lease]:
    """A generation of two raw events of the day, one of them too late, and of one in core that came on the next."""
    noon_before = NOON - timedelta(days=1)
    at_dawn = datetime.combine(NEXT, time(0, 10), UTC)
    write(lake, RAW_EVENTS, DAY, [received(RAW_EVENTS, name, NOON) for name in ("a", "late")])
    write(lake, RAW_EVENTS, NEXT, [received(RAW_EVENTS, "b", at_dawn)])
    write(lake, LATE_EVENTS, DAY, [received(LATE_EVENTS, "late", NOON)])
    write(lake, LATE_EVENTS, NEXT, [])
    write(lake, CORE_EVENTS, DAY, [received(CORE_EVENTS, "b", at_dawn, event_at=NOON)])
    write(lake, CORE_EVENTS, noon_before.date(), [received(CORE_EVENTS, "a", NOON, event_at=noon_before)])
    build_generation(settings, lake, (RAW_EVENTS, LATE_EVENTS, CORE_EVENTS))
    folders = folders_of(settings)
    opened = Lease.open(folders.folder(str(folders.current_id())), settings)
    yield opened
    opened.close()


def everything(database: Database) -> None:
    """What the intake would have left of the events of that generation."""
    write_events(database, [event("a"), event("late"), event("b", received_at=NOON + timedelta(hours=12, minutes=10))])
    write_counts(database, [counted(received=2, stored=2), counted(NEXT, received=1, stored=1)])


def test_counters_of_all_writers_and_sources_add_up(database: Database) -> None:
    write_counts(
        database,
        [
            counted(received=5, stored=3, duplicate=1, rejected=1),
            counted(writer="w2", received=2, stored=2),
            counted(source="pixel", received=1, duplicate=1),
            counted(site_id="", received=1, rejected=1),
            counted(NEXT, received=1, stored=1),
        ],
    )
    days = found(database, spooled={(DAY, "shop"): 4, (DAY, "new"): 1, (DAY - timedelta(days=1), "shop"): 9})
    assert set(days) == {(DAY, "shop"), (DAY, ""), (DAY, "new"), (NEXT, "shop")}
    shop = days[DAY, "shop"]
    assert (shop.received, shop.stored, shop.duplicate, shop.rejected, shop.spooled) == (12, 5, 2, 1, 4)
    assert (days[DAY, "new"].received, days[DAY, "new"].spooled) == (1, 1)
    assert all(day.is_balanced for day in days.values())


def test_what_does_not_add_up_is_told(database: Database) -> None:
    write_counts(database, [counted(received=5, stored=3)])
    assert not found(database)[DAY, "shop"].is_balanced


def test_one_site_is_told_alone(database: Database) -> None:
    write_counts(database, [counted(received=1, stored=1), counted(site_id="other", received=1, rejected=1)])
    write_events(database, [event("a"), event("b", site_id="other")])
    write_failed(database, [failed(site_id="other"), failed("f2")])
    days = found(database, site="other", spooled={(DAY, "shop"): 1})
    assert set(days) == {(DAY, "other")}
    assert (days[DAY, "other"].event_log, days[DAY, "other"].failed) == (1, 1)


def test_the_log_and_the_rejects_are_held_against_the_counters(database: Database) -> None:
    write_counts(database, [counted(received=3, stored=2, rejected=1), counted(site_id="", received=1, rejected=1)])
    write_events(database, [event("a")])
    write_failed(database, [failed(site_id=None), failed("f2", site_id=None)])
    days = found(database)
    assert days[DAY, "shop"].differences == (Difference("event_log", 2, 1), Difference("failed_event", 1, 0))
    assert days[DAY, ""].differences == (Difference("failed_event", 1, 2),)


@pytest.mark.parametrize(("outcome", "rejects"), [("stored", 0), ("duplicate", 0), ("rejected", 1), (None, 1)])
def test_a_reject_that_was_replayed_with_success_is_none_any_more(
    database: Database, outcome: str | None, rejects: int
) -> None:
    write_failed(database, [failed(outcome=outcome, replayed_at=NOON if outcome else None)])
    assert sum(day.failed or 0 for day in found(database).values()) == rejects


def test_rejects_that_are_swept_by_now_are_not_compared(database: Database) -> None:
    write_counts(database, [counted(received=1, rejected=1), counted(NEXT, received=1, rejected=1)])
    days = found(database, failed_since=NEXT)
    assert (days[DAY, "shop"].failed, days[DAY, "shop"].differences) == (None, ())
    assert days[NEXT, "shop"].differences == (Difference("failed_event", 1, 0),)


def test_the_first_day_with_all_rejects_is_counted_from_today() -> None:
    assert since(date(2026, 5, 17), 1) == date(2026, 5, 17)
    assert since(date(2026, 5, 17), 90) == date(2026, 2, 17)


def test_every_stage_of_the_lake_is_counted_by_the_day_of_receipt(database: Database, lease: Lease) -> None:
    everything(database)
    days = found(database, lease)
    first, second = days[DAY, "shop"], days[NEXT, "shop"]
    assert (first.event_log, first.raw, first.late, first.core) == (2, 2, 1, 1)
    assert (second.event_log, second.raw, second.late, second.core) == (1, 1, 0, 1)
    assert first.differences == second.differences == ()
    assert found(database, lease, site="other") == {}


def test_what_the_lake_lacks_or_has_too_much_is_told(database: Database, lease: Lease) -> None:
    write_events(database, [event("a"), event("late"), event("new")])
    write_counts(database, [counted(received=3, stored=3)])
    days = found(database, lease)
    assert days[DAY, "shop"].differences == (Difference("raw", 3, 2),)
    assert days[NEXT, "shop"].differences == (Difference("raw", 0, 1),)


def test_before_the_first_publication_the_lake_is_not_compared(database: Database) -> None:
    everything(database)
    day = found(database)[DAY, "shop"]
    assert (day.raw, day.late, day.core, day.differences) == (None, None, None, ())


def test_a_dropped_day_is_compared_with_the_lake_alone(database: Database, lease: Lease) -> None:
    write_counts(database, [counted(received=2, stored=2), counted(NEXT, received=2, stored=2)])
    with database.writing() as connection:
        for day in (DAY, NEXT):
            row = {"received_date": day, "events": 2, "checksum": "x", "dropped_at": NOON}
            connection.execute(sa.insert(DROPPED_DAY).values(row))
    days = found(database, lease)
    assert (days[DAY, "shop"].is_dropped, days[DAY, "shop"].event_log, days[DAY, "shop"].differences) == (True, 0, ())
    assert days[NEXT, "shop"].differences == (Difference("raw", 2, 1),)


def test_a_day_is_pending_until_the_export_has_made_it(database: Database) -> None:
    everything(database)
    assert found(database)[DAY, "shop"].is_pending
    with database.writing() as connection:
        fence = sa.text("SELECT max(log_number) FROM web_events.event_log")
        row = {"name": "lake", "log_number": connection.scalar(fence)}
        connection.execute(sa.insert(EXPORT_WATERMARK).values(row))
        touched = {"touched_date": DAY, "kind": "received", "touched_at": NOON}
        connection.execute(sa.insert(TOUCHED_DAY).values(touched))
        connection.execute(sa.insert(TOUCHED_DAY).values(touched | {"touched_date": NEXT, "kind": "event"}))
    days = found(database)
    assert (days[DAY, "shop"].is_pending, days[NEXT, "shop"].is_pending) == (True, False)


def test_a_span_is_bounded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DaysBackwards):
        Span(NEXT, DAY)
    Span(DAY, DAY + timedelta(days=365))
    with pytest.raises(TooManyDays):
        Span(DAY, DAY + timedelta(days=366))
    monkeypatch.setattr(module, "MOST_ROWS", 1)
    write_counts(database, [counted(received=1, stored=1), counted(NEXT, received=1, stored=1)])
    with pytest.raises(TooManyRows):
        found(database)
