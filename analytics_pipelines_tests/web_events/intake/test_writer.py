import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.web_events.intake import writer as writer_module
from analytics_pipelines.web_events.intake.lanes import LANES, Lanes
from analytics_pipelines.web_events.intake.receipts import Outcome, Receipt
from analytics_pipelines.web_events.intake.store import EventStore
from analytics_pipelines.web_events.intake.writer import GroupCommit, writer_name
from analytics_pipelines_tests.web_events.intake.items import AT, held, must_balance, receipt, refusal, stored_at_last

POISON = {"title": "\x00"}


class Spooling:
    """Stands where the spool stands, and may be full."""

    def __init__(self) -> None:
        self.items: list[object] = []
        self.is_full = False

    async def __call__(self, items) -> None:
        await asyncio.sleep(0)
        if self.is_full:
            raise Unavailable("The spool is full.")
        self.items += items


@pytest.fixture
def spooling() -> Spooling:
    return Spooling()


@pytest.fixture
def commits(monkeypatch) -> list[int]:
    """Sizes of the batches as they are given to PostgreSQL."""
    seen: list[int] = []
    real = EventStore.store

    async def noted(self, connection, items, writer):
        seen.append(len(items))
        return await real(self, connection, items, writer)

    monkeypatch.setattr(EventStore, "store", noted)
    return seen


@asynccontextmanager
async def committing(urls, spooling, *, wait_s: float = 0.01) -> AsyncIterator[GroupCommit]:
    lanes = Lanes(lambda: urls.app, "test", lambda: AT, lambda _since: None)
    await lanes.open(10)
    intake = GroupCommit(lanes, spooling, wait_s=wait_s)
    try:
        yield intake
    finally:
        await intake.close()
        await lanes.close()


def run(urls, spooling, work, **given):
    """What the work gives on a group commit."""

    async def inside():
        async with committing(urls, spooling, **given) as intake:
            return await work(intake)

    return asyncio.run(asyncio.wait_for(inside(), 60))


def words(taken) -> list[str]:
    return [each.outcome.value for each in taken]


def test_each_request_is_told_its_own_outcomes_in_order(database_urls, database, spooling):
    async def work(intake):
        assert words(await intake.take([receipt("a")])) == ["stored"]
        requests = [
            [receipt("b"), refusal("f"), receipt("a")],
            [],
            [receipt("b"), receipt("bad", **POISON), receipt("c")],
            [refusal("g")],
        ]
        return [words(taken) for taken in await asyncio.gather(*map(intake.take, requests))]

    assert run(database_urls, spooling, work) == [
        ["stored", "rejected", "duplicate"],
        [],
        ["duplicate", "rejected", "stored"],
        ["rejected"],
    ]
    assert spooling.items == []
    must_balance(database)


def test_requests_that_come_together_share_a_commit(database_urls, database, spooling, commits):
    async def work(intake):
        await asyncio.gather(*(intake.take([receipt(str(n))]) for n in range(50)))

    run(database_urls, spooling, work)
    assert commits == [50]
    assert len(held(database)[1]) == 50


def test_a_commit_of_many_requests_ends_at_its_most_items(database_urls, spooling, commits, monkeypatch):
    monkeypatch.setattr(writer_module, "MOST_GROUP", 4)

    async def work(intake):
        sizes = [3, 3, 1, 9, 2]
        requests = [[receipt(f"{n}-{each}") for each in range(size)] for n, size in enumerate(sizes)]
        return [len(taken) for taken in await asyncio.gather(*map(intake.take, requests))]

    assert run(database_urls, spooling, work) == [3, 3, 1, 9, 2]
    assert commits == [3, 4, 9, 2]


def test_while_one_commit_is_held_up_the_second_lane_goes_on(database_urls, database, spooling):
    """A key that another transaction holds stops only the batch that it is in."""
    url = database_urls.app.replace("+psycopg", "")

    async def work(intake):
        async with await psycopg.AsyncConnection.connect(url) as other:
            await other.execute("INSERT INTO web_events.event_key VALUES ('s', 'slow', now())")
            slow = asyncio.ensure_future(intake.take([receipt("slow")]))
            await asyncio.sleep(0.05)
            assert words(await intake.take([receipt("quick")])) == ["stored"]
            assert not slow.done()
            await other.rollback()
        return words(await slow)

    assert run(database_urls, spooling, work) == ["stored"]
    must_balance(database)


def test_a_client_that_goes_away_takes_nothing_from_the_others(database_urls, database, spooling):
    async def work(intake):
        tasks = [asyncio.ensure_future(intake.take([receipt(str(n))])) for n in range(10)]
        await asyncio.sleep(0)
        tasks[3].cancel()
        await asyncio.sleep(0)
        tasks[4].cancel()
        return [words(await task) for n, task in enumerate(tasks) if n not in {3, 4}]

    assert run(database_urls, spooling, work) == [["stored"]] * 8
    must_balance(database)


