"""Hard links to partitions, each exactly the bytes that its manifest names."""

import errno
import os
from pathlib import Path

from analytics_pipelines.foundation.errors import Conflict, SetupError
from analytics_pipelines.foundation.files import locked, sha256_of
from analytics_pipelines.foundation.lake import Lake, Manifest
from analytics_pipelines.foundation.tables import Table

LOCK_WAIT_S = 30.0


class PartitionMoved(Conflict):
    """A day was replaced since the generation was planned."""


class DamagedPartition(Conflict):
    """A day's file does not hold the bytes that its manifest names."""


def link_partition(lake: Lake, table: Table, manifest: Manifest, target: Path) -> None:
    """Link the day's file to `target`.

    Raises `PartitionMoved`, `DamagedPartition`, or `Conflict` when a writer keeps the partition locked.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with locked(lake.lock_file(table, manifest.day), wait_s=LOCK_WAIT_S, shared=True):
        if lake.manifest(table, manifest.day) != manifest:
            raise PartitionMoved(_named(manifest) + " was replaced meanwhile.", remedy="Publish again.")
        link(lake.file(table, manifest.day), target)
    # The link is ours whatever happens to the lake, so hashing needs no lock.
    if target.stat().st_size != manifest.size_bytes or sha256_of(target) != manifest.sha256:
        raise DamagedPartition(
            _named(manifest) + " is not what its manifest says.", remedy="Materialize that day of the table again."
        )


def link(source: Path, target: Path) -> None:
    """A second name for the same bytes; raises `SetupError` across file systems."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        raise SetupError(
            "Lake and generations lie on different file systems.", remedy="Keep all of ANALYTICS_HOME on one."
        ) from error


def _named(manifest: Manifest) -> str:
    return manifest.table + " of " + manifest.day.isoformat()
