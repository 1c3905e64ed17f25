"""PostgreSQL without the visitor: rows, keys, rejects, counters that balance, touched days."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.operations.erasure.log import (
    WRITER,
    count_in_log,
    dropped_dates,
    erase_from_log,
    erase_keys,
    linked_visitors,
    touch,
    uncount_dropped,
)
from analytics_pipelines.operations.erasure.visitor import Visitor
from analytics_pipelines.web_events.log_tables import DROPPED_DAY, INTAKE_COUNT, TOUCHED_DAY
from analytics_pipelines_tests.operations.visitors import NOON, SITE, counters, receipt, refusal, store
from analytics_pipelines_tests.web_events.stored import failed_events, stored_events, stored_keys

DAY = timedelta(days=1)
ANNA = Visitor(SITE, frozenset({"anna-1234"}))


def erased(database: Database, visitor: Visitor = ANNA):
    with database.writing() as connection:
        return erase_from_log(connection, visitor, NOON)


def touched(database: Database) -> set[tuple[date, str]]:
    with database.reading() as connection:
        return {(row.touched_date, row.kind) for row in connection.execute(sa.select(TOUCHED_DAY))}


def test_events_keys_and_rejects_go_and_those_of_others_stay(database: Database) -> None:
    store(
        database,
        [
            receipt("1", "anna-1234"),
            receipt("2", "ben"),
            receipt("3", "anna-1234", NOON + DAY),
            refusal("f1", b'{"visitorId": "anna-1234"}'),
            refusal("f2", b'{"visitorId": "ben"}'),
            refusal("f3", b"", visitor_id="anna-1234"),
            refusal("f4", b"", event_id="3"),
            refusal("f5", b"visitorId=anna-1234", site_id=None),
        ],
    )
    with database.reading() as connection:
        assert count_in_log(connection, ANNA) == 5
    found = erased(database)
    assert (found.events, found.rejects) == (2, 4)
    assert found.received_dates == {NOON.date(), (NOON + DAY).date()}
    assert [row["event_id"] for row in stored_events(database)] == ["2"]
    assert [row["event_id"] for row in stored_keys(database)] == ["2"]
    assert [row["failed_id"] for row in failed_events(database)] == ["f2"]
    with database.reading() as connection:
        assert count_in_log(connection, ANNA) == 0


def test_the_counters_balance_with_what_is_left(database: Database) -> None:
    store(database, [receipt("1", "anna-1234"), receipt("1", "anna-1234"), receipt("2", "ben")])
    store(database, [refusal("f1", b'"anna-1234"'), refusal("f2", b'"anna-1234"', site_id=None)])
    assert counters(database) == (5, 2, 1, 2)
    erased(database)
    assert counters(database) == (2, 1, 1, 0)
    erased(database)
    assert counters(database) == (2, 1, 1, 0)
    with database.reading() as connection:
        of_erasure = sa.select(INTAKE_COUNT.c.site_id).where(INTAKE_COUNT.c.writer == WRITER)
        assert set(connection.scalars(of_erasure)) == {SITE, ""}


def test_the_days_of_receipt_and_of_happening_are_touched_but_none_that_was_too_late(database: Database) -> None:
    days_ago = [NOON - 2 * DAY, NOON - 400 * DAY]
    store(database, [receipt(str(number), "anna-1234", event_at=at) for number, at in enumerate(days_ago)])
    assert touched(database) == set()
    erased(database)
    assert touched(database) == {(NOON.date(), "received"), ((NOON - 2 * DAY).date(), "event")}


def test_touching_a_day_again_gives_it_another_number(database: Database) -> None:
    numbers = []
    for _ in range(2):
        with database.writing() as connection:
            touch(connection, [NOON.date()], "event", NOON)
            numbers.append(connection.execute(sa.select(TOUCHED_DAY.c.touch_number)).scalar_one())
    assert numbers[0] < numbers[1]


def test_the_hashes_of_neighbouring_days_are_one_visitor(database: Database) -> None:
    store(
        database,
        [
            receipt("1", "h2", visitor_id_before="h1"),
            receipt("2", "h3", NOON + DAY, visitor_id_before="h2"),
            receipt("3", "x3", NOON + DAY, visitor_id_before="x2"),
            receipt("4", "h4", NOON + DAY, visitor_id_before="h3", site_id="other"),
        ],
    )
    with database.reading() as connection:
        assert linked_visitors(connection, SITE, {"h1"}) == {"h1", "h2", "h3"}
        assert linked_visitors(connection, SITE, {"h3"}) == {"h1", "h2", "h3"}
        assert linked_visitors(connection, SITE, {"nobody"}) == {"nobody"}


def test_another_site_with_the_same_visitor_is_left_alone(database: Database) -> None:
    store(database, [receipt("1", "anna-1234", site_id="other"), refusal("f1", b'"anna-1234"', site_id="other")])
    found = erased(database)
    assert (found.events, found.rejects, found.received_dates) == (0, 0, frozenset())
    assert counters(database) == (2, 1, 0, 1)


@pytest.mark.parametrize("most", [1, 10_000], ids=["one at a time", "all at once"])
def test_keys_of_events_that_live_in_the_lake_are_deleted_once(database: Database, monkeypatch, most) -> None:
    monkeypatch.setattr("analytics_pipelines.operations.erasure.log.MOST_KEYS_AT_ONCE", most)
    store(database, [receipt("1", "anna-1234"), receipt("2", "anna-1234"), receipt("3", "ben")])
    with database.writing() as connection:
        assert erase_keys(connection, SITE, ["1", "2", "9"]) == {"1", "2"}
        assert erase_keys(connection, SITE, ["1", "2", "9"]) == set()
        assert erase_keys(connection, SITE, []) == set()
    assert [row["event_id"] for row in stored_keys(database)] == ["3"]


def test_the_record_of_a_dropped_day_follows(database: Database) -> None:
    day = NOON.date()
    store(database, [receipt("1", "anna-1234"), receipt("2", "ben")])
    with database.writing() as connection:
        connection.execute(
            sa.insert(DROPPED_DAY).values(received_date=day, events=2, checksum=str(10**30), dropped_at=NOON)
        )
        assert dropped_dates(connection) == {day}
        uncount_dropped(connection, SITE, day, ["collect"], 7)
        row = connection.execute(sa.select(DROPPED_DAY)).one()
    assert (row.events, row.checksum) == (1, str(10**30 - 7))
    assert counters(database) == (1, 1, 0, 0)
