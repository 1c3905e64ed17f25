"""What has expired goes, of everybody, and what a crash has left.

Rows go first and then their files; whoever is stopped between the two leaves folders without rows, which the next
sweep removes. A folder gets its row seconds after it was made: one without is left alone for an hour.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from analytics_pipelines.datasets.folders import Folders, Place
from analytics_pipelines.datasets.kept.transactions import reading_for, writing_for
from analytics_pipelines.datasets.tables import ANALYSES, DATASETS, RUNNING_PLANS
from analytics_pipelines.foundation.postgres.acting import Duty
from analytics_pipelines.foundation.postgres.database import Database

ROWLESS_FOR = timedelta(hours=1)
RUNNING_FOR = timedelta(days=1)
"""A plan has ended long before; whoever ran it was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep removed, and what it found amiss."""

    datasets: int
    """Expired, with their analyses."""
    freed_bytes: int
    """Of their Parquet files."""
    analyses: int
    """Of tables of the lake, as old as a dataset may get."""
    folders: int
    """Without a row: of users who are gone, and of crashes."""
    staged: int
    """Left by uploads that were killed."""
    running_plans: int
    missing: tuple[str, ...]
    """Ids of datasets whose file is gone; they are left for their users to see and delete."""


def sweep(database: Database, folders: Folders, now: datetime, *, keep_days: int) -> Swept:
    """Remove what was due at `now`; sweeping twice, or two at once, does no harm.

    `keep_days` is how long analyses of tables are kept. Raises `Unavailable`; what was removed by then stays removed.
    """
    expired, freed_bytes = _expired(database, now)
    for place in expired:
        folders.remove(place)
    rowless = _rowless(database, folders, now - ROWLESS_FOR)
    removed = sum(folders.remove(place) for place in rowless)
    analyses, running_plans = _old_rows(database, now, keep_days)
    return Swept(
        datasets=len(expired),
        freed_bytes=freed_bytes,
        analyses=analyses,
        folders=removed,
        staged=folders.sweep_staging(now - ROWLESS_FOR),
        running_plans=running_plans,
        missing=_missing(database, folders),
    )


def _expired(database: Database, now: datetime) -> tuple[list[Place], int]:
    """Places of datasets whose rows are gone from now on, and the bytes of their Parquet files."""
    columns = DATASETS.c
    due = sa.delete(DATASETS).where(columns.expires_at <= now)
    with writing_for(database, Duty.SWEEP) as connection:
        rows = connection.execute(due.returning(columns.user_id, columns.id, columns.parquet_bytes)).all()
    return sorted(Place(row.user_id, row.id) for row in rows), sum(row.parquet_bytes for row in rows)


def _rowless(database: Database, folders: Folders, before: datetime) -> list[Place]:
    """Old folders that no row names; the folders are looked at first, since rows come after them."""
    aged = [place for place in folders.places() if (at := folders.changed_at(place)) is not None and at < before]
    known = set(_places(database))
    return [place for place in aged if place not in known]


def _missing(database: Database, folders: Folders) -> tuple[str, ...]:
    """Told twice before it is believed: a dataset may be deleted between the look at its row and at its file."""
    suspect = [place for place in _places(database) if not folders.data(place).is_file()]
    still = set(_places(database)) if suspect else set()
    return tuple(place.dataset_id for place in suspect if place in still)


def _places(database: Database) -> list[Place]:
    with reading_for(database, Duty.SWEEP) as connection:
        rows = connection.execute(sa.select(DATASETS.c.user_id, DATASETS.c.id)).all()
    return sorted(Place(row.user_id, row.id) for row in rows)


def _old_rows(database: Database, now: datetime, keep_days: int) -> tuple[int, int]:
    """Analyses of tables that are past their time, and plans that nobody runs any more: how many went."""
    of_tables = ANALYSES.c.dataset_id.is_(None), ANALYSES.c.executed_at <= now - timedelta(days=keep_days)
    stale = RUNNING_PLANS.c.started_at <= now - RUNNING_FOR
    with writing_for(database, Duty.SWEEP) as connection:
        analyses = connection.execute(sa.delete(ANALYSES).where(*of_tables)).rowcount
        return analyses, connection.execute(sa.delete(RUNNING_PLANS).where(stale)).rowcount
