import json
import stat

import pytest

from analytics_pipelines.foundation.errors import Conflict
from analytics_pipelines.foundation.files import sha256_of
from analytics_pipelines.storage_snapshots.layout import SnapshotFile
from analytics_pipelines.storage_snapshots.scanner.publishing import publish, sealed, staging
from analytics_pipelines_tests.storage_snapshots.trees import DAY


@pytest.fixture
def snapshot(tmp_path):
    return SnapshotFile.at(tmp_path / "snapshots", "s", DAY)


def test_what_is_published_is_found_sealed_and_described(snapshot):
    with staging(snapshot) as staged:
        staged.parquet.write_bytes(b"rows")
        sha256 = sealed(staged.parquet)
        publish(snapshot, staged, json.dumps({"sha256": sha256}).encode())
    assert snapshot.parquet.read_bytes() == b"rows"
    assert stat.S_IMODE(snapshot.parquet.stat().st_mode) == 0o444
    assert json.loads(snapshot.manifest.read_bytes()) == {"sha256": sha256_of(snapshot.parquet)}


def test_what_is_not_published_leaves_nothing(snapshot):
    def given_up():
        with staging(snapshot) as staged:
            for file in (staged.parquet, staged.hashed, staged.hashes, staged.manifest):
                file.write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        given_up()
    assert [file.name for file in snapshot.folder.rglob("*") if file.is_file()] == ["s.lock"]


def test_only_one_at_a_time_makes_a_snapshot_of_a_share(snapshot):
    with staging(snapshot), pytest.raises(Conflict), staging(snapshot):
        pass
