"""Out of the lake and in again: what ncdu's format can say comes back as it was."""

import io
import json
from datetime import UTC, date, datetime

import pytest

from analytics_pipelines.storage_snapshots.intake.ingest import received_entries
from analytics_pipelines.storage_snapshots.producers.ncdu_export import NothingToExport, export_ncdu
from analytics_pipelines.storage_snapshots.producers.ncdu_import import import_ncdu
from analytics_pipelines.storage_snapshots.scanner.scan import scan
from analytics_pipelines.storage_snapshots.tables import ENTRIES
from analytics_pipelines_tests.storage_snapshots.trees import DAY, hostile_tree, link_farm

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
SAME = (
    *("path", "path_raw", "name", "parent_path", "depth", "pre", "last_pre", "parent_pre", "type", "extension"),
    *("size_bytes", "allocated_bytes", "modified_at", "mode", "uid", "gid", "device", "inode"),
)
AGAIN = date(2026, 4, 1)


@pytest.fixture
def snapshots(tmp_path):
    (tmp_path / "tree" / "farm").mkdir(parents=True)
    link_farm(tmp_path / "tree" / "farm")
    scan(hostile_tree(tmp_path / "tree"), "s", DAY, tmp_path / "snapshots")
    return tmp_path / "snapshots"


def taken(lake, snapshots, day):
    lake.replace(ENTRIES, day, received_entries(snapshots, day, duck=lake.duck))
    return lake.lazy(ENTRIES, [day]).collect().to_dicts()


def exported(lake, share="s", day=DAY):
    into = io.BytesIO()
    with lake.duck.cursor() as cursor:
        written = export_ncdu(cursor, lake.scan(ENTRIES, [day]), share, at=AT, into=into)
    return written, into.getvalue()


def test_an_export_that_is_imported_again_is_the_same_snapshot(lake, snapshots, tmp_path):
    before = taken(lake, snapshots, DAY)
    written, text = exported(lake)
    assert written == len(before)
    (tmp_path / "export").write_bytes(text)
    made = import_ncdu(tmp_path / "export", "s", snapshots, day=AGAIN)
    assert made.entries == len(before)
    after = taken(lake, snapshots, AGAIN)
    assert [{key: row[key] for key in SAME} for row in after] == [{key: row[key] for key in SAME} for row in before]
    links = {row["path"]: row["link_count"] for row in before if row["type"] != "d"}
    assert {row["path"]: row["link_count"] for row in after if row["type"] != "d"} == links


def test_the_text_is_json_as_ncdu_reads_it(lake, snapshots):
    taken(lake, snapshots, DAY)
    _, text = exported(lake)
    major, minor, metadata, root = json.loads(text.decode("latin-1"))
    assert (major, minor, metadata["timestamp"]) == (1, 2, int(AT.timestamp()))
    assert root[0]["name"].endswith("/tree")
    assert "dev" in root[0]
    assert not any("dev" in (each[0] if isinstance(each, list) else each) for each in root[1:])
    assert all(isinstance(each, dict | list) for each in root)


@pytest.mark.parametrize(("share", "day"), [("other", DAY), ("s", AGAIN)])
def test_what_is_not_in_the_lake_can_not_be_exported(lake, snapshots, share, day):
    taken(lake, snapshots, DAY)
    with pytest.raises(NothingToExport):
        exported(lake, share, day)
