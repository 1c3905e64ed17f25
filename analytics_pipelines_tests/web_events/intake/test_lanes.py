import asyncio

import psycopg
import pytest

from analytics_pipelines.foundation.errors import TimedOut, Unavailable
from analytics_pipelines.web_events.intake.lanes import LANES, Lanes, connected, within
from analytics_pipelines_tests.web_events.intake.items import AT, over, until

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


class Door:
    """The database's URL, which may be unknown or change."""

    def __init__(self, url: str | None) -> None:
        self.url = url

    def __call__(self) -> str:
        if self.url is None:
            raise Unavailable("away")
        return self.url


def lanes_of(door, heard: list) -> Lanes:
    return Lanes(door, "test", lambda: AT, heard.append)


def test_a_connection_of_the_intake_waits_for_the_disk_and_has_a_deadline(database_urls):
    asked = ("synchronous_commit", "timezone", "statement_timeout", "application_name")

    async def ask(connection):
        return [(await (await connection.execute("SHOW " + name)).fetchone())[0] for name in asked]

    assert asyncio.run(over(database_urls, ask)) == ["on", "UTC", "10s", "test"]


def test_options_of_the_url_hold_but_ours_come_last(database_urls):
    url = database_urls.app + "&options=-c%20synchronous_commit%3Doff%20-c%20work_mem%3D5MB"

    async def ask():
        connection = await connected(lambda: url, "test")
        found = [
            (await (await connection.execute("SHOW " + name)).fetchone())[0]
            for name in ("synchronous_commit", "work_mem")
        ]
        await connection.close()
        return found

    assert asyncio.run(ask()) == ["on", "5MB"]


@pytest.mark.parametrize("url", [None, NOWHERE, "no url"], ids=["unknown", "nobody there", "no URL"])
def test_a_server_that_can_not_be_reached_is_away(url):
    with pytest.raises(Unavailable):
        asyncio.run(connected(Door(url), "test"))


def test_work_past_its_time_is_cut_off_from_a_server_that_does_not_answer(database_urls):
    async def sleep(connection):
        with pytest.raises(TimedOut):
            await within(connection, 0.1, connection.execute("SELECT pg_sleep(60)"))
        assert connection.broken

    asyncio.run(asyncio.wait_for(over(database_urls, sleep), 10))


def test_work_in_time_gives_its_result_or_its_own_error(database_urls):
    async def divide(connection):
        cursor = await within(connection, 10, connection.execute("SELECT 1"))
        assert await cursor.fetchone() == (1,)
        with pytest.raises(psycopg.errors.DivisionByZero):
            await within(connection, 10, connection.execute("SELECT 1 / 0"))

    asyncio.run(over(database_urls, divide))


def test_as_many_connections_are_handed_out_as_there_are_lanes(database_urls):
    async def work():
        heard = []
        lanes = lanes_of(Door(database_urls.app), heard)
        assert (lanes.take(), lanes.away_since) == (None, AT)
        await lanes.open(10)
        taken = [lanes.take() for _ in range(LANES)]
        assert len(set(taken)) == LANES
        assert lanes.take() is None
        lanes.give_back(taken[0])
        assert lanes.take() is taken[0]
        assert (heard, lanes.away_since) == ([None], None)
        for each in taken:
            lanes.give_back(each)
        await lanes.close()
        assert all(each.closed for each in taken)

    asyncio.run(work())


def test_a_server_that_went_away_is_found_where_it_is_now(database_urls, postgres_server):
    other = postgres_server.create("moved")

    async def work():
        heard = []
        door = Door(database_urls.app)
        lanes = lanes_of(door, heard)
        await lanes.open(10)
        lost, held = lanes.take(), lanes.take()
        door.url = None
        lanes.lost(lost, psycopg.OperationalError())
        lanes.give_back(held)
        assert (lanes.take(), heard) == (None, [None, AT])
        door.url = other.app
        await until(lambda: lanes.away_since is None)
        found = lanes.take()
        assert found.info.dbname == "moved"
        await until(lambda: lost.closed and held.closed)
        lanes.give_back(found)
        await lanes.close()
        assert heard == [None, AT, None]

    asyncio.run(work())
    postgres_server.drop("moved")


def test_one_that_starts_without_a_server_says_so_and_goes_on_looking(database_urls):
    async def work():
        heard = []
        door = Door(None)
        lanes = lanes_of(door, heard)
        await lanes.open(10)
        assert heard == [AT]
        door.url = database_urls.app
        await until(lambda: heard == [AT, None])
        await lanes.close()

    asyncio.run(work())


def test_closing_ends_a_search_that_finds_nothing():
    async def work():
        lanes = lanes_of(Door(NOWHERE), [])
        await lanes.open(10)
        await asyncio.wait_for(lanes.close(), 5)

    asyncio.run(work())