def test_too_much_that_waits_is_refused_and_there_is_room_again(database_urls, spooling, monkeypatch):
    monkeypatch.setattr(writer_module, "MOST_WAITING_BYTES", 3_500)

    async def work(intake):
        found = await asyncio.gather(*(intake.take([receipt(str(n))]) for n in range(5)), return_exceptions=True)
        assert Counter(type(each) for each in found) == {list: 3, Unavailable: 2}
        return words(await intake.take([receipt("later")]))

    assert run(database_urls, spooling, work) == ["stored"]


def ended(server, urls) -> None:
    """End all connections of the intake, as a server does that goes down."""
    name = sa.make_url(urls.app).database
    query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND application_name = 'test'"
    with psycopg.connect(server.superuser(), autocommit=True) as connection:
        connection.execute(query, [name])


def test_events_of_a_lost_connection_are_spooled_and_later_ones_are_stored(
    database_urls, database, spooling, postgres_server
):
    items = [receipt("b"), refusal("f")]

    async def work(intake):
        await intake.take([receipt("a")])
        ended(postgres_server, database_urls)
        assert words(await intake.take(items)) == ["accepted", "rejected"]
        await stored_at_last(intake, receipt("c"))

    run(database_urls, spooling, work)
    assert spooling.items[:2] == items
    assert held(database)[1] == {("s", "a"), ("s", "c")}


def test_a_server_that_does_not_answer_costs_no_event(database_urls, database, spooling, monkeypatch, owner_database):
    monkeypatch.setattr(writer_module, "PATIENCE_S", 0.2)

    async def work(intake):
        await intake.take([receipt("a")])
        with owner_database.writing() as connection:
            connection.execute(sa.text("LOCK TABLE web_events.event_log IN ACCESS EXCLUSIVE MODE"))
            return words(await intake.take([receipt("b"), receipt("c")]))

    assert run(database_urls, spooling, work) == ["accepted", "accepted"]
    assert [item.event_id for item in spooling.items] == ["b", "c"]
    must_balance(database)


def test_when_the_spool_is_full_too_nobody_is_told_a_success(database_urls, spooling, postgres_server):
    spooling.is_full = True

    async def work(intake):
        ended(postgres_server, database_urls)
        requests = (intake.take([receipt(str(n))]) for n in range(3))
        return await asyncio.gather(*requests, return_exceptions=True)

    assert [type(each) for each in run(database_urls, spooling, work)] == [Unavailable] * 3


def test_a_fault_of_ours_is_told_to_those_who_wait_and_the_next_batch_is_stored(
    database_urls, spooling, monkeypatch, caplog
):
    real = EventStore.insert

    async def failing(self, connection, items, writer):
        if items[0].event_id == "odd":
            raise RuntimeError("a fault")
        return await real(self, connection, items, writer)

    monkeypatch.setattr(EventStore, "insert", failing)

    async def work(intake):
        with pytest.raises(Unavailable):
            await intake.take([receipt("odd")])
        await stored_at_last(intake, receipt("even"))

    run(database_urls, spooling, work)


def test_closing_waits_for_everything_that_was_taken(database_urls, database, spooling, monkeypatch):
    monkeypatch.setattr(writer_module, "MOST_GROUP", 5)

    async def work():
        async with committing(database_urls, spooling) as intake:
            tasks = [asyncio.ensure_future(intake.take([receipt(str(n))])) for n in range(40)]
            await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await intake.take([receipt("late")])
        return [task.result()[0].outcome for task in tasks]

    assert asyncio.run(work()) == [Outcome.STORED] * 40
    assert len(held(database)[1]) == 40


@pytest.mark.parametrize("wait_s", [0.0, 0.001, 1.0])
def test_many_clients_at_once_balance_whatever_the_wait(database_urls, database, spooling, wait_s, commits):
    async def work(intake):
        async def client(number: int) -> list[str]:
            return [words(await intake.take([receipt(f"{each % 7}-{number % 3}")]))[0] for each in range(20)]

        return Counter(outcome for found in await asyncio.gather(*map(client, range(12))) for outcome in found)

    assert run(database_urls, spooling, work, wait_s=wait_s) == {"stored": 21, "duplicate": 219}
    assert sum(commits) == 240
    must_balance(database)


def test_writers_of_one_machine_have_names_of_their_own():
    assert len({writer_name(str(number)) for number in range(LANES)} | {writer_name("drain")}) == LANES + 1


def test_an_event_that_is_spooled_is_the_one_that_was_taken(database_urls, spooling, postgres_server):
    async def work(intake):
        ended(postgres_server, database_urls)
        await intake.take([receipt("a", flags=("x",))])

    run(database_urls, spooling, work)
    assert spooling.items == [receipt("a", flags=("x",))]
    assert isinstance(spooling.items[0], Receipt)
