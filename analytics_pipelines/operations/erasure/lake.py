"""The visitor in the lake: partitions that hold them, raw days written without them, writers that read older ones."""

import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from analytics_pipelines.foundation.duck import one_row
from analytics_pipelines.foundation.errors import Conflict
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.lake.workspace import SUFFIX
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql, from_file
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.operations.erasure.visitor import Visitor
from analytics_pipelines.web_events.checksums import checksum_of_rows
from analytics_pipelines.web_events.tables import RAW_EVENTS, TABLES

ID, ID_BEFORE = "visitor_id", "visitor_id_before"
WRITERS_WAIT_S = 300.0
POLL_S = 0.2
TRIES = 5
NAMING = tuple(table for table in TABLES if ID in table.column_names)
"""The tables that name visitors."""


class WritersAtWork(Conflict):
    """A run that may have read the old days did not end in time."""


@dataclass(frozen=True, slots=True)
class Held:
    """Rows of the visitor in one partition."""

    table: Table
    day: date
    rows: int


def held_in(lake: Lake, visitor: Visitor, tables: Iterable[Table] = NAMING) -> list[Held]:
    """Every partition that names the visitor, raw ones first."""
    found = [Held(table, day, len(_theirs(lake, table, day, visitor))) for table in tables for day in lake.days(table)]
    return [each for each in found if each.rows]


def links_in(lake: Lake, site_id: str) -> set[tuple[str, str]]:
    """Pairs of ids that one visitor of the site has on neighbouring days, as raw, core and visits tell."""
    tables = [table for table in NAMING if ID_BEFORE in table.column_names]
    return {link for table in tables for day in lake.days(table) for link in _links(lake, table, site_id, day)}


def sources_of(lake: Lake, visitor: Visitor, day: date) -> dict[str, str]:
    """How each of the visitor's events of a raw day came in, by its id."""
    rows = _theirs(lake, RAW_EVENTS, day, visitor)
    return dict(zip(rows["event_id"].to_list(), rows["source"].to_list(), strict=True))


def checksum_of(lake: Lake, site_id: str, day: date, event_ids: Collection[str]) -> int:
    """The checksum of these events of a raw day, which `dropped_day` sums up; 0 when the day is not there."""
    rows = Sql("(SELECT * FROM raw WHERE site_id = $site_id AND list_contains($event_ids, event_id))")
    with lake.duck.cursor() as cursor:
        lake.scan(RAW_EVENTS, [day]).mount(cursor, "raw")
        values = {"site_id": site_id, "event_ids": sorted(event_ids)}
        return int(one_row(cursor.execute(checksum_of_rows(rows).text, values))[0])


def erase_raw(lake: Lake, visitor: Visitor, day: date) -> None:
    """Replace the raw day by its other rows; raises `Conflict` when it is replaced again and again meanwhile."""
    values = {"site_id": visitor.site_id, "visitor_ids": sorted(visitor.ids)}
    for last in (*[False] * (TRIES - 1), True):
        select = Select(from_file(__package__, "without_visitor"), {"raw": lake.scan(RAW_EVENTS, [day])}, values)
        try:
            lake.replace(RAW_EVENTS, day, select)
        except Conflict:
            if last:
                raise
        else:
            return


def outlive_writers(lake: Lake, staging: Path, *, wait_s: float = WRITERS_WAIT_S) -> None:
    """Return once every writer that is at work now has ended, with its links to the days it reads.

    What killed writers left is removed. Raises `WritersAtWork`.
    """
    lake.sweep_staging()
    at_work = set(staging.glob("*" + SUFFIX))
    deadline = time.monotonic() + wait_s
    while any(folder.exists() for folder in at_work):
        if time.monotonic() > deadline:
            raise WritersAtWork("A run goes on for long.", limit=f"{wait_s:g} s", remedy="Run it again afterwards.")
        time.sleep(POLL_S)
        lake.sweep_staging()


def _theirs(lake: Lake, table: Table, day: date, visitor: Visitor) -> pl.DataFrame:
    """The visitor's rows of a partition, no more than the columns that tell of them."""
    wanted = [name for name in ("site_id", ID, ID_BEFORE, "event_id", "source") if name in table.column_names]
    is_theirs = pl.col(ID).is_in(sorted(visitor.ids))
    if ID_BEFORE in table.column_names:
        is_theirs |= pl.col(ID_BEFORE).is_in(sorted(visitor.ids)).fill_null(value=False)
    return _read(lake, table, day, wanted).filter((pl.col("site_id") == visitor.site_id) & is_theirs)


def _links(lake: Lake, table: Table, site_id: str, day: date) -> Iterator[tuple[str, str]]:
    rows = _read(lake, table, day, ["site_id", ID, ID_BEFORE])
    yield from (
        rows.filter(pl.col("site_id") == site_id).drop_nulls(ID_BEFORE).select(ID, ID_BEFORE).unique().iter_rows()
    )


def _read(lake: Lake, table: Table, day: date, columns: list[str]) -> pl.DataFrame:
    """From the opened file, which stays what it is when the partition is replaced; nulls for a column of later."""
    with lake.file(table, day).open("rb") as file:
        present = [name for name in columns if name in pl.read_parquet_schema(file)]
        file.seek(0)
        found = pl.read_parquet(file, columns=present, hive_partitioning=False)
    return found.with_columns(pl.lit(None, pl.String).alias(name) for name in columns if name not in present)
