import json
import re
import shutil
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics_pipelines.foundation.files import sha256_of
from analytics_pipelines.storage_snapshots.intake.ingest import (
    BrokenSnapshot,
    NoSnapshotsFolder,
    ReplacedSnapshot,
    existing,
    received_entries,
    received_snapshots,
)
from analytics_pipelines.storage_snapshots.layout import SnapshotFile
from analytics_pipelines.storage_snapshots.scanner.rows import SCHEMA
from analytics_pipelines.storage_snapshots.scanner.scan import scan
from analytics_pipelines.storage_snapshots.tables import ENTRIES, SNAPSHOTS
from analytics_pipelines_tests.storage_snapshots.trees import DAY, Node, hostile_tree, written


def assert_spans_hold(rows):
    """Against what a person would say: who lies below whom, of the paths alone."""
    for row in rows:
        below = [each["pre"] for each in rows if each["path"].startswith(row["path"].rstrip("/") + "/")]
        assert row["last_pre"] == max(below, default=row["pre"])
        above = [each["pre"] for each in rows if each["path"] == row["parent_path"]]
        assert [row["parent_pre"]] == (above if row["pre"] else [None])


@pytest.fixture
def snapshots(tmp_path):
    return tmp_path / "snapshots"


def taken_in(lake, snapshots, day=DAY, **options):
    lake.replace(ENTRIES, day, received_entries(snapshots, day, duck=lake.duck, **options))
    return lake.lazy(ENTRIES, [day]).collect().to_dicts()


def told_of(lake, snapshots, day=DAY, **options):
    select = received_snapshots(snapshots, lake.scan(ENTRIES, [day]), day, duck=lake.duck, **options)
    lake.replace(SNAPSHOTS, day, select)
    return {row["share"]: row for row in lake.lazy(SNAPSHOTS, [day]).collect().to_dicts()}


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
    assert_spans_hold(rows)
    assert [row["path"].removeprefix("/r") for row in rows] == [
        *("", "/a", "/a/x", "/a/x/y", "/a/x-", "/a/\ufffdFF", "/a/\ufffdFF/z", "/a\x01", "/a-b", "/a.", "/ab", "/á")
    ]


def test_shares_lie_one_after_the_other_each_with_a_pre_order_of_its_own(lake, snapshots):
    for share in ("b", "a"):
        written(snapshots, share, [Node("/r", "d").row(share), Node("/r/f").row(share)])
    assert [(row["share"], row["pre"]) for row in taken_in(lake, snapshots)] == [("a", 0), ("a", 1), ("b", 0), ("b", 1)]


def test_share_and_day_are_those_of_the_files_place(lake, snapshots):
    written(snapshots, "moved", [Node("/r", "d").row("other") | {"snapshot_date": date(1999, 1, 1), "name": "lie"}])
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
    folder, row = taken_in(lake, snapshots)
    assert (row["path"], row["name"], row["size_bytes"], row["allocated_bytes"]) == ("/r/a.txt", "a.txt", 5, 4096)
    assert (row["modified_at"], row["depth"], row["parent_path"], row["extension"]) == (at, 1, "/r", "txt")
    assert {row[column] for column in ("inode", "owner_name", "path_raw", "error", "content_hash")} == {None}
    assert (folder["path"], folder["type"], folder["size_bytes"], folder["parent_path"]) == ("/r", "d", None, None)
    told = told_of(lake, snapshots)["foreign"]
    assert (told["unknown_columns"], told["implied_dir_count"], told["mode"]) == ("extra", 1, "received")
    absent = set(told["absent_columns"].split(","))
    assert {"inode", "owner_name", "accessed_at"} <= absent
    assert absent.isdisjoint({"path", "type", "size_bytes", "allocated_bytes", "modified_at", "blocks"})


def test_a_column_of_paths_is_enough(lake, snapshots):
    foreign(snapshots, [{"path": path} for path in ("/a/b/x", "/a/b/c/y", "/a/b/c")])
    rows = taken_in(lake, snapshots)
    assert [(row["path"], row["type"], row["depth"]) for row in rows] == [
        *[("/a/b", "d", 0), ("/a/b/c", "d", 1), ("/a/b/c/y", "f", 2), ("/a/b/x", "f", 1)]
    ]
    assert_spans_hold(rows)


def test_shares_of_different_producers_stand_side_by_side(lake, snapshots):
    written(snapshots, "ours", [Node("/r", "d").row("ours")])
    foreign(snapshots, [{"type": "f", "path": "/x"}])
    assert [(row["share"], row["path"]) for row in taken_in(lake, snapshots)] == [
        ("foreign", "/"),
        ("foreign", "/x"),
        ("ours", "/r"),
    ]
    assert told_of(lake, snapshots).keys() == {"foreign", "ours"}


def test_inodes_past_the_signed_range_stay_distinct(lake, snapshots):
    nodes = [Node("/r/a", inode=2**64 - 1), Node("/r/b", inode=2**63), Node("/r/c", inode=2**63 - 1)]
    written(snapshots, "s", [node.row() for node in nodes])
    assert [row["inode"] for row in taken_in(lake, snapshots)] == [None, -1, -(2**63), 2**63 - 1]


def test_paths_whose_text_lost_their_bytes_are_spelt_anew(lake, snapshots):
    rows = [Node("/r/\ufffd").row() | {"path_raw": raw} for raw in (b"/r/\xff", b"/r/\xfe")]
    written(snapshots, "s", rows)
    found = taken_in(lake, snapshots)[1:]
    assert [(row["path"], row["path_raw"]) for row in found] == [
        ("/r/\ufffdFE", b"/r/\xfe"),
        ("/r/\ufffdFF", b"/r/\xff"),
    ]


