"""The sites that a worker knows, while PostgreSQL answers and while it does not."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.web_events import sites
from analytics_pipelines.web_events.intake.directory import NAME, Directory, open_directory
from analytics_pipelines.web_events.intake.spool import Spool
from analytics_pipelines.web_events.suppress import suppress
from analytics_pipelines_tests.web_events.conftest import away

AT = datetime(2026, 3, 5, 12, tzinfo=UTC)
Work = Callable[[Directory], Awaitable[Any]]


class Memory:
    """Keeps values in the test's process."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}
        self.writes = 0
        self.is_broken = False

    def remember(self, kind: str, value: dict[str, Any] | None) -> None:
        self.writes += 1
        if self.is_broken:
            raise Unavailable("The disk failed.")
        assert value is not None
        self.kept[kind] = value

    def recall(self, kind: str) -> dict[str, Any] | None:
        if self.is_broken:
            raise Unavailable("The disk failed.")
        return self.kept.get(kind)


class Door:
    """Gives the URL, or says that the server is away; counts who asks."""

    def __init__(self, url: str | None) -> None:
        self.url = url
        self.asked = 0

    def __call__(self) -> str:
        self.asked += 1
        if self.url is None:
            raise Unavailable("Away.")
        return self.url


def with_directory(
    work: Work, door: Callable[[], str], memory: Memory | None = None, *, registers_sites: bool = False
) -> Directory:
    async def run() -> Directory:
        directory = Directory(door, memory or Memory(), clock=lambda: AT, registers_sites=registers_sites)
        await directory.open()
        try:
            await work(directory)
        finally:
            await directory.close()
        return directory

    return asyncio.run(run())


async def nothing(_: Directory) -> None: ...


def test_a_new_site_is_known_at_once_and_a_changed_one_after_a_refresh(
    database: Database, database_urls: DatabaseUrls
) -> None:
    async def work(directory: Directory) -> None:
        assert directory.book.sites == {}
        made = sites.create(database, "s", {}, by="test", at=AT)
        await directory.learn(["s", "nobody"])
        assert set(directory.book.sites) == {"s"}
        await directory.learn([str(made.write_key)])
        sites.change(database, "s", {"address_mode": "none"}, by="test", at=AT)
        with database.writing() as connection:
            suppress(connection, "s", sites.visitor_key(connection, "s"), ["v"], AT)
        assert directory.book.sites["s"].address_mode == "truncated"
        await directory.refresh()
        assert directory.book.sites["s"].address_mode == "none"
        assert directory.book.sites["s"].has_erased("v")
        assert directory.book.is_complete

    with_directory(work, lambda: database_urls.app)


def test_an_unknown_site_is_registered_where_that_is_so(database: Database, database_urls: DatabaseUrls) -> None:
    async def work(directory: Directory) -> None:
        await asyncio.gather(*(directory.learn([name]) for name in ("b", "a", "b", "no/site")))
        assert set(directory.book.sites) == {"a", "b"}

    with_directory(work, lambda: database_urls.app, registers_sites=True)
    assert [site.site_id for site in sites.list_sites(database)] == ["a", "b"]
    with_directory(lambda directory: directory.learn(["c"]), lambda: database_urls.app)
    assert len(sites.list_sites(database)) == 2


def test_who_asks_at_the_same_time_shares_a_question(database: Database, database_urls: DatabaseUrls) -> None:
    for number in range(20):
        sites.create(database, str(number), {}, by="test", at=AT)

    async def work(directory: Directory) -> None:
        directory.book = directory.book.with_sites([], is_complete=True)
        directory.book = type(directory.book)(salts=directory.book.salts, is_complete=True)
        questions = []
        ask = directory._asked

        async def counted(work: Any) -> Any:
            questions.append(1)
            return await ask(work)

        directory._asked = counted  # type: ignore[method-assign]  # counts and passes on
        await asyncio.gather(*(directory.learn([str(number)]) for number in range(20)))
        assert len(directory.book.sites) == 20
        assert len(questions) <= 2

    with_directory(work, lambda: database_urls.app)


def test_what_was_known_is_remembered_for_a_start_without_postgresql(
    database: Database, database_urls: DatabaseUrls
) -> None:
    sites.create(database, "s", {"honours_opt_out": True}, by="test", at=AT)
    memory = Memory()

    async def refreshed(directory: Directory) -> None:
        await directory.refresh()

    first = with_directory(refreshed, lambda: database_urls.app, memory)
    assert memory.writes == 1, "only what is new is written"
    later = with_directory(nothing, away, memory)
    assert later.book.sites == first.book.sites
    assert later.book.salts.known == first.book.salts.known
    assert not later.book.is_complete


def test_without_postgresql_and_memory_it_starts_and_lets_events_through() -> None:
    memory = Memory()
    memory.is_broken = True
    directory = with_directory(lambda directory: directory.learn(["s"]), away, memory)
    assert (directory.book.sites, directory.book.is_complete) == ({}, False)


def test_sites_that_were_let_through_are_registered_once_postgresql_is_back(
    database: Database, database_urls: DatabaseUrls
) -> None:
    door = Door(None)

    async def work(directory: Directory) -> None:
        salt = directory.book.salts.of(AT.date())
        await directory.learn(["s"])
        door.url = database_urls.app
        await directory.refresh()
        assert set(directory.book.sites) == {"s"}
        assert len(salt) == 16

    with_directory(work, door, registers_sites=True)
    assert [site.site_id for site in sites.list_sites(database)] == ["s"]


def test_a_server_that_goes_and_comes_back_is_followed(database_urls: DatabaseUrls, postgres_server: Any) -> None:
    door = Door(database_urls.app)

    async def work(directory: Directory) -> None:
        connection = directory._connection
        assert connection is not None
        await connection.execute("SELECT 1")
        await connection.close()
        await directory.learn(["nobody"])
        assert directory.book.is_complete, "a connection that died is replaced at once"
        door.url = None
        assert directory._connection is not None
        await directory._connection.close()
        await directory.refresh()
        assert not directory.book.is_complete
        assert set(directory.book.salts.known) != set()
        asked = door.asked
        await directory.learn(["nobody"])
        assert door.asked == asked, "nobody waits for a server that is known to be away"
        door.url = database_urls.app
        await directory.refresh()
        assert directory.book.is_complete

    with_directory(work, door)


def test_the_directory_of_an_application_lives_in_the_spool_and_keeps_itself_up_to_date(
    settings: Settings, database: Database, database_urls: DatabaseUrls, monkeypatch: Any
) -> None:
    monkeypatch.setattr("analytics_pipelines.web_events.intake.directory.REFRESH_S", 0.05)

    async def work() -> None:
        async with open_directory(settings, lambda: database_urls.app, clock=lambda: AT) as directory:
            sites.create(database, "s", {}, by="test", at=AT)
            while "s" not in directory.book.sites:  # noqa: ASYNC110 - the directory tells nobody
                await asyncio.sleep(0.02)

    asyncio.run(asyncio.wait_for(work(), 10))
    remembered = Spool.of(settings).recall(NAME)
    assert remembered is not None
    assert [site["site_id"] for site in remembered["sites"]] in (["s"], [])
