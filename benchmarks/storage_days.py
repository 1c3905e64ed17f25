"""Both days of the large share through every table of the lake, timed: ingest, rollup, comparison."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.storage_snapshots.differences.changes import changes, directory_changes
from analytics_pipelines.storage_snapshots.differences.last_known import days_read, pairs
from analytics_pipelines.storage_snapshots.intake.ingest import received_entries, received_snapshots
from analytics_pipelines.storage_snapshots.rollup.directories import directories, directory_bands, directory_types
from analytics_pipelines.storage_snapshots.rollup.distribution import distribution
from analytics_pipelines.storage_snapshots.rollup.growth import growth
from analytics_pipelines.storage_snapshots.tables import (
    CHANGES,
    DIRECTORIES,
    DIRECTORY_BANDS,
    DIRECTORY_CHANGES,
    DIRECTORY_TYPES,
    DISTRIBUTION,
    ENTRIES,
    GROWTH,
    SNAPSHOTS,
)

DAYS = (date(2026, 11, 20), date(2026, 11, 21))


@dataclass(frozen=True, slots=True)
class Days:
    """Seconds of the second day's work; the first day's rows are all there is to compare it with."""

    ingest_s: float
    rollup_s: float
    """Folders, their types, their bands, distribution."""
    compare_s: float
    """Entries of both days against each other, and folders."""


def make_days(lake: Lake, snapshots: Path) -> Days:
    """Make both days; the seconds are the second's."""
    made = [(_ingest(lake, snapshots, day), _rollup(lake, day), _compare(lake, day)) for day in DAYS]
    return Days(*made[-1])


def _ingest(lake: Lake, snapshots: Path, day: date) -> float:
    entries = _made(lake, ENTRIES, day, lambda: received_entries(snapshots, day, duck=lake.duck))
    taken = lake.scan(ENTRIES, [day])
    return entries + _made(lake, SNAPSHOTS, day, lambda: received_snapshots(snapshots, taken, day, duck=lake.duck))


def _rollup(lake: Lake, day: date) -> float:
    entries, snapshots = lake.scan(ENTRIES, [day]), lake.scan(SNAPSHOTS, [day])
    made = [
        _made(lake, DIRECTORIES, day, lambda: directories(entries)),
        _made(lake, DIRECTORY_TYPES, day, lambda: directory_types(entries)),
        _made(lake, DIRECTORY_BANDS, day, lambda: directory_bands(entries, snapshots)),
        _made(lake, DISTRIBUTION, day, lambda: distribution(entries, snapshots)),
    ]
    _made(lake, GROWTH, day, lambda: growth(lake.scan(DIRECTORIES, DAYS[: DAYS.index(day) + 1]), day))
    return sum(made)


def _compare(lake: Lake, day: date) -> float:
    found = pairs(lake, day)
    entries, folders = (lake.scan(table, days_read(found, day)) for table in (ENTRIES, DIRECTORIES))
    compared = _made(lake, CHANGES, day, lambda: changes(entries, folders, found, day))
    changed = lake.scan(CHANGES, [day])
    return compared + _made(lake, DIRECTORY_CHANGES, day, lambda: directory_changes(folders, changed, found, day))


def _made(lake: Lake, table: Table, day: date, make: Callable[[], Select | None]) -> float:
    """Seconds that one partition took, checked and published."""
    started_s = time.perf_counter()
    select = make()
    if select is None:
        raise AssertionError(table.name + " has nothing to make")
    lake.replace(table, day, select)
    return time.perf_counter() - started_s
