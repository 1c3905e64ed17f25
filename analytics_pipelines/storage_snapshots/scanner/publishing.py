"""How a snapshot comes to be, whoever makes it: grown aside under the share's lock, sealed, its manifest put last."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from analytics_pipelines.foundation.files import locked, make_folders, move_into_place, sha256_of, sync_file
from analytics_pipelines.storage_snapshots.layout import SnapshotFile, write_errors_told


@dataclass(frozen=True, slots=True)
class Staged:
    """Where the files of a snapshot grow: the rows, the rows with hashes, the hashes, what the scan saw."""

    parquet: Path
    hashed: Path
    hashes: Path
    manifest: Path


@contextmanager
def staging(snapshot: SnapshotFile) -> Iterator[Staged]:
    """Places for the files while they grow; whatever still lies there at the end is removed.

    Raises `Conflict` when another one makes a snapshot of the share, `NotWritable`, `DiskFull`.
    """
    staged = Staged(*map(snapshot.staged, (".parquet", ".hashed.parquet", ".hashes", ".json")))
    with write_errors_told(), locked(snapshot.lock, wait_s=0):
        try:
            yield staged
        finally:
            for file in (staged.parquet, staged.hashed, staged.hashes, staged.manifest):
                file.unlink(missing_ok=True)


def sealed(file: Path) -> str:
    """The hash of the finished file, which nobody may write any more and which a crash leaves whole."""
    os.chmod(file, 0o444)
    sync_file(file)
    return sha256_of(file)


def publish(snapshot: SnapshotFile, staged: Staged, manifest: bytes) -> None:
    """Both files in place, the manifest last; in between the old one must not speak for the new rows."""
    staged.manifest.write_bytes(manifest)
    sync_file(staged.manifest)
    make_folders(snapshot.parquet.parent)
    snapshot.manifest.unlink(missing_ok=True)
    move_into_place(staged.parquet, snapshot.parquet)
    move_into_place(staged.manifest, snapshot.manifest)
