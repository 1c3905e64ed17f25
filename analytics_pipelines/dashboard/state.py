"""The state of the platform in one object: what is published, how fresh each table is, what is up."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from importlib.metadata import version
from typing import Literal

from pydantic import BaseModel, Field

from analytics_pipelines.dashboard.queries import (
    DAYS_SHOWN,
    DayValue,
    NamedCount,
    stored_bytes_by_day,
    top_channels,
    top_pages,
    visits_by_day,
)
from analytics_pipelines.foundation.addresses import http_url
from analytics_pipelines.foundation.generation import Generations, Lease, NothingPublished, TableFiles
from analytics_pipelines.foundation.settings import Settings

PACKAGE = "analytics-pipelines"


class Point(BaseModel):
    """A value of one day."""

    day: date
    value: int


class TableState(BaseModel):
    """One published table."""

    name: str
    room: str
    grain: str = Field(description="What one row is.")
    served_from: Literal["duckdb", "parquet"]
    rows: int
    size_bytes: int = Field(description="Of its Parquet files.")
    days: int
    first_day: date | None
    last_day: date | None
    rows_by_day: list[Point] = Field(description="The newest days, in order.")


class Curves(BaseModel):
    """What the page draws; empty where a room has published nothing."""

    visits: list[Point] = []
    stored_bytes: list[Point] = []


class Line(BaseModel):
    """A name and how often it was counted."""

    name: str
    count: int


class Lists(BaseModel):
    """What came most in the last days, most first; empty where web events have published nothing."""

    channels: list[Line] = Field([], description="By visits.")
    pages: list[Line] = Field([], description="By page views.")


class Links(BaseModel):
    """Where to go from here."""

    docs: str = "/docs"
    redoc: str = "/redoc"
    openapi: str = "/openapi.json"
    health: str = "/health"
    dagster: str


class PlatformState(BaseModel):
    """The whole page as data."""

    version: str
    environment: str
    asked_at: datetime
    generation: str | None = Field(description="Id of the generation in force; null before the first.")
    published_at: datetime | None
    engine: str | None
    database: Literal["connected", "away"]
    is_readable: bool = Field(description="Whether the caller may see figures; if not, they are left out below.")
    rows: int
    size_bytes: int
    last_day: date | None
    tables: list[TableState]
    curves: Curves
    lists: Lists
    links: Links


def platform_state(
    settings: Settings, generations: Generations, *, is_database_up: bool, is_readable: bool, now: datetime, host: str
) -> PlatformState:
    """Everything at the moment `now`; `host` is the name under which the caller reached us.

    Whoever may not read gets no tables and no figures, only whether something is published and up.
    """
    summary = generations.summary()
    generation = summary.generation
    tables = [_table_state(each) for each in generation.tables] if generation and is_readable else []
    curves, lists = _figures(generations) if is_readable else (Curves(), Lists())
    return PlatformState(
        version=version(PACKAGE),
        environment=settings.environment.value,
        asked_at=now,
        generation=generation.id if generation else None,
        published_at=summary.published_at,
        engine=generation.engine if generation else None,
        database="connected" if is_database_up else "away",
        is_readable=is_readable,
        rows=sum(table.rows for table in tables),
        size_bytes=sum(table.size_bytes for table in tables),
        last_day=max((table.last_day for table in tables if table.last_day), default=None),
        tables=tables,
        curves=curves,
        lists=lists,
        links=Links(dagster=http_url(settings.dagster_host, settings.dagster_port, reached_as=host) + "/"),
    )


def _table_state(table: TableFiles) -> TableState:
    newest = table.partitions[-DAYS_SHOWN:]
    return TableState(
        name=table.name,
        room=table.room,
        grain=table.grain,
        served_from="duckdb" if table.is_native else "parquet",
        rows=table.rows,
        size_bytes=table.size_bytes,
        days=len(table.partitions),
        first_day=table.first_day,
        last_day=table.last_day,
        rows_by_day=[Point(day=each.day, value=each.rows) for each in newest],
    )


def _figures(generations: Generations) -> tuple[Curves, Lists]:
    try:
        with generations.acquire() as lease:
            curves = Curves(
                visits=_points(lease, "out_web__daily_metrics", visits_by_day),
                stored_bytes=_points(lease, "out_fs__growth", stored_bytes_by_day),
            )
            return curves, Lists(channels=_lines(lease, top_channels), pages=_lines(lease, top_pages))
    except NothingPublished:
        return Curves(), Lists()


def _points(lease: Lease, table: str, question: Callable[[Lease], Sequence[DayValue]]) -> list[Point]:
    return [Point(day=each.day, value=each.value) for each in question(lease)] if _has(lease, table) else []


def _lines(lease: Lease, question: Callable[[Lease], Sequence[NamedCount]]) -> list[Line]:
    found = question(lease) if _has(lease, "out_web__daily_breakdown") else []
    return [Line(name=each.name, count=each.count) for each in found]


def _has(lease: Lease, table: str) -> bool:
    return any(each.name == table for each in lease.generation.tables)
