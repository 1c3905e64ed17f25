import json
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics_pipelines.foundation.errors import Conflict
from analytics_pipelines.foundation.files import locked, sha256_of
from analytics_pipelines.storage_snapshots.layout import NotWritable, SnapshotFile
from analytics_pipelines.storage_snapshots.producers.publishing import writing
from analytics_pipelines_tests.storage_snapshots.trees import DAY

SCHEMA = pa.schema({"path": pa.string(), "type": pa.string(), "size": pa.int64(), "error": pa.string()})
AT = datetime(2026, 3, 1, 2, tzinfo=UTC)


@pytest.fixture
def snapshot(tmp_path):
    return SnapshotFile.at(tmp_path, "s", DAY)


def write(snapshot, size=7, **more):
    with writing(snapshot, SCHEMA) as writer:
        writer.write({"path": ["/", "/a"], "type": ["d", "f"], "size": [None, size], "error": [None, "EIO: x"]})
        return writer.publish(root="/", mode="metadata", producer="test", taken_at=AT, **more)


def write_without_sizes(snapshot):
    with writing(snapshot, SCHEMA) as writer:
        writer.write({"path": ["/b"], "type": ["f"], "size": [1], "error": [None]})
        writer.write({"path": ["/b"], "type": ["f"], "error": [None]})


def test_a_snapshot_is_the_parquet_and_a_manifest_that_promises_its_hash(snapshot):
    made = write(snapshot, vanished=3)
    told = json.loads(snapshot.manifest.read_bytes())
    assert told["sha256"] == sha256_of(snapshot.parquet)
    assert (told["started_at"], told["vanished"], told["mode"]) == (AT.isoformat(), 3, "metadata")
    assert (made.entries, made.files, made.directories, made.errors, made.size_bytes) == (2, 1, 1, 1, 7)
    assert {key: told[key] for key in ("entries", "files", "errors")} == {"entries": 2, "files": 1, "errors": 1}
    assert pq.read_table(snapshot.parquet).num_rows == 2
    assert snapshot.parquet.stat().st_mode & 0o777 == 0o444
    assert sorted(each.name for each in snapshot.staging.iterdir()) == ["s.lock"]


def test_a_producer_that_fails_leaves_the_snapshot_as_it_was(snapshot):
    write(snapshot)
    before = sha256_of(snapshot.parquet)
    with pytest.raises(KeyError, match="size"):
        write_without_sizes(snapshot)
    assert sha256_of(snapshot.parquet) == before == json.loads(snapshot.manifest.read_bytes())["sha256"]
    assert sorted(each.name for each in snapshot.staging.iterdir()) == ["s.lock"]


def test_an_older_snapshot_is_replaced_with_its_manifest(snapshot):
    write(snapshot)
    write(snapshot, size=8)
    assert json.loads(snapshot.manifest.read_bytes())["size_bytes"] == 8


def test_two_writers_of_one_share_do_not_meet(snapshot):
    with locked(snapshot.lock, wait_s=0), pytest.raises(Conflict):
        write(snapshot)


def test_a_folder_that_can_not_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(NotWritable):
        write(SnapshotFile.at(tmp_path / "file", "s", DAY))
