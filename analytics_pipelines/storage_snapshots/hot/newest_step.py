"""What differs between each share's newest snapshot and the one before, while a generation is made."""

from collections.abc import Sequence

from analytics_pipelines.foundation.hot import Readable
from analytics_pipelines.foundation.sql import Sql, from_file, joined, literal, literals
from analytics_pipelines.storage_snapshots.hot.differences import (
    FILES,
    FOLDERS,
    ChangeKind,
    ComparedLevel,
    Level,
    differences,
    kinds_of,
    net_step,
)
from analytics_pipelines.storage_snapshots.hot.newest import scan_newest
from analytics_pipelines.storage_snapshots.tables import CHANGES, DIRECTORY_CHANGES, SNAPSHOTS

MOST_DIFFERENCES = 500_000
"""Rows of changes in a share's newest step up to which they are kept hot; it bounds what publishing costs."""


def ranked_differences(readable: Readable) -> Sql:
    """Rows of `hot_fs__differences`."""
    within = _of_shares(_small_steps(readable))
    files, folders = _kinds(readable, FILES, within), _kinds(readable, FOLDERS, within)
    return from_file(__package__, "ranked_differences").fill(
        files=differences(ComparedLevel.FILES, files, folders),
        folders=differences(ComparedLevel.DIRECTORIES, files, folders),
    )


def compared(readable: Readable) -> Sql:
    """Rows of `hot_fs__compared`."""
    within = _of_shares(_small_steps(readable))
    newest = Sql("SELECT share, snapshot_date FROM ({snapshots}) AS snapshots WHERE {within}")
    return from_file(__package__, "compared").fill(
        snapshots=newest.fill(snapshots=scan_newest(readable, SNAPSHOTS), within=within),
        kinds=literals(ChangeKind),
        found=_kinds(readable, FILES, within),
    )


def _kinds(readable: Readable, level: Level, within: Sql) -> Sql:
    is_step = Sql("change <> 'first' AND {within}").fill(within=within)
    return kinds_of(level, net_step(level, scan_newest(readable, level.table), is_step))


def _small_steps(readable: Readable) -> list[str]:
    query = from_file(__package__, "small_steps").fill(
        snapshots=scan_newest(readable, SNAPSHOTS),
        changes=scan_newest(readable, CHANGES),
        directory_changes=scan_newest(readable, DIRECTORY_CHANGES),
        most=Sql(str(MOST_DIFFERENCES)),
    )
    return [share for (share,) in readable.rows(query)]


def _of_shares(shares: Sequence[str]) -> Sql:
    if not shares:
        return Sql("false")
    return Sql("share IN ({shares})").fill(shares=joined(literal(share) for share in shares))
