"""Takes the day's snapshot files into the lake: house names, typed, in pre-order, whoever wrote them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.clock import midnight
from analytics_pipelines.foundation.duck import Duck, DuckLimits
from analytics_pipelines.foundation.errors import Conflict, SetupError
from analytics_pipelines.foundation.select import ArrowRows, Scan, Select, Source
from analytics_pipelines.foundation.sql import Sql, from_file, joined
from analytics_pipelines.storage_snapshots.intake.placed import Placed, placed
from analytics_pipelines.storage_snapshots.intake.received import (
    RECEIVED,
    BrokenSnapshot,
    called,
    received,
    told_count,
    told_mode,
    told_time,
)
from analytics_pipelines.storage_snapshots.layout import SnapshotFile, snapshots_of

__all__ = ["BrokenSnapshot", "NoSnapshotsFolder", "existing", "received_entries", "received_snapshots"]
Complain = Callable[[BrokenSnapshot], None]
OWN_MEMORY_BYTES = 2**30


FACTS = pa.schema(
    {
        "share": pa.string(),
        "taken_at": pa.timestamp("us", tz="UTC"),
        "ended_at": pa.timestamp("us", tz="UTC"),
        "mode": pa.string(),
        "rows": pa.int64(),
        "vanished_count": pa.int64(),
        "other_filesystem_count": pa.int64(),
        "capacity_bytes": pa.int64(),
        "available_bytes": pa.int64(),
        "absent_columns": pa.string(),
        "unknown_columns": pa.string(),
        "sha256": pa.string(),
    }
)


class ReplacedSnapshot(Conflict):
    """A snapshot's file is not the one any more of which the day's entries were made."""


class NoSnapshotsFolder(SetupError):
    """`SNAPSHOTS_PATH` names a folder that is not there."""


def received_entries(
    snapshots_folder: Path, day: date, *, duck: Duck | None = None, complain: Complain | None = None
) -> Select | None:
    """Rows of `raw_fs__entries`: every share that was scanned as of the day.

    None where the day has no snapshot, so that a backfill passes over it and it never looks like a deletion. A
    snapshot needs no manifest of ours. One that can not be trusted is told to `complain` and left out, as if its share
    had not been scanned on the day; without `complain` its `BrokenSnapshot` is raised. Paths are sorted by `duck`, or
    by an instance of its own.
    """
    files = snapshots_of(snapshots_folder, day)
    if not files:
        return None
    with _cursor(duck) as cursor:
        found = list(_placed(cursor, files, complain))
    if not found:
        return None
    reads: dict[str, Source] = {}
    for each in found:
        reads |= each.reads
    counts = joined((each.expected() for each in found), " + ")
    return Select(
        joined((each.rows() for each in found), "\nUNION ALL\n"),
        reads=reads,
        expected_rows=Sql("SELECT {counts}").fill(counts=counts),
    )


def received_snapshots(
    snapshots_folder: Path,
    entries: Scan,
    day: date,
    *,
    taken: Mapping[str, str] | None = None,
    duck: Duck | None = None,
) -> Select | None:
    """Rows of `core_fs__snapshots`: what the producer told of each share whose entries the day has.

    `taken` is the hash of each share's file when its entries were taken in; raises `ReplacedSnapshot` for one that is
    another file now. Of a file that is gone since, only what the entries say is known. None where the day has no
    entries.
    """
    if not entries.files:
        return None
    with _cursor(duck) as cursor:
        facts = [_facts(cursor, file, taken) for file in snapshots_of(snapshots_folder, day)]
    there = {each["share"] for each in facts if each}
    facts += [_unknown(share, sha256) for share, sha256 in (taken or {}).items() if share not in there]
    rows = pa.Table.from_pylist([each for each in facts if each], schema=FACTS)
    end_of_day = midnight(day) + timedelta(days=1)
    return Select(
        from_file(__package__, "received_snapshots"),
        reads={"entries": entries, "facts": ArrowRows(rows)},
        values={"end_of_day": end_of_day},
        expected_rows=Sql("SELECT count(DISTINCT share) FROM entries"),
    )


def existing(snapshots_folder: Path) -> Path:
    """The folder again; raises `NoSnapshotsFolder` when it is not one, an unmounted disk for instance."""
    if snapshots_folder.is_dir():
        return snapshots_folder
    raise NoSnapshotsFolder(
        "SNAPSHOTS_PATH does not name a folder.", remedy="Mount or make it, or unset SNAPSHOTS_PATH."
    )


def _placed(cursor: DuckDBPyConnection, files: Iterable[SnapshotFile], complain: Complain | None) -> Iterator[Placed]:
    for file in files:
        try:
            yield placed(cursor, received(file, cursor))
        except BrokenSnapshot as error:
            if complain is None:
                raise
            complain(error)


def _facts(cursor: DuckDBPyConnection, file: SnapshotFile, taken: Mapping[str, str] | None) -> dict[str, Any] | None:
    """What file and manifest say of the share; None for one that was not taken in."""
    if taken is not None and file.share not in taken:
        return None
    try:
        found = received(file, cursor)
    except BrokenSnapshot:
        found = None
    if taken is not None and (found is None or found.sha256 != taken[file.share]):
        raise ReplacedSnapshot(called(file) + " was replaced by another file.", remedy="Take the day in again.")
    if found is None:
        return None
    return {
        "share": file.share,
        "taken_at": told_time(found.told, "started_at"),
        "ended_at": told_time(found.told, "ended_at"),
        "mode": told_mode(found.told),
        "rows": found.rows,
        "vanished_count": told_count(found.told, "vanished"),
        "other_filesystem_count": told_count(found.told, "other_filesystems"),
        "capacity_bytes": told_count(found.told, "capacity_bytes", "capacity"),
        "available_bytes": told_count(found.told, "available_bytes", "available"),
        "absent_columns": ",".join(found.columns.absent),
        "unknown_columns": ",".join(found.columns.unknown),
        "sha256": found.sha256,
    }


def _unknown(share: str, sha256: str) -> dict[str, Any]:
    return {"share": share, "mode": RECEIVED, "absent_columns": "", "unknown_columns": "", "sha256": sha256}


@contextmanager
def _cursor(duck: Duck | None) -> Iterator[DuckDBPyConnection]:
    if duck is not None:
        with duck.cursor() as cursor:
            yield cursor
        return
    limits = DuckLimits(OWN_MEMORY_BYTES, psutil.cpu_count() or 1, None)
    with closing(Duck(limits)) as own, own.cursor() as cursor:
        yield cursor
