"""Several tables turn at one instant, whoever is reading, and a run that ends early leaves nothing."""

import threading
from datetime import date, timedelta

import duckdb
import polars as pl
import pytest

from analytics_pipelines.foundation.errors import CheckFailed, Conflict, DiskFull
from analytics_pipelines.foundation.files import sha256_of
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, Table, Type
from analytics_pipelines_tests.faults.small_disks import small_disk
from analytics_pipelines_tests.foundation.lake.example import lake_at

DAY = date(2026, 11, 20)


def table_called(name: str, *, key: tuple[str, ...] = ("id",)) -> Table:
    return Table(
        name="raw_test__" + name,
        room="test",
        grain="one row",
        partition="UTC day",
        key=key,
        columns=(
            Column(name="id", type=Type.INT, meaning="Number"),
            Column(name="version", type=Type.INT, meaning="Version", is_nullable=True),
        ),
        is_evolving=True,
    )


USERS, ITEMS = table_called("users"), table_called("items")


def rows_of(version: int) -> list[dict]:
    return [{"id": number, "version": version} for number in range(10)]


def sealed(run, table, version, *, day=DAY, rows=None, **given):
    frame = pl.DataFrame(rows or rows_of(version), schema={"id": pl.Int64, "version": pl.Int64})
    frame.write_parquet(run.file(table, day))
    return run.seal(table, day, rows=len(frame), **given)


def publish(lake, version, *, tables=(USERS, ITEMS), day=DAY):
    with lake.together() as run:
        return run.publish([sealed(run, table, version, day=day, source={"version": version}) for table in tables])


def versions(root, *tables) -> dict[str, list[int]]:
    """What a stranger finds through a plain glob below `root`."""
    found = {}
    with duckdb.connect(config={"threads": 1}) as connection:
        for table in tables or (USERS, ITEMS):
            glob = f"{root}/{table.name}/date=*/data.parquet"
            query = "SELECT DISTINCT version FROM read_parquet($1) ORDER BY 1"
            found[table.name] = [version for (version,) in connection.execute(query, [glob]).fetchall()]
    return found


def entries(lake: Lake) -> set[str]:
    """Names of releases and of unfinished work."""
    exports = lake.root.parent / "exports"
    kept = {(exports / name).readlink().name for name in ("current", "previous") if (exports / name).is_symlink()}
    left = {entry.name for entry in exports.iterdir()} - {"current", "previous", ".staging"} - kept
    return left | {entry.name for entry in (exports / ".staging").iterdir()}


def test_all_tables_of_a_run_turn_at_the_same_instant(tmp_path):
    lake = lake_at(tmp_path)
    publish(lake, 1)
    assert versions(lake.root) == {USERS.name: [1], ITEMS.name: [1]}
    resolved = (tmp_path / "exports" / "current").resolve()
    publish(lake, 2)
    assert versions(lake.root) == {USERS.name: [2], ITEMS.name: [2]}
    assert versions(resolved) == {USERS.name: [1], ITEMS.name: [1]}
    assert entries(lake) == set()


def test_readers_of_the_resolved_pointer_never_see_two_moments(tmp_path):
    lake = lake_at(tmp_path)
    publish(lake, 1)
    seen, over = [], threading.Event()

    def read() -> None:
        while not over.is_set():
            root = (tmp_path / "exports" / "current").resolve()
            try:
                seen.append(versions(root))
            except duckdb.IOException:  # two releases came since the pointer was resolved
                continue

    reader = threading.Thread(target=read)
    reader.start()
    for version in range(2, 22):
        publish(lake, version)
    over.set()
    reader.join()
    assert seen
    assert all(found[USERS.name] == found[ITEMS.name] and len(found[USERS.name]) == 1 for found in seen)


def test_what_a_run_does_not_replace_is_carried_forward_by_hard_link(tmp_path):
    lake = lake_at(tmp_path)
    publish(lake, 1)
    publish(lake, 1, day=DAY + timedelta(days=1))
    before = {table: lake.file(table, DAY).stat().st_ino for table in (USERS, ITEMS)}
    publish(lake, 2, tables=[USERS], day=DAY + timedelta(days=1))
    assert {table: lake.file(table, DAY).stat().st_ino for table in (USERS, ITEMS)} == before
    assert lake.days(ITEMS) == lake.days(USERS) == [DAY, DAY + timedelta(days=1)]
    assert versions(lake.root) == {USERS.name: [1, 2], ITEMS.name: [1]}


def test_equal_bytes_stay_the_same_file_with_the_new_moment_beside_them(tmp_path):
    lake = lake_at(tmp_path)
    publish(lake, 1)
    before = lake.file(USERS, DAY).stat().st_ino
    with lake.together() as run:
        run.publish([sealed(run, USERS, 1, source={"moment": "later"})])
    assert lake.file(USERS, DAY).stat().st_ino == before
    assert lake.manifest(USERS, DAY).source == {"moment": "later"}


def test_a_published_manifest_is_the_one_that_was_sealed(tmp_path):
    lake = lake_at(tmp_path)
    with lake.together() as run:
        (given,) = run.publish([sealed(run, USERS, 1, source={"columns": ("a", "b"), "at": DAY})])
    found = lake.manifest(USERS, DAY)
    assert found == given
    assert found.source == {"columns": ["a", "b"], "at": "2026-11-20"}
    assert found.sha256 == sha256_of(lake.file(USERS, DAY))
    assert lake.file(USERS, DAY).stat().st_mode & 0o777 == 0o444


