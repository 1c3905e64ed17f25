import errno
import os
from datetime import date

import pytest

from analytics_pipelines.foundation.errors import DiskFull
from analytics_pipelines.storage_snapshots.layout import (
    BadShareName,
    BadSnapshotDate,
    NotWritable,
    SnapshotFile,
    share_name,
    snapshot_date,
    snapshots_of,
    told_sha256,
    write_errors_told,
)
from analytics_pipelines_tests.storage_snapshots.trees import DAY


@pytest.mark.parametrize("name", ["projects", "Daten 2", "größe", "a.b-c_d", "x" * 100])
def test_a_share_may_be_called(name):
    assert share_name(name) == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".hidden", "a/b", "../x", "a\0b", "a\nb", "-rf", "[x]", "*", "x" * 101, "ü" * 51, "a\udcff"]
)
def test_a_share_may_not_be_called(name):
    with pytest.raises(BadShareName) as caught:
        share_name(name)
    assert caught.value.remedy


def test_a_day_is_written_with_hyphens():
    assert snapshot_date("2026-02-28") == date(2026, 2, 28)


@pytest.mark.parametrize(
    "text", ["", "2026-02-30", "20260228", "2026-W09-6", "2026-02-28/..", "yesterday", "٢٠٢٦-٠٢-٢٨"]
)
def test_what_is_not_a_day_is_refused(text):
    with pytest.raises(BadSnapshotDate, match="YYYY-MM-DD"):
        snapshot_date(text)


def test_only_parquet_files_with_a_shares_name_are_snapshots(tmp_path):
    folder = tmp_path / DAY.isoformat()
    folder.mkdir()
    for name in ("b.parquet", "a.parquet", "a.json", ".c.parquet", "[d].parquet", "e.parquet.part"):
        (folder / name).touch()
    assert [each.share for each in snapshots_of(tmp_path, DAY)] == ["a", "b"]
    assert snapshots_of(tmp_path, date(2026, 3, 2)) == []


@pytest.mark.parametrize(
    ("content", "promised"),
    [
        pytest.param('{"sha256": "ab"}', "ab", id="ours"),
        pytest.param('{"sha256": 7}', None, id="a number is no hash"),
        pytest.param("[1]", None, id="somebody else's"),
        pytest.param('{"sha', None, id="half of one"),
    ],
)
def test_a_manifest_promises_a_hash_or_nothing(tmp_path, content, promised):
    snapshot = SnapshotFile.at(tmp_path, "a", DAY)
    assert told_sha256(snapshot) is None
    snapshot.manifest.parent.mkdir()
    snapshot.manifest.write_text(content)
    assert told_sha256(snapshot) == promised


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        pytest.param(errno.ENOSPC, DiskFull, id="full"),
        pytest.param(errno.EDQUOT, DiskFull, id="over quota"),
        pytest.param(errno.EROFS, NotWritable, id="read-only"),
        pytest.param(errno.EIO, OSError, id="broken"),
    ],
)
def test_what_hinders_writing_is_told_by_type(number, kind):
    with pytest.raises(kind), write_errors_told():
        raise OSError(number, os.strerror(number))
