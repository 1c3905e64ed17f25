import random
from datetime import timedelta

import pytest

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.storage_snapshots import hot
from analytics_pipelines.storage_snapshots.differences.changes import KEYS
from analytics_pipelines.storage_snapshots.differences.last_known import days_to_remake
from analytics_pipelines.storage_snapshots.tables import CHANGES, DIRECTORY_CHANGES, ENTRIES, SNAPSHOTS
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.storage_snapshots.histories import arrive, file, folder, random_tree, remake
from analytics_pipelines_tests.storage_snapshots.paper_lake import write_paper, write_rows
from analytics_pipelines_tests.storage_snapshots.trees import DAY, Node

NEXT = DAY + timedelta(days=1)
LATER = DAY + timedelta(days=2)


def told(lake, day, table=CHANGES):
    return {row["path"]: row for row in lake.lazy(table, [day]).collect().to_dicts()}


def kinds(lake, day, table=CHANGES):
    return {path: row["change"] for path, row in told(lake, day, table).items()}


def test_the_first_snapshot_of_a_share_is_told_in_full(lake):
    arrive(lake, DAY, {"s": folder("/r", file("/r/a"))})
    assert kinds(lake, DAY) == {"/r": "first", "/r/a": "first"}
    assert kinds(lake, DAY, DIRECTORY_CHANGES) == {"/r": "first"}


def test_what_is_new_gone_and_different_is_told_and_nothing_else(lake):
    arrive(lake, DAY, {"s": folder("/r", file("/r/a"), file("/r/b", inode=2), file("/r/same", inode=3))})
    arrive(lake, NEXT, {"s": folder("/r", file("/r/a", 25), file("/r/c", 7, inode=9), file("/r/same", inode=3))})
    rows = told(lake, NEXT)
    assert kinds(lake, NEXT) == {"/r/a": "changed", "/r/b": "removed", "/r/c": "added"}
    assert (rows["/r/a"]["before_size_bytes"], rows["/r/a"]["size_bytes"], rows["/r/a"]["previous_date"]) == (
        10,
        25,
        DAY,
    )
    assert (rows["/r/b"]["type"], rows["/r/b"]["before_type"], rows["/r/b"]["size_bytes"]) == (None, "f", None)
    assert (rows["/r/b"]["name"], rows["/r/b"]["parent_path"], rows["/r/b"]["depth"]) == ("b", "/r", 1)
    (root,) = told(lake, NEXT, DIRECTORY_CHANGES).values()
    assert (root["before_size_bytes"], root["size_bytes"], root["file_count"]) == (30, 42, 3)


def test_a_share_is_compared_with_its_own_newest_snapshot_and_a_missing_one_changes_nothing(lake):
    arrive(lake, DAY, {"a": folder("/a", file("/a/x")), "b": folder("/b", file("/b/x"))})
    arrive(lake, NEXT, {"a": folder("/a", file("/a/x", 11))})
    arrive(lake, LATER, {"a": folder("/a", file("/a/x", 11)), "b": folder("/b", file("/b/x", 12))})
    assert kinds(lake, NEXT) == {"/a/x": "changed"}
    assert kinds(lake, LATER) == {"/b/x": "changed"}
    assert told(lake, LATER)["/b/x"]["previous_date"] == DAY


def test_a_root_that_lies_elsewhere_is_another_tree(lake):
    arrive(lake, DAY, {"s": folder("/old", file("/old/x", inode=1))})
    arrive(lake, NEXT, {"s": folder("/new", file("/new/x", inode=1))})
    rows = told(lake, NEXT)
    assert kinds(lake, NEXT) == {"/old": "removed", "/old/x": "removed", "/new": "added", "/new/x": "added"}
    assert rows["/new/x"]["moved_from"] == "/old/x"


def test_a_column_that_one_producer_lacks_makes_no_change(lake):
    arrive(lake, DAY, {"s": folder("/r", file("/r/a"))})
    write_paper(lake, NEXT, {"s": folder("/r", file("/r/a"))})
    with_lacking(lake, NEXT, ("uid", "mode", "changed_at"))
    remake(lake, NEXT)
    assert kinds(lake, NEXT) == {}


def test_a_value_that_could_not_be_read_is_a_change_where_the_producer_gives_the_column(lake):
    arrive(lake, DAY, {"s": folder("/r", file("/r/a"))})
    arrive(lake, NEXT, {"s": folder("/r", Node("/r/a", "U", size=0, blocks=8, error="EACCES"))})
    assert kinds(lake, NEXT) == {"/r/a": "changed"}


def with_lacking(lake, day, columns):
    """Rewrite the day as of a producer that gives none of these columns."""
    rows = lake.lazy(ENTRIES, [day]).collect().to_dicts()
    write_rows(lake, ENTRIES, day, [row | dict.fromkeys(columns) for row in rows])
    (snapshot,) = lake.lazy(SNAPSHOTS, [day]).collect().to_dicts()
    write_rows(lake, SNAPSHOTS, day, [snapshot | {"absent_columns": ",".join(columns)}])


