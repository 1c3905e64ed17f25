"""Building and publishing: same inputs, same id; unchanged files carried forward; a killed build harms nobody."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal as Number
from pathlib import Path

import duckdb
import pytest

from analytics_pipelines.foundation.errors import Conflict, DiskFull
from analytics_pipelines.foundation.files import locked
from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql, literal
from analytics_pipelines.foundation.tables import Column, Decimal, Type
from analytics_pipelines.serving import build, stage
from analytics_pipelines.serving.build import LakeTooBusy, build_generation
from analytics_pipelines.serving.links import PartitionMoved
from analytics_pipelines_tests.generations import (
    DAY,
    HOT,
    LAST_SALES,
    NEXT_DAY,
    RAW_SALES,
    SALES,
    TABLES,
    VISITS,
    folders_of,
    publish,
    publish_edition,
    write,
    write_all,
)

PARQUET = Path("parquet/raw_shop__sales/date=2026-11-20/data.parquet")


def test_a_generation_holds_room_files_links_and_a_description(settings, lake):
    built = publish_edition(settings, lake, 1)
    assert built.is_new
    files = {str(file.relative_to(built.folder)) for file in built.folder.rglob("*") if file.is_file()}
    assert files == {"door.duckdb", "shop.duckdb", "generation.json", "lease.lock", str(PARQUET)}
    assert {oct(file.stat().st_mode & 0o777) for file in built.folder.rglob("*") if file.is_file()} == {"0o444"}
    assert (built.folder / PARQUET).stat().st_ino == lake.file(RAW_SALES, DAY).stat().st_ino


def test_tools_open_the_room_file_under_a_stable_path(settings, lake):
    write(lake, SALES, NEXT_DAY, 2)
    publish_edition(settings, lake, 1)
    with duckdb.connect(str(settings.home.generations / "current" / "shop.duckdb"), read_only=True) as connection:
        rows = connection.execute("SELECT item, edition FROM out_shop__sales").fetchall()
    assert [item for item, _ in rows] == sorted(item for item, _ in rows), "rows are sorted by key"
    assert len(rows) == 6


def test_old_days_stay_readable_beside_days_with_other_columns(settings, lake):
    write(lake, RAW_SALES, DAY, 2**53 + 1, items=1)
    later = replace(
        RAW_SALES,
        columns=(
            Column(name="item", type=Type.TEXT, meaning="What was sold"),
            Column(name="edition", type=Type.DOUBLE, meaning="Half editions too"),
            Column(name="price", type=Decimal(9, 2), meaning="What it cost"),
        ),
    )
    lake.replace(later, NEXT_DAY, Select(Sql("SELECT 'item 0' AS item, 2.5 AS edition, 9.99 AS price")))
    evolving = replace(later, is_evolving=True)
    built = build_generation(settings, lake, [evolving], hot=())
    lease = Lease.open(built.folder, settings)
    try:
        query = Sql("SELECT item, edition, price, sold_date FROM {rows} ORDER BY price").fill(rows=Sql(evolving.name))
        old, new = lease.tuples(query)
        (scanned,) = lease.tuples(lease.scan(evolving.name, NEXT_DAY, NEXT_DAY))
    finally:
        lease.close()
    assert old == ("item 0", "2.5", Number("9.99"), None), "what a day lacks is null"
    assert new == ("item 0", str(2**53 + 1), None, DAY), "a common type keeps every value"
    assert scanned == old
    assert not build_generation(settings, lake, [evolving], hot=()).is_new


def test_the_same_inputs_again_change_nothing(settings, lake):
    first = publish_edition(settings, lake, 1)
    before = first.folder.stat().st_mtime_ns
    again = publish_edition(settings, lake, 1)
    assert (again.is_new, again.generation, again.folder) == (False, first.generation, first.folder)
    assert first.folder.stat().st_mtime_ns == before


def test_inputs_that_come_back_bring_their_generation_back(settings, lake):
    first = publish_edition(settings, lake, 1)
    publish_edition(settings, lake, 2)
    back = publish_edition(settings, lake, 1)
    assert not back.is_new
    assert folders_of(settings).current_id() == first.generation.id


def test_what_did_not_change_is_carried_forward_by_hard_link(settings, lake):
    first = publish_edition(settings, lake, 1)
    write(lake, SALES, DAY, 2)
    second = publish(settings, lake)

    def inodes(name):
        return [(built.folder / name).stat().st_ino for built in (first, second)]

    assert len(set(inodes("door.duckdb"))) == 1
    assert len(set(inodes(PARQUET))) == 1
    assert len(set(inodes("shop.duckdb"))) == 2


def test_a_partition_replaced_in_the_lake_stays_in_the_old_generation(settings, lake):
    first = publish_edition(settings, lake, 1)
    old_bytes = (first.folder / PARQUET).read_bytes()
    second = publish_edition(settings, lake, 2)
    assert (first.folder / PARQUET).read_bytes() == old_bytes
    assert (second.folder / PARQUET).read_bytes() != old_bytes


def test_an_empty_lake_can_be_published(settings, lake):
    built = publish(settings, lake)
    assert [table.rows for table in built.generation.tables] == [0, 0, 0]


def test_three_generations_are_kept(settings, lake):
    ids = [publish_edition(settings, lake, edition).generation.id for edition in range(5)]
    assert folders_of(settings).ids() == ids[:1:-1]


def test_a_build_during_a_replacement_starts_again(settings, lake, monkeypatch):
    write_all(lake, 1)
    linked = stage.link_partition
    calls = []

    def replace_first(*arguments):
        if not calls:
            write(lake, RAW_SALES, DAY, 2)
        calls.append(arguments)
        linked(*arguments)

    monkeypatch.setattr(stage, "link_partition", replace_first)
    built = publish(settings, lake)
    (partition,) = next(table for table in built.generation.tables if table.name == RAW_SALES.name).partitions
    assert partition.sha256 == lake.manifest(RAW_SALES, DAY).sha256


PAIR = tuple(replace(RAW_SALES, name="raw_app__" + each, is_evolving=True) for each in ("left", "right"))


def write_pair(lake, edition):
    """Publish one day of both tables at one instant."""
    copy = Sql("COPY (SELECT DATE '2026-11-20' AS sold_date, 'a' AS item, {n}::BIGINT AS edition) TO {file}")
    with lake.together() as run, lake.duck.cursor() as cursor:
        for table in PAIR:
            file = literal(str(run.file(table, DAY)))
            cursor.execute(copy.fill(n=Sql(str(edition)), file=file).text)
        run.publish([run.seal(table, DAY, rows=1) for table in PAIR])


def test_tables_exported_together_are_served_of_one_moment(settings, lake, monkeypatch):
    """Another export is published after one of the two was linked, and once more while the build starts again."""
    write_pair(lake, 1)
    assert build_generation(settings, lake, PAIR, hot=()).is_new
    linked = stage.link_partition
    editions = [3, 4]
    write_pair(lake, 2)

    def then_export(*arguments):
        linked(*arguments)
        if editions:
            write_pair(lake, editions.pop(0))

    monkeypatch.setattr(stage, "link_partition", then_export)
    lease = Lease.open(build_generation(settings, lake, PAIR, hot=()).folder, settings)
    try:
        found = lease.tuples(Sql("SELECT edition FROM raw_app__left UNION ALL SELECT edition FROM raw_app__right"))
    finally:
        lease.close()
    assert found == [(4,), (4,)]


def test_a_lake_that_never_rests_is_given_up_with_a_reason(settings, lake, monkeypatch):
    def never(*_):
        raise PartitionMoved("moved")

    write_all(lake, 1)
    monkeypatch.setattr(stage, "link_partition", never)
    with pytest.raises(LakeTooBusy):
        publish(settings, lake)


def test_only_one_build_runs_at_a_time(settings, lake, monkeypatch):
    monkeypatch.setattr(build, "LOCK_WAIT_S", 0.05)
    with locked(settings.home.locks / "generations.lock", wait_s=0), pytest.raises(Conflict):
        publish(settings, lake)


def test_a_full_disk_publishes_nothing_and_leaves_nothing(settings, lake, monkeypatch):
    first = publish_edition(settings, lake, 1)

    def full(*_):
        raise OSError(28, "No space left on device")

    write_all(lake, 2)
    monkeypatch.setattr(stage, "write_room_file", full)
    with pytest.raises(DiskFull):
        publish(settings, lake)
    assert folders_of(settings).ids() == [first.generation.id]
    assert list(settings.home.staging.iterdir()) == []


def room_inode(built):
    return (built.folder / "shop.duckdb").stat().st_ino


def hot_rows(built):
    return {hot.name: hot.rows for hot in built.generation.hot}


def test_hot_tables_are_described_beside_the_lakes_tables(settings, lake):
    write_all(lake, 1)
    built = publish(settings, lake, HOT)
    assert hot_rows(built) == {"hot_shop__last_sales": 3, "hot_shop__items": 3}
    assert [table.name for table in built.generation.tables] == sorted(table.name for table in TABLES)
    described = next(hot for hot in built.generation.hot if hot.name == LAST_SALES.name)
    assert [column.name for column in described.columns] == list(LAST_SALES.column_names)
    assert (described.room, described.made_for) == ("shop", LAST_SALES.partition)


def test_hot_tables_are_carried_forward_while_nothing_that_they_read_changes(settings, lake):
    write_all(lake, 1)
    first = publish(settings, lake, HOT)
    write(lake, VISITS, DAY, 2)
    second = publish(settings, lake, HOT)
    assert second.generation.id != first.generation.id
    assert room_inode(first) == room_inode(second)
    assert hot_rows(first) == hot_rows(second)


def test_hot_tables_are_made_anew_when_something_that_they_read_changes(settings, lake):
    write_all(lake, 1)
    first = publish(settings, lake, HOT)
    write(lake, RAW_SALES, NEXT_DAY, 2, items=5)
    second = publish(settings, lake, HOT)
    assert room_inode(first) != room_inode(second)
    assert hot_rows(second) == {"hot_shop__last_sales": 5, "hot_shop__items": 5}


def test_the_older_generation_is_read_while_the_next_is_made(settings, lake):
    write_all(lake, 1)
    lease = Lease.open(publish(settings, lake, HOT).folder, settings)
    seen = []

    def look(readable):
        seen.extend(lease.tuples(Sql("SELECT DISTINCT edition FROM hot_shop__last_sales")))
        return HOT[0].make(readable)

    write_all(lake, 2)
    built = publish(settings, lake, (replace(HOT[0], make=look), HOT[1]))
    assert (seen, built.is_new) == ([(1,)], True)
    assert lease.tuples(Sql("SELECT DISTINCT edition FROM hot_shop__items")) == [(1,)]
    lease.close()


def test_a_hot_table_that_can_not_be_made_leaves_the_old_generation_in_force(settings, lake):
    write_all(lake, 1)
    first = publish(settings, lake, HOT)
    write_all(lake, 2)
    broken = replace(HOT[1], make=lambda _: Sql("SELECT error('broken') AS item, 1 AS edition"))
    with pytest.raises(duckdb.Error, match="broken"):
        publish(settings, lake, (HOT[0], broken))
    assert folders_of(settings).current_id() == first.generation.id
    assert list(settings.home.staging.iterdir()) == []


KILLED_BUILD = """
import os, signal, sys
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.generation import GenerationFolders
from analytics_pipelines.serving import native, stage
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.generations import HOT, publish
from pathlib import Path

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

settings = settings_in(Path(sys.argv[1]))
owner = {"_make": native, "write_room_file": stage, "write_synced": stage, "install": GenerationFolders, "point_to": GenerationFolders}
setattr(owner[sys.argv[2]], sys.argv[2], die)
publish(settings, Lake.at(settings.home, DuckLimits.of(settings)), HOT)
"""


@pytest.mark.fault
@pytest.mark.parametrize("step", ["_make", "write_room_file", "write_synced", "install", "point_to"])
def test_a_build_killed_on_its_way_leaves_the_old_one_in_force(settings, lake, step):
    first = publish_edition(settings, lake, 1)
    write_all(lake, 2)
    command = [sys.executable, "-c", KILLED_BUILD, str(settings.home.path), step]
    killed = subprocess.run(command, cwd=Path.cwd(), env=dict(os.environ), check=False)
    assert killed.returncode == -signal.SIGKILL
    assert folders_of(settings).current_id() == first.generation.id
    second = build_generation(settings, lake, TABLES, hot=HOT)
    assert folders_of(settings).current_id() == second.generation.id != first.generation.id
    assert list(settings.home.staging.iterdir()) == []
    assert {table.name for table in second.generation.tables} == {SALES.name, RAW_SALES.name, VISITS.name}
