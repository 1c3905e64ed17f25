"""Partitions of several tables and days that are published at one instant, or not at all.

with lake.together() as run:
    write(run.file(USERS, day))
    users = run.seal(USERS, day, rows=1_000, source={"moment": …})
    run.publish([users, …])
"""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from analytics_pipelines.foundation.duck import Duck
from analytics_pipelines.foundation.errors import CheckFailed
from analytics_pipelines.foundation.files import disk_errors, locked, sync_file, write_synced
from analytics_pipelines.foundation.lake.checks import copied_verdicts
from analytics_pipelines.foundation.lake.manifest import Manifest, as_kept
from analytics_pipelines.foundation.lake.partition import PARTITION, Partition
from analytics_pipelines.foundation.lake.releases import Releases
from analytics_pipelines.foundation.lake.stage import READ_ONLY, Staged, described
from analytics_pipelines.foundation.lake.workspace import sweep, workspace
from analytics_pipelines.foundation.tables import Table

DEFAULT_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class TogetherRun:
    """One run in the making; what it wrote and did not publish is gone with it."""

    workspace: Path
    """A private folder on the lake's file system, for whatever the run needs."""
    _releases: Releases
    _duck: Duck

    def file(self, table: Table, day: date) -> Path:
        """Where the caller writes the Parquet file of that table and day; what it wrote there before is gone."""
        partition = self._partition(table, day)
        shutil.rmtree(partition.folder, ignore_errors=True)
        partition.folder.mkdir(parents=True)
        return partition.file

    def seal(
        self,
        table: Table,
        day: date,
        *,
        rows: int,
        offenders: Sequence[str] = (),
        source: Mapping[str, Any] | None = None,
        is_key_proven: bool = False,
    ) -> Staged:
        """Sync, hash, check and describe the file that was written; nobody reads it yet.

        `offenders` say where it differs from its source. The key's uniqueness is not counted where the source has
        proven it (`is_key_proven`), because that costs memory in the number of rows. Raises `DiskFull`.
        """
        partition = self._partition(table, day)
        with disk_errors(), self._duck.cursor() as cursor:
            os.chmod(partition.file, READ_ONLY)
            sync_file(partition.file)
            found = copied_verdicts(cursor, table, partition.file, offenders, is_key_proven=is_key_proven)
            kept = as_kept(source) if source is not None else None
            manifest = described(table, day, partition.file, rows, source=kept)
            partition.manifest_file.unlink(missing_ok=True)
            write_synced(partition.manifest_file, manifest.to_json(), mode=READ_ONLY)
        return Staged(partition, manifest, tuple(found))

    def publish(self, sealed: Sequence[Staged]) -> list[Manifest]:
        """Swap all of them in at one instant; all other partitions of all tables stay as they are.

        Raises `CheckFailed` that names every partition which broke a rule, or `DiskFull`; then nothing is published.
        """
        _must_all_pass(sealed)
        if not sealed:
            return []
        places = {(each.manifest.table, PARTITION + each.manifest.day.isoformat()): each.partition for each in sealed}
        with disk_errors():
            self._releases.publish(places, self.workspace)
            self._releases.sweep()
        return [each.manifest for each in sealed]

    def _partition(self, table: Table, day: date) -> Partition:
        return Partition(self.workspace / "sealed" / table.name / (PARTITION + day.isoformat()))


@contextmanager
def together(releases: Releases, duck: Duck, *, wait_s: float) -> Iterator[TogetherRun]:
    """A run that no other one overlaps; what killed ones left is removed first.

    Raises `Conflict` when another run goes on past `wait_s`.
    """
    with disk_errors(), locked(releases.run_lock, wait_s=wait_s):
        sweep(releases.staging, lambda _: None)
        releases.sweep()
        with workspace(releases.staging) as folder:
            yield TogetherRun(folder, releases, duck)


def _must_all_pass(sealed: Sequence[Staged]) -> None:
    told = []
    for each in sealed:
        try:
            each.must_pass()
        except CheckFailed as error:
            told.append(error.detail)
    if told:
        raise CheckFailed(" ".join(told), remedy="Nothing was published; the old partitions stay readable.")
