# ruff: noqa: D102 - the protocol's names are those of the columns
"""Steps of runs that have ended, kept in PostgreSQL for a month, because the API reads no Dagster."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.operations.tables import RUN_STEP

KEPT = timedelta(days=30)


class Ended(Protocol):
    """One asset in one run that has ended."""

    @property
    def run_id(self) -> str: ...
    @property
    def asset(self) -> str: ...
    @property
    def has_succeeded(self) -> bool: ...
    @property
    def rows(self) -> int: ...
    @property
    def days(self) -> int: ...
    @property
    def failed_days(self) -> int: ...
    @property
    def duration_s(self) -> float: ...
    @property
    def ended_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStep:
    """What one asset did in one run: rows and days that were published, days that were not, seconds."""

    run_id: str
    asset: str
    has_succeeded: bool
    rows: int
    days: int
    failed_days: int
    duration_s: float
    ended_at: datetime


def record_steps(database: Database, ended: Iterable[Ended]) -> None:
    """Keep the steps, and forget those that ended over 30 days before them. Recording one again changes nothing."""
    rows = sorted((_values(each) for each in ended), key=lambda row: (row["run_id"], row["asset"]))
    if not rows:
        return
    newest: datetime = max(row["ended_at"] for row in rows)
    with database.writing() as connection:
        connection.execute(insert(RUN_STEP).on_conflict_do_nothing(), rows)
        connection.execute(delete(RUN_STEP).where(RUN_STEP.c.ended_at < newest - KEPT))


def steps_of_runs(database: Database, run_ids: Collection[str]) -> list[RunStep]:
    """The steps of these runs, in the order in which they ended."""
    query = select(RUN_STEP).where(RUN_STEP.c.run_id.in_(run_ids))
    with database.reading() as connection:
        rows = connection.execute(query.order_by(RUN_STEP.c.ended_at, RUN_STEP.c.run_id, RUN_STEP.c.asset))
        return [_step(row) for row in rows]


def last_steps(database: Database) -> list[RunStep]:
    """The last step of each asset within 30 days, by name."""
    newest = select(RUN_STEP).ext(distinct_on(RUN_STEP.c.asset))
    order = RUN_STEP.c.asset, RUN_STEP.c.ended_at.desc(), RUN_STEP.c.run_id
    with database.reading() as connection:
        return [_step(row) for row in connection.execute(newest.order_by(*order))]


def _values(ended: Ended) -> dict[str, Any]:
    return {column.name: getattr(ended, column.name) for column in RUN_STEP.columns}


def _step(row: Row[Any]) -> RunStep:
    return RunStep(**row._asdict())