def test_one_table_that_breaks_a_rule_keeps_all_of_them_back(tmp_path):
    lake = lake_at(tmp_path)
    publish(lake, 1)
    broken = [{"id": 1, "version": 2}, {"id": 1, "version": 2}, {"id": None, "version": 2}]
    with lake.together() as run:
        users = sealed(run, USERS, 2)
        items = sealed(run, ITEMS, 2, rows=broken, offenders=["2 rows, the source has 3"])
        with pytest.raises(CheckFailed) as raised:
            run.publish([users, items])
    assert "id: 1 keys more than once" in raised.value.detail
    assert "id: 1 nulls" in raised.value.detail
    assert "2 rows, the source has 3" in raised.value.detail
    assert versions(lake.root) == {USERS.name: [1], ITEMS.name: [1]}
    assert entries(lake) == set()


def test_a_key_that_the_source_has_proven_is_not_counted_again(tmp_path):
    lake = lake_at(tmp_path)
    with lake.together() as run:
        work = sealed(run, USERS, 1, rows=[{"id": 1, "version": 1}] * 2, is_key_proven=True)
    assert all(verdict.passed for verdict in work.verdicts)


def test_a_copy_of_a_table_without_a_key_may_hold_equal_rows(tmp_path):
    lake = lake_at(tmp_path)
    with lake.together() as run:
        work = sealed(run, table_called("log", key=()), 1, rows=[{"id": 1, "version": 1}] * 2)
    assert all(verdict.passed for verdict in work.verdicts)


def test_a_run_that_fails_leaves_nothing_behind(tmp_path):
    lake = lake_at(tmp_path)
    publish(lake, 1)
    with pytest.raises(ZeroDivisionError):
        seal_and_fail(lake)
    assert versions(lake.root) == {USERS.name: [1], ITEMS.name: [1]}
    assert entries(lake) == set()


def test_what_a_killed_run_left_is_gone_with_the_next_one(tmp_path):
    lake = lake_at(tmp_path)
    publish(lake, 1)
    exports = tmp_path / "exports"
    (exports / ".staging" / "dead.writing").mkdir()
    (exports / "20261120T000000Z-dead" / USERS.name).mkdir(parents=True)
    publish(lake, 2)
    assert entries(lake) == set()


def test_a_second_run_waits_and_then_says_that_another_goes_on(tmp_path):
    lake = lake_at(tmp_path)
    with lake.together(), pytest.raises(Conflict) as raised, lake.together(wait_s=0.05):
        pass
    assert "exports" in str(raised.value)


def test_a_run_without_anything_to_publish_changes_nothing(tmp_path):
    lake = lake_at(tmp_path)
    with lake.together() as run:
        assert run.publish([]) == []
    assert not (tmp_path / "exports" / "current").exists()


def test_a_folder_of_an_older_version_becomes_part_of_the_release_with_all_its_days(tmp_path):
    lake = lake_at(tmp_path)
    old = [DAY - timedelta(days=back) for back in (3, 2, 1)]
    for day in old:
        lake.replace(USERS, day, Select(Sql("SELECT 1 AS id, 7 AS version")))
    before = {day: lake.file(USERS, day).stat().st_ino for day in old}
    manifests = lake.manifests(USERS)
    publish(lake, 8, tables=[ITEMS])
    assert not (lake.root / USERS.name).is_symlink()
    publish(lake, 8)
    assert (lake.root / USERS.name).is_symlink()
    assert lake.manifests(USERS)[:3] == manifests
    assert {day: lake.file(USERS, day).stat().st_ino for day in old} == before
    assert versions(lake.root) == {USERS.name: [7, 8], ITEMS.name: [8]}
    assert entries(lake) == set()


def test_a_partition_made_by_a_select_gets_a_release_of_its_own(tmp_path):
    lake = lake_at(tmp_path)
    publish(lake, 1)
    lake.replace(USERS, DAY, Select(Sql("SELECT 1 AS id, 9 AS version")))
    assert versions(lake.root) == {USERS.name: [9], ITEMS.name: [1]}
    resolved = (tmp_path / "exports" / "previous").resolve()
    assert versions(resolved) == {USERS.name: [1], ITEMS.name: [1]}


def test_a_home_that_was_moved_still_finds_its_tables(tmp_path):
    lake = lake_at(tmp_path / "here")
    publish(lake, 1)
    lake.duck.close()
    (tmp_path / "here").rename(tmp_path / "there")
    assert versions(tmp_path / "there" / "lake") == {USERS.name: [1], ITEMS.name: [1]}


def test_a_full_disk_keeps_the_release_in_force(tmp_path):
    with small_disk(tmp_path / "disk", 2**20) as disk:
        lake = lake_at(disk)
        publish(lake, 1)
        with pytest.raises(DiskFull):
            publish_on_a_full_disk(lake)
        assert versions(lake.root) == {USERS.name: [1], ITEMS.name: [1]}
        publish(lake, 3)
        assert versions(lake.root) == {USERS.name: [3], ITEMS.name: [3]}
        assert entries(lake) == set()
        lake.duck.close()


def seal_and_fail(lake: Lake) -> None:
    with lake.together() as run:
        sealed(run, USERS, 2)
        raise ZeroDivisionError


def publish_on_a_full_disk(lake: Lake) -> None:
    with lake.together() as run:
        work = sealed(run, USERS, 2)
        with (run.workspace / "filler").open("wb") as file:
            fill(file)
        run.publish([work])


def fill(file) -> None:
    """Until nothing more goes in, not even a folder's name."""
    size = 65536
    while size:
        try:
            file.write(b"\0" * size)
            file.flush()
        except OSError:
            size //= 2
