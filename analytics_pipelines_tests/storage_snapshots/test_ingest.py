import json
import shutil
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics_pipelines.foundation.errors import CheckFailed
from analytics_pipelines.foundation.files import sha256_of
from analytics_pipelines.storage_snapshots.ingest import (
    BrokenSnapshot,
    NoSnapshotsFolder,
    existing,
    received_entries,
)
from analytics_pipelines.storage_snapshots.layout import SnapshotFile
from analytics_pipelines.storage_snapshots.scan import scan
from analytics_pipelines.storage_snapshots.tables import ENTRIES
from analytics_pipelines_tests.storage_snapshots.trees import DAY, Node, hostile_tree, written


@pytest.fixture
def snapshots(tmp_path):
    return tmp_path / "snapshots"


def taken_in(lake, snapshots, day=DAY):
    lake.replace(ENTRIES, day, received_entries(snapshots, day))
    return lake.lazy(ENTRIES, [day]).collect().to_dicts()


def foreign(snapshots, rows, share="foreign", **options):
    folder = snapshots / DAY.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / f"{share}.parquet", **options)
    return folder / f"{share}.parquet"


def test_a_scan_comes_into_the_lake_under_house_names(lake, tmp_path, snapshots):
    (tmp_path / "tree").mkdir()
    report = scan(hostile_tree(tmp_path / "tree"), "s", DAY, snapshots)
    rows = taken_in(lake, snapshots)
    scanned = {row["path"]: row for row in pq.read_table(report.file).to_pylist()}
    assert len(rows) == report.entries
    for row in rows:
        source = scanned[row["path"]]
        assert (row["size_bytes"], row["allocated_bytes"]) == (source["size"], source["size_du"])
        assert (row["modified_at"], row["inode"], row["owner_name"]) == (
            source["mtime"],
            source["ino"],
            source["owner"],
        )
        assert row["path_raw"] == source["path_raw"]


def test_entries_lie_in_pre_order_so_that_what_is_below_a_folder_is_one_range(lake, snapshots):
    names = ["/a", "/a/x", "/a/x/y", "/a/x-", "/a\x01", "/a-b", "/a.", "/ab", "/á", "/a/\ufffdFF", "/a/\ufffdFF/z"]
    root = Node("/r", "d")
    written(snapshots, "s", [root.row(), *(Node("/r" + name).row() for name in reversed(names))])
    rows = taken_in(lake, snapshots)
    assert [row["pre"] for row in rows] == list(range(len(names) + 1))
    assert [row["path"].removeprefix("/r") for row in rows] == [
        *("", "/a", "/a/x", "/a/x/y", "/a/x-", "/a/\ufffdFF", "/a/\ufffdFF/z", "/a\x01", "/a-b", "/a.", "/ab", "/á")
    ]


def test_shares_lie_one_after_the_other_each_with_a_pre_order_of_its_own(lake, snapshots):
    for share in ("b", "a"):
        written(snapshots, share, [Node("/r", "d").row(share), Node("/r/f").row(share)])
    assert [(row["share"], row["pre"]) for row in taken_in(lake, snapshots)] == [("a", 0), ("a", 1), ("b", 0), ("b", 1)]


def test_share_and_day_are_those_of_the_files_place(lake, snapshots):
    written(snapshots, "moved", [Node("/r", "d").row("other") | {"snapshot_date": date(1999, 1, 1)}])
    assert [(row["share"], row["snapshot_date"]) for row in taken_in(lake, snapshots)] == [("moved", DAY)]


def test_the_same_files_give_the_same_bytes(lake, snapshots):
    written(snapshots, "s", [Node(f"/r/{number}").row() for number in range(50)])
    first = lake.replace(ENTRIES, DAY, received_entries(snapshots, DAY))
    assert lake.replace(ENTRIES, DAY, received_entries(snapshots, DAY)) == first
    assert [(each.table, each.day) for each in first.inputs] == [("snapshot:s", DAY)]
    assert first.inputs[0].sha256 == sha256_of(SnapshotFile.at(snapshots, "s", DAY).parquet)


