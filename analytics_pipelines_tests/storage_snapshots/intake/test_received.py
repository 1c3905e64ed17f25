import json
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics_pipelines.storage_snapshots.intake.received import (
    BrokenSnapshot,
    input_name,
    manifest_of,
    received,
    share_of_input,
    told_count,
    told_mode,
    told_time,
)
from analytics_pipelines.storage_snapshots.layout import SnapshotFile
from analytics_pipelines_tests.storage_snapshots.trees import DAY


@pytest.fixture
def file(tmp_path):
    found = SnapshotFile.at(tmp_path, "s", DAY)
    found.parquet.parent.mkdir()
    pq.write_table(pa.table({"Path": ["/a", "/b"], "colour": ["red", "blue"]}), found.parquet)
    return found


@pytest.fixture
def cursor(lake):
    with lake.duck.cursor() as found:
        yield found


def test_a_file_is_known_by_its_columns_rows_and_hash(file, cursor):
    found = received(file, cursor)
    assert (found.rows, found.columns.unknown, found.told) == (2, ("colour",), {})
    (version,) = found.source.versions
    assert (version.table, version.day, version.sha256) == ("snapshot:s", DAY, found.sha256)


def test_inputs_of_a_manifest_tell_their_share():
    assert share_of_input(input_name("a b")) == "a b"
    assert share_of_input("raw_fs__entries") is None


@pytest.mark.parametrize("text", ["", "[1]", "{", "null", '"x"', "\xff"])
def test_a_manifest_that_is_no_object_tells_nothing(file, cursor, text):
    file.manifest.write_bytes(text.encode("latin-1"))
    assert manifest_of(file) == {}
    assert received(file, cursor).rows == 2


def test_a_file_that_may_not_be_read_is_told(file, cursor):
    file.parquet.unlink()
    file.parquet.mkdir()
    with pytest.raises(BrokenSnapshot, match="can not be read"):
        received(file, cursor)


def test_a_column_with_the_name_of_the_row_number_is_refused(file, cursor):
    pq.write_table(pa.table({"path": ["/a"], "File_Row_Number": [1]}), file.parquet)
    with pytest.raises(BrokenSnapshot, match="file_row_number"):
        received(file, cursor)


def test_brotli_is_found_in_any_row_group(file, cursor):
    with pq.ParquetWriter(file.parquet, pa.schema({"path": pa.string()}), compression={"path": "brotli"}) as writer:
        writer.write(pa.table({"path": ["/a"]}))
    with pytest.raises(BrokenSnapshot, match="Brotli"):
        received(file, cursor)


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("2026-01-02T03:04:05+00:00", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T05:04:05+02:00", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("soon", None),
        (7, None),
        (None, None),
    ],
)
def test_a_time_of_a_manifest_is_read_tolerantly(value, at):
    assert told_time(json.loads(json.dumps({"started_at": value})), "started_at") == at


@pytest.mark.parametrize(("value", "count"), [(5, 5), (0, 0), (-1, None), (True, None), (2**63, None), ("5", None)])
def test_a_count_of_a_manifest_is_a_number_or_nothing(value, count):
    assert told_count({"vanished": value}, "vanished") == count
    assert told_count({"capacity": 7}, "capacity_bytes", "capacity") == 7


@pytest.mark.parametrize(
    ("value", "mode"), [("hashed", "hashed"), ("metadata", "metadata"), ("x", "received"), (["a"], "received")]
)
def test_a_mode_is_ours_or_received(value, mode):
    assert told_mode({"mode": value}) == mode