def test_what_a_scan_told_stands_in_the_list_of_snapshots(lake, tmp_path, snapshots):
    (tmp_path / "tree").mkdir()
    report = scan(hostile_tree(tmp_path / "tree"), "s", DAY, snapshots)
    taken_in(lake, snapshots)
    told = told_of(lake, snapshots, taken={"s": report.sha256})["s"]
    assert (told["taken_at"], told["ended_at"], told["sha256"]) == (report.started_at, report.ended_at, report.sha256)
    assert (told["entry_count"], told["error_count"], told["root_path"]) == (
        report.entries,
        report.errors,
        str(tmp_path / "tree"),
    )
    assert (told["mode"], told["implied_dir_count"], told["absent_columns"], told["unknown_columns"]) == (
        "metadata",
        0,
        "",
        "",
    )


def test_the_time_of_a_snapshot_without_manifest_is_the_end_of_its_day(lake, snapshots):
    foreign(snapshots, [{"path": "/x"}])
    (snapshots / DAY.isoformat() / "foreign.json").write_text('{"started_at": 5, "entries": "many", "mode": ["x"]}')
    taken_in(lake, snapshots)
    told = told_of(lake, snapshots)["foreign"]
    assert told["taken_at"] == datetime(2026, 3, 2, tzinfo=UTC)
    assert (told["ended_at"], told["mode"], told["vanished_count"]) == (None, "received", None)


def test_of_a_file_that_was_replaced_since_nothing_is_told(lake, snapshots):
    foreign(snapshots, [{"path": "/x"}])
    taken_in(lake, snapshots)
    with pytest.raises(ReplacedSnapshot, match="'foreign' on 2026-03-01"):
        told_of(lake, snapshots, taken={"foreign": "0" * 64})


def test_of_a_file_that_is_gone_since_what_the_entries_say_is_told(lake, snapshots):
    file = foreign(snapshots, [{"path": "/x"}])
    taken_in(lake, snapshots)
    taken = {"foreign": sha256_of(file)}
    file.unlink()
    assert told_of(lake, snapshots, taken=taken)["foreign"]["entry_count"] == 2


def test_a_day_without_entries_has_no_list_of_snapshots(lake, snapshots):
    assert received_snapshots(snapshots, lake.scan(ENTRIES, [DAY]), DAY, duck=lake.duck) is None


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


def damaged(file):
    """The footer is whole, a page is not."""
    rows = [Node("/r", "d").row(), *(Node(f"/r/{number * 7919}").row() for number in range(5000))]
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), file, compression="zstd")
    content = bytearray(file.read_bytes())
    content[200:900] = bytes(700)
    file.write_bytes(bytes(content))


def of_paths(*paths):
    return lambda file: pq.write_table(pa.Table.from_pylist([{"path": path} for path in paths]), file)


BROKEN = [
    pytest.param(cut, "not readable Parquet", id="truncated"),
    pytest.param(not_parquet, "not readable Parquet", id="no Parquet at all"),
    pytest.param(without_path, "lacks the column path", id="a column is missing"),
    pytest.param(brotli, "Brotli", id="Brotli"),
    pytest.param(other_manifest, "manifest", id="not what its manifest describes"),
    pytest.param(damaged, "can not be read whole", id="a damaged page"),
    pytest.param(of_paths("/a", "/a"), "'/a' for one", id="a path twice"),
    pytest.param(of_paths("/a/", "//a"), "'/a' for one", id="a path twice, spelt in two ways"),
    pytest.param(of_paths("/a/../b"), "'..' in it: '/a/../b'", id="a path that climbs"),
    pytest.param(of_paths("/a\0b"), "NUL", id="a NUL"),
    pytest.param(of_paths("/a", None), "1 rows without a path", id="no path"),
    pytest.param(
        lambda file: pq.write_table(pa.table({"path": pa.array([], pa.string())}), file), "no path", id="empty"
    ),
    pytest.param(lambda file: pq.write_table(pa.table({"path": [1]}), file), "not text", id="paths that are numbers"),
]


@pytest.mark.parametrize(("spoil", "words"), BROKEN)
def test_a_broken_snapshot_is_named_and_the_other_shares_of_the_day_are_taken_in(lake, snapshots, spoil, words):
    written(snapshots, "good", [Node("/r", "d").row("good")])
    spoil(written(snapshots, "bad", [Node("/r", "d").row("bad")]))
    with pytest.raises(BrokenSnapshot, match=re.escape(words)) as caught:
        received_entries(snapshots, DAY, duck=lake.duck)
    assert "'bad' on 2026-03-01" in caught.value.detail
    assert caught.value.remedy
    assert str(snapshots) not in str(caught.value)
    told = []
    assert {row["share"] for row in taken_in(lake, snapshots, complain=told.append)} == {"good"}
    assert [error.detail for error in told] == [caught.value.detail]
    assert [each.table for each in lake.manifest(ENTRIES, DAY).inputs] == ["snapshot:good"]


def test_a_day_of_broken_snapshots_only_has_nothing_to_take_in(lake, snapshots):
    brotli(written(snapshots, "bad", [Node("/r", "d").row("bad")]))
    told = []
    assert received_entries(snapshots, DAY, duck=lake.duck, complain=told.append) is None
    assert len(told) == 1


def test_a_folder_that_was_set_and_is_away_is_told(snapshots):
    with pytest.raises(NoSnapshotsFolder, match="SNAPSHOTS_PATH"):
        existing(snapshots)
    snapshots.mkdir()
    assert existing(snapshots) == snapshots
    shutil.rmtree(snapshots)
