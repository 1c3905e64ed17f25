import asyncio
from datetime import date, timedelta

import psycopg
import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.web_events.intake import drain as drain_module
from analytics_pipelines.web_events.intake.drain import AWAY, Drain, SpoolState, spool_state, spooled_by_day_and_site
from analytics_pipelines.web_events.intake.entries import entry_of
from analytics_pipelines.web_events.intake.spool import Spool
from analytics_pipelines.web_events.intake.store import EventStore
from analytics_pipelines.web_events.log_tables import SPOOL_MARK
from analytics_pipelines_tests.web_events.intake.items import AT, counted, must_balance, over, receipt, refusal, until
from analytics_pipelines_tests.web_events.stored import failed_events, stored_events


@pytest.fixture
def spool(settings):
    found = Spool.of(settings)
    yield found
    found.close()


async def in_thread(work, *given):
    return await asyncio.to_thread(work, *given)


async def unchanged(_connection, items):
    return items


def drained(spool, urls, change=lambda _drain: None) -> None:
    """Drain once, with a drain that was changed before."""

    async def work():
        drain = Drain(spool, in_thread, lambda: urls.app, "drain", unchanged)
        change(drain)
        await drain.drain()

    asyncio.run(work())


def mark(database) -> int | None:
    with database.reading() as connection:
        return connection.scalar(sa.select(SPOOL_MARK.c.drained_number))


def fill(spool, *items) -> None:
    spool.append([entry_of(item) for item in items])


def ids(database) -> list[str]:
    return [row["event_id"] for row in sorted(stored_events(database), key=lambda row: row["log_number"])]


def test_an_unused_spool_is_not_even_made(spool, database_urls, database):
    drained(spool, database_urls)
    assert not spool.exists
    assert mark(database) is None


def test_everything_that_waits_is_moved_in_order_and_the_mark_with_it(spool, database_urls, database, monkeypatch):
    monkeypatch.setattr(drain_module, "MOST_ENTRIES", 7)
    fill(spool, *(receipt(f"{number:03}") for number in range(30)), refusal("f"))
    drained(spool, database_urls)
    assert ids(database) == [f"{number:03}" for number in range(30)]
    assert (mark(database), spool.total().events) == (31, 0)
    must_balance(database)


def test_what_is_in_the_log_already_becomes_a_duplicate(spool, database_urls, database):
    """So ends a commit whose answer was lost."""
    asyncio.run(over(database_urls, lambda c: EventStore().store(c, [receipt("a"), refusal("f")], "w")))
    fill(spool, receipt("a"), refusal("f"), receipt("b"))
    drained(spool, database_urls)
    assert counted(database) == {(date(2026, 3, 5), "s", "collect"): (5, 2, 2, 1)}
    must_balance(database)


@pytest.mark.parametrize("most", [1, 2, 7, 1000])
def test_poison_does_not_stop_it_and_only_poison_is_refused(spool, database_urls, database, most):
    bad = {"payload": '{"a": "\\u0000"}'}
    items = [receipt(f"{n:02}", **(bad if n in {0, 5, 6, 19} else {})) for n in range(20)]
    fill(spool, *items)
    drained(spool, database_urls, lambda drain: setattr(drain, "_most", most))
    assert ids(database) == [f"{n:02}" for n in range(20) if n not in {0, 5, 6, 19}]
    assert sorted(row["event_id"] for row in failed_events(database)) == ["00", "05", "06", "19"]
    assert spool.total().events == 0
    must_balance(database)


def test_days_without_partition_are_made_on_the_way(spool, database_urls, database):
    fill(spool, *(receipt(str(n), received_at=AT + timedelta(days=n)) for n in range(4)))
    drained(spool, database_urls)
    assert sorted(ids(database)) == ["0", "1", "2", "3"]


def test_entries_that_were_drained_before_a_kill_are_only_deleted(spool, database_urls, database):
    fill(spool, receipt("a"), receipt("b"))
    with pytest.raises(RuntimeError):
        drained(spool, database_urls, lambda drain: setattr(drain, "_spool", Undeletable(spool)))
    assert (ids(database), spool.total().events) == (["a", "b"], 2)
    fill(spool, receipt("c"))
    drained(spool, database_urls)
    assert (ids(database), spool.total().events) == (["a", "b", "c"], 0)
    assert counted(database) == {(date(2026, 3, 5), "s", "collect"): (3, 3, 0, 0)}


