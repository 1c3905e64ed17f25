"""A visitor is erased everywhere, nothing of others is, and nothing brings them back."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import psycopg
import pytest

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.cli.materialize import Runs
from analytics_pipelines.cli.touched import make_touched
from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.generation import GenerationFolders
from analytics_pipelines.foundation.generation.lease import Lease
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.operations import erase as erasing
from analytics_pipelines.operations.erase import Parts, Report, erase_visitor
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.serving.duckdb_file import write_duckdb_file
from analytics_pipelines.web_events.fence import advance, touched
from analytics_pipelines.web_events.import_log import import_log
from analytics_pipelines.web_events.intake.entries import entry_of
from analytics_pipelines.web_events.intake.spool import Spool
from analytics_pipelines.web_events.retention import drop_exported
from analytics_pipelines.web_events.sites import UnknownSite, visitor_key
from analytics_pipelines.web_events.suppress import is_suppressed, suppressed_digests
from analytics_pipelines.web_events.tables import CORE_EVENTS, DAILY_METRICS, RAW_EVENTS, SESSIONS, VISITORS
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.operations.visitors import SITE, counters, files_with, receipt, refusal, store
from analytics_pipelines_tests.web_events.stored import failed_events, stored_events

pytestmark = pytest.mark.timeout(300)
ANNA = "anna-0123456789"
BEN = "ben-0123456789"
DAY = timedelta(days=1)
TODAY = now().date()
NOON = datetime.combine(TODAY - 2 * DAY, datetime.min.time(), UTC) + timedelta(hours=12)


class Killed(BaseException):
    """The process ends here."""


@dataclass
class House:
    """Everything that holds visitors, in one home."""

    settings: Settings
    database: Database
    urls: DatabaseUrls
    lake: Lake
    runs: Runs
    data: Path
    superuser: str

    def make(self) -> None:
        """Export and derive what is new, and publish it."""
        advance(self.database, now(), late_event_days=3)
        make_touched(self.settings, self.database, self.runs)
        build_generation(self.settings, self.lake, TABLES)
        write_duckdb_file(self.settings)

    def remake(self) -> None:
        make_touched(self.settings, self.database, self.runs)

    def erase(self, visitor: str, **more: object) -> Report:
        given = {"remake": self.remake, "now": now} | more
        parts = Parts(
            settings=self.settings, database=self.database, owner_url=self.urls.owner, lake=self.lake, **given
        )
        return erase_visitor(parts, SITE, visitor)

    def holding(self, *needles: str) -> set[str]:
        """Files of the home and of PostgreSQL that hold one of these; not the write-ahead log."""
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        in_postgres = files_with(self.data, needles, leave=("pg_wal/",))
        return in_postgres | files_with(self.settings.home.path, needles)

    def told_by_duckdb_file(self) -> str:
        """The generation that the file for other tools is of."""
        with duckdb.connect(str(self.settings.duckdb_file), read_only=True) as connection:
            return str(connection.execute("SELECT generation_id FROM published_generation").fetchall()[0][0])

    def days(self, table) -> dict[date, int]:
        return {each.day: each.rows for each in self.lake.manifests(table) if each.rows}

    def visitors(self) -> dict[date, int]:
        return {
            row["metric_date"]: row["visitors"]
            for row in self.lake.lazy(DAILY_METRICS, self.lake.days(DAILY_METRICS)).collect().to_dicts()
        }


@pytest.fixture
def house(tmp_path, database_urls, database, lake, postgres_server) -> House:
    settings = settings_in(tmp_path / "home", database_url=database_urls.app, database_owner_url=database_urls.owner)
    with psycopg.connect(postgres_server.superuser()) as connection:
        data = Path("/proc", str(connection.info.backend_pid), "cwd").readlink()
    runs = Runs(settings, database)
    return House(settings, database, database_urls, lake, runs, data, postgres_server.superuser())


def events_of(*visitors: str) -> list:
    """Two page views and a late evening each, on two days."""
    return [
        receipt(f"{visitor}-{number}", visitor, NOON + number * timedelta(hours=7))
        for visitor in visitors
        for number in range(3)
    ]


def test_no_byte_of_the_visitor_is_left_and_others_keep_theirs(house: House) -> None:
    store(house.database, [*events_of(ANNA, BEN), refusal("f1", f'{{"visitorId": "{ANNA}"}}'.encode(), NOON)])
    house.make()
    store(
        house.database, [receipt("later", ANNA, NOON), refusal("f2", b'{"visitorId": "' + BEN.encode() + b'"}', NOON)]
    )
    house.make()
    Spool.of(house.settings).append([entry_of(receipt("spooled", ANNA)), entry_of(receipt("spooled", BEN))])
    assert len(GenerationFolders.of(house.settings.home).ids()) == 2
    before = house.holding(ANNA)
    assert {name.split("/")[0] for name in before} >= {"base", "lake", "generations", "spool"}

    report = house.erase(ANNA)

    assert report.is_complete
    assert house.holding(ANNA) == set()
    assert house.told_by_duckdb_file() == GenerationFolders.of(house.settings.home).current_id()
    removed = {"spool": 1, "event_log": 4, "failed_event": 1, RAW_EVENTS.name: 4, CORE_EVENTS.name: 4, "generations": 2}
    assert report.removed.items() >= removed.items()
    assert report.removed[SESSIONS.name] == report.removed[VISITORS.name] + 1 == 3
    assert {row["visitor_id"] for row in stored_events(house.database)} == {BEN}
    assert [row["failed_id"] for row in failed_events(house.database)] == ["f2"]
    assert counters(house.database) == (4, 3, 0, 1)
    assert house.days(RAW_EVENTS) == {NOON.date(): 2, (NOON + DAY).date(): 1}
    assert house.visitors() == {NOON.date(): 1, (NOON + DAY).date(): 1}
    assert touched(house.database) == []
    assert house.holding(BEN)


@pytest.mark.long
def test_a_second_erasure_finds_nothing_to_do(house: House) -> None:
    store(house.database, events_of(ANNA, BEN))
    house.make()
    house.erase(ANNA)
    inodes = {file: file.stat().st_ino for file in house.settings.home.lake.rglob("data.parquet")}
    again = house.erase(ANNA)
    assert again.is_complete
    assert set(again.removed.values()) == {0}
    assert {file: file.stat().st_ino for file in house.settings.home.lake.rglob("data.parquet")} == inodes


@pytest.mark.long
def test_a_day_of_the_visitor_alone_ends_up_empty(house: House) -> None:
    store(house.database, events_of(ANNA))
    house.make()
    assert house.visitors()
    assert house.erase(ANNA).is_complete
    assert (house.holding(ANNA), house.visitors(), house.days(RAW_EVENTS)) == (set(), {}, {})


@pytest.mark.long
@pytest.mark.parametrize("every", [pytest.param(1, id="all")])
def test_an_erasure_that_is_killed_at_its_steps_is_finished_by_the_next(house: House, monkeypatch, every: int) -> None:
    store(house.database, [*events_of(ANNA, BEN), refusal("f1", f'{{"visitorId": "{ANNA}"}}'.encode(), NOON)])
    house.make()
    Spool.of(house.settings).append([entry_of(receipt("spooled", ANNA))])

    def killed(*_: object, **__: object) -> None:
        raise Killed

    steps = [(erasing.spool, "erase_from_spool"), (erasing.log, "erase_from_log"), (erasing, "rewrite")]
    steps += [(erasing.lake, "erase_raw"), (house, "remake"), (erasing, "build_generation")]
    steps += [(erasing.generations, "retire_others"), (erasing, "end")]
    for place, step in steps[every - 1 :: every]:
        with monkeypatch.context() as patched:
            patched.setattr(place, step, killed)
            with pytest.raises(Killed):
                house.erase(ANNA)
    assert house.erase(ANNA).is_complete
    assert house.holding(ANNA) == set()
    assert house.days(RAW_EVENTS) == {NOON.date(): 2, (NOON + DAY).date(): 1}
    assert counters(house.database) == (3, 3, 0, 0)


@pytest.mark.long
def test_the_hashes_of_neighbouring_days_go_together(house: House) -> None:
    hashes = ["1" * 32, "2" * 32, "3" * 32]
    first = receipt("e1", hashes[1], NOON, visitor_id_before=hashes[0])
    second = receipt("e2", hashes[2], NOON + DAY, visitor_id_before=hashes[1])
    store(house.database, [first, second, receipt("e3", "9" * 32, NOON, visitor_id_before="8" * 32)])
    house.make()
    report = house.erase(hashes[1])
    assert report.is_complete
    assert report.ids == set(hashes)
    assert house.holding(*hashes) == set()
    with house.database.reading() as connection:
        assert len(suppressed_digests(connection, SITE)) == 3
    assert house.holding("9" * 32)


LINE = (
    '198.51.100.{host} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET /{page} HTTP/1.1" 200 12 "-" "Mozilla/5.0 Firefox/144"\n'
)


@pytest.mark.long
def test_importing_the_same_log_again_brings_nothing_back(house: House, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text("".join(LINE.format(host=host, at=NOON, page=page) for host in (7, 8) for page in ("a", "b")))
    import_log(house.database, log, SITE)
    house.make()
    visitor = stored_events(house.database)[0]["visitor_id"]
    assert house.erase(visitor).removed["event_log"] == 2
    import_log(house.database, log, SITE)
    house.make()
    assert len(stored_events(house.database)) == 2
    assert house.holding(visitor) == set()
    assert house.visitors() == {NOON.date(): 1}


@pytest.mark.long
def test_events_that_come_while_the_visitor_is_erased_are_erased_too(house: House) -> None:
    store(house.database, events_of(ANNA, BEN))
    house.make()
    sent: list[int] = []

    def remake_and_send() -> None:
        house.remake()
        if not sent:
            sent.append(1)
            store(house.database, [receipt("on its way", ANNA, NOON)])
            house.make()

    report = house.erase(ANNA, remake=remake_and_send)
    assert report.is_complete
    assert report.removed["event_log"] == 4
    assert house.holding(ANNA) == set()


@pytest.mark.long
def test_a_generation_that_somebody_reads_is_told_and_goes_with_the_next_try(house: House, monkeypatch) -> None:
    monkeypatch.setattr(erasing, "READERS_WAIT_S", 0.1)
    monkeypatch.setattr(erasing, "ROUNDS", 1)
    store(house.database, events_of(ANNA, BEN))
    house.make()
    folders = GenerationFolders.of(house.settings.home)
    lease = Lease.open(folders.folder(folders.current_id()), house.settings)
    report = house.erase(ANNA)
    assert (report.is_complete, dict(report.left)) == (False, {"generations": 1})
    lease.close()
    assert house.erase(ANNA).is_complete
    assert house.holding(ANNA) == set()


@pytest.mark.long
def test_days_that_live_in_the_lake_alone_are_written_without_the_visitor(house: House) -> None:
    store(house.database, events_of(ANNA, BEN))
    house.make()
    folders = GenerationFolders.of(house.settings.home)
    lease = Lease.open(folders.folder(folders.current_id()), house.settings)
    dropped = drop_exported(house.database, lease, TODAY, now=now(), failed_events_keep_days=90)
    assert [each.events for each in dropped.days] == [4, 2]
    lease.close()
    report = house.erase(ANNA)
    assert report.is_complete
    assert house.holding(ANNA) == set()
    assert house.days(RAW_EVENTS) == {NOON.date(): 2, (NOON + DAY).date(): 1}
    assert house.visitors() == {NOON.date(): 1, (NOON + DAY).date(): 1}
    assert counters(house.database) == (3, 3, 0, 0)
    store(house.database, [receipt("reopened", BEN, NOON)])
    house.make()
    lease = Lease.open(folders.folder(folders.current_id()), house.settings)
    again = drop_exported(house.database, lease, TODAY, now=now(), failed_events_keep_days=90)
    lease.close()
    assert [each.events for each in again.days if each.events] == [1]


def test_the_list_of_suppressed_visitors_holds_them(house: House) -> None:
    store(house.database, events_of(BEN))
    house.erase(ANNA)
    with house.database.reading() as connection:
        listed, key = suppressed_digests(connection, SITE), visitor_key(connection, SITE)
    assert is_suppressed(listed, key, SITE, ANNA)
    assert not is_suppressed(listed, key, SITE, BEN)


def test_a_site_that_is_none_is_refused(house: House) -> None:
    with pytest.raises(UnknownSite):
        house.erase(ANNA)