def test_nothing_below_a_folder_that_can_not_be_read_is_called_gone(lake):
    inside = [file("/r/f/a", inode=1), folder("/r/f/g", file("/r/f/g/b", inode=2), inode=3)]
    arrive(lake, DAY, {"s": folder("/r", folder("/r/f", *inside), file("/r/z", inode=5))})
    arrive(lake, NEXT, {"s": folder("/r", folder("/r/f", error="EACCES"))})
    assert kinds(lake, NEXT) == {"/r/z": "removed"}
    assert kinds(lake, NEXT, DIRECTORY_CHANGES) == {"/r": "changed", "/r/f": "changed"}


def test_what_was_unreadable_is_compared_with_what_was_last_known_of_it(lake):
    inside = [file("/r/f/a", inode=1), file("/r/f/b", inode=2), folder("/r/f/g", file("/r/f/g/c", inode=3))]
    after = [file("/r/f/a", inode=1), file("/r/f/b", 99, inode=2), file("/r/f/new", inode=9)]
    arrive(lake, DAY, {"s": folder("/r", folder("/r/f", *inside))})
    for number in (1, 2):
        arrive(lake, DAY + timedelta(days=number), {"s": folder("/r", folder("/r/f", error="EACCES"))})
    day = DAY + timedelta(days=3)
    arrive(lake, day, {"s": folder("/r", folder("/r/f", *after))})
    assert kinds(lake, day) == {
        "/r/f/b": "changed",
        "/r/f/new": "added",
        "/r/f/g": "removed",
        "/r/f/g/c": "removed",
    }
    assert told(lake, day)["/r/f/b"]["before_size_bytes"] == 10
    assert kinds(lake, day, DIRECTORY_CHANGES) == {"/r": "changed", "/r/f": "changed", "/r/f/g": "removed"}


def test_a_late_day_remakes_the_days_that_depend_on_it_and_no_others(lake):
    readable = folder("/r", folder("/r/f", file("/r/f/a")))
    hidden = folder("/r", folder("/r/f", error="EACCES"))
    days = [DAY + timedelta(days=number) for number in range(6)]
    for day, tree in zip(days, [readable, readable, hidden, hidden, readable, readable], strict=True):
        write_paper(lake, day, {"s": tree})
    assert days_to_remake(lake, days[0]) == [days[1]]
    assert days_to_remake(lake, days[1]) == days[2:5]
    assert days_to_remake(lake, days[2]) == [days[3]]
    assert days_to_remake(lake, days[4]) == [days[5]]


def versions(lake):
    """The history, as the generation's table has it."""
    query = from_file(hot.__name__, "history").fill(changes=lake.scan(CHANGES, lake.days(CHANGES)).sql())
    with lake.duck.cursor() as cursor:
        return cursor.execute(query.text).to_arrow_table().to_pylist()


def rebuilt(rows, share, day):
    """The share's paths as its history has them on that day."""
    return {
        row["path"]: tuple(row[key] for key in KEYS)
        for row in rows
        if row["share"] == share
        and row["change"] != "removed"
        and row["valid_from"] <= day
        and (row["valid_to"] is None or day < row["valid_to"])
    }


def known(lake, share, days):
    """By plain walking from day to day: what is there, and what was last known below unreadable folders."""
    state = {}
    for day in days:
        rows = [row for row in lake.lazy(ENTRIES, [day]).collect().to_dicts() if row["share"] == share]
        if rows:
            hidden = [row["path"] + "/" for row in rows if row["error"] and row["type"] == "d"]
            kept = {path: row for path, row in state.items() if path.startswith(tuple(hidden))} if hidden else {}
            state = kept | {row["path"]: tuple(row[key] for key in KEYS) for row in rows}
        yield day, state


@pytest.fixture
def other_lake(tmp_path):
    settings = settings_in(tmp_path / "other")
    found = Lake.at(settings.home, DuckLimits.of(settings))
    yield found
    found.duck.close()


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 8))])
def test_history_rebuilds_every_day_whatever_the_order_of_arrival(lake, other_lake, seed):
    dice = random.Random(seed)
    days = [DAY + timedelta(days=number) for number in range(6)]
    shares = {day: {"s": random_tree(dice)} | ({"t": random_tree(dice)} if dice.random() < 0.6 else {}) for day in days}
    for day in days:
        arrive(lake, day, shares[day])
    in_order = {day: (lake.manifest(CHANGES, day).sha256, lake.manifest(DIRECTORY_CHANGES, day).sha256) for day in days}
    rows = versions(lake)
    for share in ("s", "t"):
        for day, state in known(lake, share, days):
            assert rebuilt(rows, share, day) == state, (share, day)
    for day in dice.sample(days, len(days)):
        arrive(other_lake, day, shares[day])
    found = {
        day: tuple(other_lake.manifest(table, day).sha256 for table in (CHANGES, DIRECTORY_CHANGES)) for day in days
    }
    assert found == in_order