class Undeletable:
    """A spool whose process dies between the commit and the deletion."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def __getattr__(self, name: str):
        return getattr(self._spool, name)

    def forget(self, number: int) -> None:
        raise RuntimeError(number)


def test_items_are_judged_again_in_the_transaction_that_stores_them(spool, database_urls, database):
    fill(spool, receipt("a"), receipt("b"))

    async def judge(connection, items):
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
        return [refusal("f") if item.event_id == "a" else item for item in items]

    drained(spool, database_urls, lambda drain: setattr(drain, "_judge", judge))
    assert (ids(database), [row["failed_id"] for row in failed_events(database)]) == (["b"], ["f"])
    must_balance(database)


def test_one_drains_while_others_find_it_taken(spool, database_urls, database):
    fill(spool, receipt("a"))
    with database.writing() as connection:
        values = {"spool_id": spool.spool_id, "drained_number": 0, "drained_at": AT}
        connection.execute(sa.insert(SPOOL_MARK).values(values))
    with database.writing() as connection:
        connection.execute(sa.select(SPOOL_MARK).with_for_update()).all()
        drained(spool, database_urls)
        assert spool.total().events == 1
    drained(spool, database_urls)
    assert ids(database) == ["a"]


def test_several_drains_at_once_move_each_entry_once(spool, database_urls, database, monkeypatch):
    monkeypatch.setattr(drain_module, "MOST_ENTRIES", 3)
    fill(spool, *(receipt(f"{number:03}") for number in range(60)))

    async def work():
        drains = [Drain(spool, in_thread, lambda: database_urls.app, "drain" + str(n), unchanged) for n in range(3)]
        while spool.total().events:
            await asyncio.gather(*(drain.drain() for drain in drains))

    asyncio.run(work())
    assert ids(database) == [f"{number:03}" for number in range(60)]
    assert counted(database) == {(date(2026, 3, 5), "s", "collect"): (60, 60, 0, 0)}


def test_while_postgresql_is_away_it_raises_and_keeps_everything(spool):
    def nobody_knows() -> str:
        raise Unavailable("away")

    fill(spool, receipt("a"))
    with pytest.raises(Unavailable):
        asyncio.run(Drain(spool, in_thread, nobody_knows, "drain", unchanged).drain())
    assert spool.total().events == 1


def test_it_runs_by_itself_through_errors_until_it_is_stopped(spool, database_urls, database, monkeypatch):
    monkeypatch.setattr(drain_module, "POLL_S", 0.01)
    tries = []

    def url() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise Unavailable("away")
        return database_urls.app

    async def work():
        drain = Drain(spool, in_thread, url, "drain", unchanged)
        running = asyncio.ensure_future(drain.run())
        fill(spool, receipt("a"))
        await until(lambda: spool.total().events == 0)
        drain.stop()
        await asyncio.wait_for(running, 5)

    asyncio.run(work())
    assert ids(database) == ["a"]


def test_the_state_can_be_asked_from_any_process(settings, spool):
    limit = settings.spool_max_bytes
    assert spool_state(settings) == SpoolState(0, 0, limit, None, None)
    assert not spool.exists
    fill(spool, receipt("a"))
    spool.remember(AWAY, {"since": AT.isoformat()})
    assert spool_state(settings) == SpoolState(1, spool.total().bytes, limit, AT, AT)


def test_what_waits_is_counted_behind_the_mark(settings, spool, database):
    assert spooled_by_day_and_site(settings, database) == {}
    fill(spool, receipt("a"), receipt("b"), refusal("f", site_id=None))
    day = AT.date()
    assert spooled_by_day_and_site(settings, database) == {(day, "s"): 2, (day, ""): 1}
    with database.writing() as connection:
        values = {"spool_id": spool.spool_id, "drained_number": 1, "drained_at": AT}
        connection.execute(sa.insert(SPOOL_MARK).values(values))
    assert spooled_by_day_and_site(settings, database) == {(day, "s"): 1, (day, ""): 1}
