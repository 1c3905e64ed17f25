# ruff: noqa: D102 - the protocol's names are those of the columns
"""What Dagster made, kept in PostgreSQL, because the API reads no Dagster."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Insert, insert

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.operations.tables import MATERIALIZATION


class Materialized(Protocol):
    """One partition that a run made; `partition` is empty for an asset without partitions."""

    @property
    def asset(self) -> str: ...
    @property
    def partition(self) -> str: ...
    @property
    def run_id(self) -> str: ...
    @property
    def rows(self) -> int | None: ...
    @property
    def size_bytes(self) -> int | None: ...
    @property
    def materialized_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Freshness:
    """An asset as it was last made: over all partitions, and the newest of them."""

    asset: str
    partitions: int
    rows: int
    size_bytes: int
    newest_partition: str
    materialized_at: datetime


def record(database: Database, made: Iterable[Materialized]) -> int:
    """Keep the last materialization of each partition; how many were given. Recording one again changes nothing."""
    # One statement may not touch a row twice, and writers in one order can not deadlock.
    last = {(each.asset, each.partition): each for each in sorted(made, key=lambda each: each.materialized_at)}
    if not last:
        return 0
    with database.writing() as connection:
        connection.execute(_upsert(), [_row(each) for _, each in sorted(last.items(), key=lambda item: item[0])])
    return len(last)


def freshness(database: Database) -> list[Freshness]:
    """Each asset that was ever made, by name."""
    columns = MATERIALIZATION.c
    query = (
        select(
            columns.asset,
            func.count().label("partitions"),
            func.coalesce(func.sum(columns.rows), 0).label("rows"),
            func.coalesce(func.sum(columns.size_bytes), 0).label("size_bytes"),
            func.max(columns.partition).label("newest_partition"),
            func.max(columns.materialized_at).label("materialized_at"),
        )
        .group_by(columns.asset)
        .order_by(columns.asset)
    )
    with database.reading() as connection:
        return [
            Freshness(row.asset, row.partitions, int(row.rows), int(row.size_bytes), row.newest_partition, row[5])
            for row in connection.execute(query)
        ]


def _upsert() -> Insert:
    new = insert(MATERIALIZATION)
    given = {name: new.excluded[name] for name in ("run_id", "rows", "size_bytes", "materialized_at")}
    return new.on_conflict_do_update(
        index_elements=["asset", "partition"],
        set_=given,
        where=MATERIALIZATION.c.materialized_at <= new.excluded.materialized_at,
    )


def _row(made: Materialized) -> dict[str, object]:
    return {
        "asset": made.asset,
        "partition": made.partition,
        "run_id": made.run_id,
        "rows": made.rows,
        "size_bytes": made.size_bytes,
        "materialized_at": made.materialized_at,
    }
