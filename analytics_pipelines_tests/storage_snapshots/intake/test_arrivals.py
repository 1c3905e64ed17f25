"""Looks at a folder of snapshots, and what is made of them between two looks."""

import json
import os
import shutil
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics_pipelines.foundation.files import sha256_of
from analytics_pipelines.storage_snapshots.differences.changes import changes
from analytics_pipelines.storage_snapshots.differences.last_known import days_read, pairs
from analytics_pipelines.storage_snapshots.intake.arrivals import (
    FIRST_RETRY,
    MOST_DAYS_A_RUN,
    MOST_TRIES,
    Bounds,
    Seen,
    days_of,
    look,
    stretches,
)
from analytics_pipelines.storage_snapshots.intake.ingest import received_entries, received_snapshots
from analytics_pipelines.storage_snapshots.rollup.directories import directories
from analytics_pipelines.storage_snapshots.tables import CHANGES, DIRECTORIES, ENTRIES, SNAPSHOTS
from analytics_pipelines_tests.storage_snapshots.trees import DAY

WITHIN = Bounds(date(2020, 1, 1), date(2030, 1, 1))
NEXT, LATER = DAY + timedelta(days=1), DAY + timedelta(days=9)


@pytest.fixture
def snapshots(tmp_path):
    (tmp_path / "snapshots").mkdir()
    return tmp_path / "snapshots"


@pytest.fixture
def watch(lake, snapshots):
    """Looks one after the other; each begins where the last ended."""
    seen = [Seen()]

    def again(after=timedelta(hours=1), **options):
        found = look(lake, snapshots, seen[0], datetime.now(UTC) + after, within=options.get("within", WITHIN))
        seen[0] = Seen.from_json(found.seen.to_json())
        assert seen[0] == found.seen
        return found

    return again


def put(snapshots, day, *paths, share="s", is_ours=True):
    """A snapshot; ours has a manifest that promises its hash."""
    folder = snapshots / day.isoformat()
    folder.mkdir(exist_ok=True)
    file = folder / f"{share}.parquet"
    pq.write_table(pa.table({"path": list(paths), "size": [1] * len(paths)}), file)
    if is_ours:
        file.with_suffix(".json").write_text(json.dumps({"sha256": sha256_of(file)}))
    return file


def make(lake, snapshots, day):
    """What a run makes of the day, as far as arrivals look at it."""
    entries = received_entries(snapshots, day, duck=lake.duck, complain=lambda _: None)
    if entries is not None:
        lake.replace(ENTRIES, day, entries)
        lake.replace(SNAPSHOTS, day, received_snapshots(snapshots, lake.scan(ENTRIES, [day]), day, duck=lake.duck))
        lake.replace(DIRECTORIES, day, directories(lake.scan(ENTRIES, [day])))
        compare(lake, day)


def compare(lake, day):
    found = pairs(lake, day)
    read = days_read(found, day)
    lake.replace(CHANGES, day, changes(lake.scan(ENTRIES, read), lake.scan(DIRECTORIES, read), found, day))


def ranges(found):
    return [(each.first, each.last, each.is_comparison_only) for each in found.asked]


def test_new_snapshots_are_asked_for_once_a_stretch_a_run(lake, snapshots, watch):
    for day in (DAY, NEXT, LATER):
        put(snapshots, day, "/a")
    found = watch()
    assert ranges(found) == [(DAY, NEXT, False), (LATER, LATER, False)]
    assert len({each.key for each in found.asked}) == 2
    assert ranges(watch(timedelta(hours=1, seconds=30))) == []
    for day in (DAY, NEXT, LATER):
        make(lake, snapshots, day)
    last = watch()
    assert (ranges(last), last.told) == ([], "No snapshot file is new.")
    assert last.seen == Seen()


def test_a_snapshot_that_changes_is_asked_for_again(lake, snapshots, watch):
    put(snapshots, DAY, "/a")
    watch()
    make(lake, snapshots, DAY)
    watch()
    put(snapshots, DAY, "/a", "/b")
    assert ranges(watch()) == [(DAY, DAY, False)]


def test_a_snapshot_that_is_removed_changes_nothing(lake, snapshots, watch):
    put(snapshots, DAY, "/a")
    make(lake, snapshots, DAY)
    shutil.rmtree(snapshots / DAY.isoformat())
    assert ranges(watch()) == []


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_file_that_was_taken_in_before_the_first_look_is_not_asked_for(lake, snapshots, watch, is_ours):
    file = put(snapshots, DAY, "/a", is_ours=is_ours)
    make(lake, snapshots, DAY)
    assert ranges(watch()) == []
    os.utime(file, (0, 0))
    assert ranges(watch()) == []


