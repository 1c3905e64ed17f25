"""Every committed event is seen once it is fenced, however its transaction was held open."""

import random
import threading
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.web_events import fence
from analytics_pipelines.web_events.fence import advance, forget, touched, watermark
from analytics_pipelines.web_events.log_tables import EVENT_LOG, SITE_DAY
from analytics_pipelines_tests.web_events.log_rows import NOON, log_row, put

DAY = timedelta(days=1)
WRITERS, BATCHES = 6, 25
FIRST = date(2026, 1, 1)


def advanced(database: Database, late_event_days: int = 3) -> fence.Advanced:
    return advance(database, NOON, late_event_days=late_event_days)


def days_of(database: Database) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {"received": [], "event": []}
    for each in touched(database):
        found[each.kind].append(each.day.day)
    return found


def site_days(database: Database) -> set[tuple[str, date]]:
    with database.reading() as connection:
        return {tuple(row) for row in connection.execute(sa.select(SITE_DAY))}


@pytest.mark.parametrize(
    ("given", "event_days"),
    [
        pytest.param({}, [5], id="no time of its own"),
        pytest.param({"event_at": NOON - 2 * DAY}, [3], id="two days late"),
        pytest.param({"event_at": NOON.replace(hour=0) - 3 * DAY}, [2], id="the last day that counts"),
        pytest.param({"event_at": NOON.replace(hour=0) - 3 * DAY - timedelta(microseconds=1)}, [], id="too late"),
        pytest.param({"event_at": NOON + 300 * DAY}, [5], id="a clock that is ahead"),
        pytest.param({"event_at": NOON - 9 * DAY, "sent_at": NOON - 8 * DAY}, [4], id="a clock that is behind"),
        pytest.param(
            {"event_at": datetime(1, 1, 1, tzinfo=UTC), "sent_at": datetime(9999, 12, 31, tzinfo=UTC)}, [], id="far"
        ),
        pytest.param(
            {"event_at": datetime(9999, 1, 1, tzinfo=UTC), "sent_at": datetime(1, 1, 1, tzinfo=UTC)}, [5], id="farther"
        ),
        pytest.param({"event_at": NOON - 9 * DAY, "source": "log"}, [24], id="a log is never late"),
    ],
)
def test_an_event_touches_the_days_of_its_receipt_and_of_its_happening(
    database: Database, given: dict[str, Any], event_days: list[int]
) -> None:
    put(database, log_row("e", **given))
    found = advanced(database)
    assert [day.day for day in found.received_days] == [5]
    assert [day.day for day in found.event_days] == event_days
    assert days_of(database) == {"received": [5], "event": event_days}
    assert {(site, day.day) for site, day in site_days(database)} == {("s", day) for day in event_days}


def test_nothing_new_touches_nothing_and_something_new_touches_anew(database: Database) -> None:
    put(database, log_row("a"))
    first = advanced(database)
    numbers = {(each.day, each.kind): each.number for each in touched(database)}
    second = advanced(database)
    assert (second.received_days, second.event_days, second.log_number) == ((), (), first.log_number)
    assert {(each.day, each.kind): each.number for each in touched(database)} == numbers
    put(database, log_row("b"))
    advanced(database)
    assert all(each.number > numbers[each.day, each.kind] for each in touched(database))


def test_a_day_that_was_touched_again_is_not_forgotten(database: Database) -> None:
    put(database, log_row("a"))
    advanced(database)
    seen = touched(database)
    put(database, log_row("b"))
    advanced(database)
    forget(database, seen)
    assert days_of(database) == {"received": [5], "event": [5]}
    forget(database, touched(database))
    assert touched(database) == []


def test_a_large_log_is_taken_in_steps(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fence, "MOST_NUMBERS", 2)
    put(database, *(log_row(str(number), NOON + number * DAY) for number in range(7)))
    assert [day.day for day in advanced(database).received_days] == [5, 6, 7, 8, 9, 10, 11]


def test_who_holds_the_log_is_named_and_nothing_is_lost(database: Database) -> None:
    put(database, log_row("a"))
    before = advanced(database)
    with database.engine.begin() as connection:
        connection.execute(sa.insert(EVENT_LOG), log_row("b"))
        found = advanced(database)
        assert found.is_blocked
        assert found.log_number == before.log_number
        assert (found.blocked_by or "").startswith("test (pid ")
        assert "idle in transaction" in (found.blocked_by or "")
        later = advance(database, NOON + DAY, late_event_days=3)
        assert later.is_blocked
    state = watermark(database)
    assert (state.blocked_since_at, state.blocked_by) == (NOON, later.blocked_by)
    freed = advanced(database)
    assert not freed.is_blocked
    assert freed.received_days == (NOON.date(),)
    state = watermark(database)
    assert (state.blocked_since_at, state.blocked_by, state.log_number) == (None, None, freed.log_number)


def test_a_strangers_open_transaction_does_not_hold_the_fence_up(database, owner_database, postgres_server) -> None:
    put(database, log_row("a"))
    elsewhere = postgres_server.create("elsewhere_" + str(next(postgres_server.numbers)))
    stranger = sa.create_engine(Database(elsewhere.owner, name="stranger", settings=_settings()).url)
    with stranger.begin() as away, owner_database.engine.begin() as near, database.engine.begin() as reader:
        away.execute(sa.text("CREATE TABLE t AS SELECT 1 AS one"))
        near.execute(sa.text("CREATE TABLE web_events.other AS SELECT 1 AS one"))
        reader.execute(sa.select(sa.func.count()).select_from(EVENT_LOG)).scalar_one()
        assert not advanced(database).is_blocked
        near.rollback()
    stranger.dispose()
    assert days_of(database) == {"received": [5], "event": [5]}


def _settings():
    from analytics_pipelines.foundation.settings import Settings

    return Settings(_env_file=None)


@pytest.mark.parametrize("seed", [1, 2])
def test_no_row_is_skipped_however_late_its_transaction_commits(database: Database, seed: int) -> None:
    """Each row has a day of its own, so that every row that is seen shows."""
    put(database, *(log_row(f"d{number}", _moment(number)) for number in range(WRITERS * BATCHES)))
    with database.writing() as connection:
        connection.execute(sa.delete(EVENT_LOG))
    advanced(database)
    forget(database, touched(database))
    committed: set[date] = set()
    writers = [
        threading.Thread(target=_write, args=(database, random.Random(seed * 100 + number), number, committed))
        for number in range(WRITERS)
    ]
    for each in writers:
        each.start()
    found: set[date] = set()
    while any(each.is_alive() for each in writers):
        found |= set(advanced(database).received_days)
        time.sleep(0.01)
    found |= set(advanced(database).received_days)
    assert len(committed) > WRITERS * BATCHES // 2
    assert found == committed
    assert {each.day for each in touched(database) if each.kind == "received"} == committed


def _moment(number: int) -> datetime:
    return datetime(FIRST.year, FIRST.month, FIRST.day, 12, tzinfo=UTC) + number * DAY


def _write(database: Database, dice: random.Random, writer: int, committed: set[date]) -> None:
    for batch in range(BATCHES):
        moment = _moment(writer * BATCHES + batch)
        with database.engine.connect() as connection, connection.begin() as transaction:
            connection.execute(sa.insert(EVENT_LOG), log_row(f"{writer}-{batch}", moment))
            time.sleep(dice.random() * 0.05)
            if dice.random() < 0.2:
                transaction.rollback()
                continue
            transaction.commit()
        committed.add(moment.date())