def test_a_day_without_snapshot_has_nothing_to_take_in(snapshots):
    assert received_entries(snapshots, DAY) is None
    (snapshots / DAY.isoformat()).mkdir(parents=True)
    assert received_entries(snapshots, DAY) is None


def test_other_producers_names_are_understood_and_what_they_lack_is_null(lake, snapshots):
    at = datetime(2026, 1, 2, tzinfo=UTC)
    foreign(snapshots, [{"full_path": "/r/a.txt", "type": "f", "size": 5, "blocks": 8, "modified_at": at, "extra": 1}])
    (row,) = taken_in(lake, snapshots)
    assert (row["path"], row["name"], row["size_bytes"], row["allocated_bytes"]) == ("/r/a.txt", "a.txt", 5, 4096)
    assert row["modified_at"] == at
    assert {row[column] for column in ("inode", "owner_name", "path_raw", "depth", "error")} == {None}


def test_shares_of_different_producers_stand_side_by_side(lake, snapshots):
    written(snapshots, "ours", [Node("/r", "d").row("ours")])
    foreign(snapshots, [{"type": "f", "path": "/x"}])
    assert [(row["share"], row["path"]) for row in taken_in(lake, snapshots)] == [("foreign", "/x"), ("ours", "/r")]


def test_inodes_past_the_signed_range_stay_distinct(lake, snapshots):
    nodes = [Node("/r/a", inode=2**64 - 1), Node("/r/b", inode=2**63), Node("/r/c", inode=2**63 - 1)]
    written(snapshots, "s", [node.row() for node in nodes])
    assert [row["inode"] for row in taken_in(lake, snapshots)] == [-1, -(2**63), 2**63 - 1]


def test_a_producer_who_names_a_path_twice_is_refused(lake, snapshots):
    written(snapshots, "s", [Node("/r/a").row(), Node("/r/a").row()])
    with pytest.raises(CheckFailed, match="key_is_unique"):
        taken_in(lake, snapshots)


def test_paths_that_look_alike_are_told_apart_by_their_bytes(lake, snapshots):
    rows = [Node("/r/?").row() | {"path_raw": raw} for raw in (b"/r/\xff", b"/r/\xfe")]
    written(snapshots, "s", rows)
    assert [row["path_raw"] for row in taken_in(lake, snapshots)] == [b"/r/\xfe", b"/r/\xff"]


def cut(file):
    file.write_bytes(file.read_bytes()[:-20])


def not_parquet(file):
    file.write_bytes(b"PAR1 no")


def without_path(file):
    pq.write_table(pa.Table.from_pylist([{"type": "f"}]), file)


def brotli(file):
    pq.write_table(pa.Table.from_pylist([{"path": "/r", "type": "d"}]), file, compression="brotli")


def other_manifest(file):
    file.with_suffix(".json").write_text(json.dumps({"sha256": "0" * 64}))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(cut, "not readable Parquet", id="truncated"),
        pytest.param(not_parquet, "not readable Parquet", id="no Parquet at all"),
        pytest.param(without_path, "lacks columns: path", id="a column is missing"),
        pytest.param(brotli, "Brotli", id="Brotli"),
        pytest.param(other_manifest, "manifest", id="not what its manifest describes"),
    ],
)
def test_a_day_with_a_broken_snapshot_is_not_taken_in(lake, snapshots, spoil, words):
    written(snapshots, "good", [Node("/r", "d").row("good")])
    spoil(written(snapshots, "bad", [Node("/r", "d").row("bad")]))
    with pytest.raises(BrokenSnapshot, match=words) as caught:
        received_entries(snapshots, DAY)
    assert "'bad'" in caught.value.detail
    assert str(snapshots) not in str(caught.value)


def test_an_empty_file_of_a_producer_gives_no_rows(lake, snapshots):
    written(snapshots, "s", [])
    assert taken_in(lake, snapshots) == []


def test_a_folder_that_was_set_and_is_away_is_told(snapshots):
    with pytest.raises(NoSnapshotsFolder, match="SNAPSHOTS_PATH"):
        existing(snapshots)
    snapshots.mkdir()
    assert existing(snapshots) == snapshots
    shutil.rmtree(snapshots)