def test_a_foreign_file_that_was_replaced_by_an_older_one_is_asked_for(lake, snapshots, watch):
    put(snapshots, DAY, "/a", is_ours=False)
    make(lake, snapshots, DAY)
    os.utime(put(snapshots, DAY, "/b", is_ours=False), (0, 0))
    assert ranges(watch()) == [(DAY, DAY, False)]


def test_a_foreign_file_is_asked_for_once_it_rests_and_has_a_footer(snapshots, watch):
    file = put(snapshots, DAY, "/a", is_ours=False)
    found = watch(timedelta(seconds=1))
    assert (ranges(found), found.told) == ([], "Not complete, or not readable: 2026-03-01/s.")
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    assert ranges(watch(timedelta(minutes=1))) == []
    file.write_bytes(whole)
    assert ranges(watch(timedelta(minutes=1))) == [(DAY, DAY, False)]


def test_a_snapshot_that_never_arrives_is_given_up_until_it_changes(snapshots, watch):
    put(snapshots, DAY, "/a", "/a")
    asked = 0
    for hours in range(100):
        asked += len(ranges(watch(timedelta(hours=hours))))
    assert asked == MOST_TRIES
    put(snapshots, DAY, "/a")
    assert ranges(watch(timedelta(hours=101))) == [(DAY, DAY, False)]


def test_a_failed_run_is_tried_again_later_each_time(snapshots, watch):
    put(snapshots, DAY, "/a")
    waits = [FIRST_RETRY * 2**number for number in range(3)]
    keys = {watch().asked[0].key}
    at = timedelta(hours=1)
    for wait in waits:
        assert ranges(watch(at + wait / 2)) == []
        at += wait + timedelta(seconds=5)
        keys.add(watch(at).asked[0].key)
    assert len(keys) == 4


def test_a_broken_share_does_not_hold_up_the_others_of_its_day(lake, snapshots, watch):
    put(snapshots, DAY, "/a", "/a", share="bad")
    put(snapshots, DAY, "/a", share="good")
    assert ranges(watch()) == [(DAY, DAY, False)]
    make(lake, snapshots, DAY)
    found = watch(timedelta(hours=1, minutes=1))
    assert (ranges(found), list(found.seen.tries)) == ([], ["2026-03-01/bad"])


def test_days_that_compare_with_a_day_that_came_late_are_made_anew_once_it_is_there(lake, snapshots, watch):
    put(snapshots, DAY, "/a")
    put(snapshots, LATER, "/a", "/c")
    watch()
    make(lake, snapshots, DAY)
    make(lake, snapshots, LATER)
    assert ranges(watch()) == []
    put(snapshots, NEXT, "/a", "/b")
    assert ranges(watch()) == [(NEXT, NEXT, False)]
    assert ranges(watch(timedelta(hours=1, minutes=1))) == []
    make(lake, snapshots, NEXT)
    assert ranges(watch(timedelta(hours=1, minutes=2))) == [(LATER, LATER, True)]
    compare(lake, LATER)
    last = watch(timedelta(hours=1, minutes=3))
    assert (ranges(last), dict(last.seen.waiting)) == ([], {})


def test_days_without_partition_are_passed_over(snapshots, watch):
    put(snapshots, DAY, "/a")
    assert ranges(watch(within=Bounds(NEXT, LATER))) == []


def test_only_folders_that_are_called_like_days_are_looked_into(snapshots):
    for name in ("2026-03-01", "2026-02-30", "tmp", ".staging", "2026-3-1"):
        (snapshots / name).mkdir()
    assert days_of(snapshots) == [DAY]
    assert days_of(snapshots / "away") == []


@pytest.mark.parametrize(
    "text", [None, "", "{", "[]", '{"tries": 5, "waiting": {}}', '{"tries": {"a": [1]}, "waiting": {}}']
)
def test_a_cursor_that_can_not_be_read_is_an_empty_one(text):
    assert Seen.from_json(text) == Seen()


def test_long_stretches_are_cut():
    days = [DAY + timedelta(days=number) for number in range(MOST_DAYS_A_RUN + 1)]
    assert stretches([*days, *days]) == [(days[0], days[-2]), (days[-1], days[-1])]
