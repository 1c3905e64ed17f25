"""A lease: every table under its name, wherever the home lies, for as long as it is held."""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import date

import duckdb
import pytest

from analytics_pipelines.foundation.errors import NotFound, TimedOut
from analytics_pipelines.foundation.generation.lease import GenerationGone, Lease, open_current
from analytics_pipelines.foundation.generation.pointer import lock_generation
from analytics_pipelines.foundation.sql import Sql, literal, name
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.generations import (
    DAY,
    HOT,
    NEXT_DAY,
    RAW_SALES,
    TABLES,
    folders_of,
    publish,
    publish_edition,
    write,
    write_all,
)


@dataclass(frozen=True)
class Sold:
    item: str
    edition: int


EDITIONS = Sql("SELECT item, edition FROM {table} WHERE item >= $least ORDER BY item, sold_date")


def editions_of(lease: Lease, table: str, least: str = "") -> list[Sold]:
    return lease.rows(Sold, EDITIONS.fill(table=Sql(table)), least=least)


@pytest.fixture
def lease(settings, lake):
    publish_edition(settings, lake, 1)
    opened = open_current(folders_of(settings), settings)
    yield opened
    opened.close()


@pytest.mark.parametrize("table", [pytest.param(table.name, id=table.name) for table in TABLES])
def test_native_and_parquet_tables_are_read_under_their_names(lease, table):
    assert editions_of(lease, table, "item 1") == [Sold("item 1", 1), Sold("item 2", 1)]


def test_a_scan_opens_the_days_asked_for_and_no_other_file(settings, lake):
    write(lake, RAW_SALES, DAY, 1)
    write(lake, RAW_SALES, NEXT_DAY, 2)
    lease = Lease.open(publish(settings, lake).folder, settings)
    try:
        assert lease.days(RAW_SALES.name, DAY, NEXT_DAY) == (DAY, NEXT_DAY)
        assert lease.days(RAW_SALES.name, NEXT_DAY, date.max) == (NEXT_DAY,)
        scan = lease.scan(RAW_SALES.name, NEXT_DAY, date.max)
        assert scan.text.count("data.parquet") == scan.text.count(NEXT_DAY.isoformat()) == 1
        editions = Sql("SELECT DISTINCT item, edition FROM ({scan}) WHERE item = 'item 0'").fill(scan=scan)
        assert lease.rows(Sold, editions) == [Sold("item 0", 2)]
        nothing = Sql("SELECT item, edition FROM ({scan})").fill(scan=lease.scan(RAW_SALES.name, date.min, date.min))
        assert lease.rows(Sold, nothing) == []
    finally:
        lease.close()


def test_a_scan_of_what_is_not_published_is_an_error(lease):
    assert lease.days("raw_shop__rents", DAY, NEXT_DAY) == ()
    with pytest.raises(NotFound, match="raw_shop__rents"):
        lease.scan("raw_shop__rents", DAY, NEXT_DAY)


def test_a_lease_names_its_generation(lease, settings):
    assert lease.id == folders_of(settings).current_id() == lease.generation.id


def test_two_leases_on_one_generation_do_not_disturb_each_other(lease, settings):
    other = open_current(folders_of(settings), settings)
    other.close()
    assert len(editions_of(lease, TABLES[0].name)) == 3


def test_a_table_without_days_is_empty_and_has_its_columns(settings, lake):
    publish(settings, lake)
    lease = open_current(folders_of(settings), settings)
    with lease.cursor() as cursor:
        described = cursor.execute("SELECT * FROM raw_shop__sales").description
        assert cursor.fetchall() == []
    assert [column[0] for column in described] == list(RAW_SALES.column_names)
    lease.close()


def test_a_moved_home_still_opens(settings, lake, tmp_path):
    publish_edition(settings, lake, 1)
    shutil.move(settings.home.path, tmp_path / "it's moved")
    moved = settings_in(tmp_path / "it's moved")
    lease = open_current(folders_of(moved), moved)
    assert [sold.edition for sold in editions_of(lease, RAW_SALES.name)] == [1, 1, 1]
    lease.close()


def test_a_lease_reads_its_generation_although_the_lake_moved_on(lease, lake):
    write(lake, RAW_SALES, DAY, 2)
    write(lake, RAW_SALES, NEXT_DAY, 2)
    assert {sold.edition for sold in editions_of(lease, RAW_SALES.name)} == {1}


def test_before_the_first_publication_there_is_nothing_to_open(settings):
    assert open_current(folders_of(settings), settings) is None


def test_a_generation_under_the_sweep_is_not_opened(lease, settings):
    lease_folder = folders_of(settings).folder(lease.id)
    assert lock_generation(lease_folder, exclusive=True) is None
    with pytest.raises(GenerationGone):
        Lease.open(lease_folder.with_name("0" * 32), settings)


def test_a_pointer_to_what_was_deleted_by_hand_is_said_to_be_gone(settings, lake):
    built = publish_edition(settings, lake, 1)
    shutil.rmtree(built.folder)
    with pytest.raises(GenerationGone):
        open_current(folders_of(settings), settings)


def test_a_damaged_file_is_found_when_the_generation_is_opened(settings, lake):
    built = publish_edition(settings, lake, 1)
    (built.folder / "shop.duckdb").chmod(0o644)
    (built.folder / "shop.duckdb").write_bytes(b"not a database")
    with pytest.raises(Exception, match=r"shop\.duckdb"):
        open_current(folders_of(settings), settings)
    lock = lock_generation(built.folder, exclusive=True)
    assert lock is not None, "a failed opening must not keep the lock"


def test_a_query_past_the_timeout_is_stopped(settings, lake):
    publish_edition(settings, lake, 1)
    hasty = settings.model_copy(update={"query_timeout": 0.2})
    lease = open_current(folders_of(hasty), hasty)
    with pytest.raises(TimedOut):
        lease.rows(
            Sold, Sql("SELECT 'x' AS item, count(*) AS edition FROM range(10000000000) t(i) WHERE i % 7 = $n"), n=3
        )
    lease.close()


@pytest.fixture
def hot_lease(settings, lake):
    write_all(lake, 1)
    opened = Lease.open(publish(settings, lake, HOT).folder, settings)
    yield opened
    opened.close()


def test_hot_tables_are_read_under_their_names(hot_lease):
    assert hot_lease.tuples(Sql("SELECT place, pair, item FROM hot_shop__last_sales ORDER BY place")) == [
        (0, 0, "item 0"),
        (1, 0, "item 1"),
        (2, 1, "item 2"),
    ]
    assert hot_lease.holds("hot_shop__items")
    assert not hot_lease.holds("hot_shop__rents")


@pytest.mark.parametrize("table", ["out_shop__sales", "raw_shop__sales", "hot_shop__items"])
def test_the_quickest_name_of_a_table_gives_the_same_rows(hot_lease, table):
    count = Sql("SELECT count(*), min(item) FROM {table}")
    assert hot_lease.tuples(count.fill(table=hot_lease.table(table))) == [(3, "item 0")]


def test_a_big_answer_comes_as_an_arrow_table(hot_lease):
    found = hot_lease.arrow(Sql("SELECT item FROM raw_shop__sales WHERE item > $item ORDER BY item"), item="item 0")
    assert found.to_pydict() == {"item": ["item 1", "item 2"]}


@pytest.mark.parametrize("table", [pytest.param(table.name, id=table.name) for table in TABLES])
def test_another_process_reads_a_table_by_what_it_is_told(lease, table):
    query, attached = lease.from_outside(table)
    with closing(duckdb.connect()) as outside:
        for room, file in attached.items():
            outside.execute(Sql("ATTACH {file} AS {room} (READ_ONLY)").fill(file=literal(file), room=name(room)).text)
        assert outside.execute(query.text).fetchall() == lease.tuples(Sql("FROM " + table))


def test_what_is_remembered_is_made_once_for_a_lease(hot_lease):
    made = []

    def make(lease):
        made.append(lease)
        return len(made)

    assert [hot_lease.remembered("count", make) for _ in range(3)] == [1, 1, 1]
    assert made == [hot_lease]


def test_few_rows_of_stored_tables_are_read_on_one_thread(lease):
    stored = next(table for table in TABLES if lease.table(table.name).text != '"' + table.name + '"')
    query = Sql("SELECT item FROM {table} ORDER BY item, sold_date").fill(table=lease.table(stored.name))
    assert lease.few(query) == lease.tuples(query)
    assert lease.few(Sql("SELECT current_setting('threads')")) == [(1,)]


def test_what_is_remembered_is_made_once_by_all_that_ask_at_the_same_time(lease):
    made = []

    def slowly(_):
        made.append(1)
        time.sleep(0.05)
        return object()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: lease.remembered("slow", slowly), range(4)))
    assert len(made) == len(set(map(id, found))) == 1
