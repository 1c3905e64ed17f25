"""A table with a column of every type, and SELECTs that fill it."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.home import Home
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import ArrowRows, Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, Table, Type

DAY = date(2024, 2, 29)
DAYS = (date(2024, 2, 28), DAY, date(2024, 3, 1))
READINGS = Table(
    name="core_test__readings",
    room="test",
    grain="one reading",
    partition="UTC day of the reading",
    key=("reading_id",),
    columns=(
        Column(name="reading_date", type=Type.DATE, meaning="Day of the reading"),
        Column(name="reading_id", type=Type.INT, meaning="Number of the reading"),
        Column(name="label", type=Type.TEXT, meaning="What was read", is_nullable=True),
        Column(name="payload", type=Type.BYTES, meaning="As received", is_nullable=True),
        Column(name="is_valid", type=Type.BOOL, meaning="Whether it counts", is_nullable=True),
        Column(name="level_count", type=Type.INT32, meaning="Level", is_nullable=True),
        Column(name="load_pct", type=Type.DOUBLE, meaning="Load", unit="%", is_nullable=True),
        Column(name="read_at", type=Type.TIMESTAMP, meaning="When", is_nullable=True),
    ),
)
ARROW = pa.schema(
    [
        ("reading_date", pa.date32()),
        ("reading_id", pa.int64()),
        ("label", pa.string()),
        ("payload", pa.binary()),
        ("is_valid", pa.bool_()),
        ("level_count", pa.int32()),
        ("load_pct", pa.float64()),
        ("read_at", pa.timestamp("us", "UTC")),
    ]
)
GENERATED = Sql(
    """
    SELECT $day AS reading_date, i AS reading_id, 'v' || $version AS label, encode(md5(i::VARCHAR)) AS payload,
        i % 3 = 0 AS is_valid, $version AS level_count, i / 7 AS load_pct,
        TIMESTAMPTZ '2024-02-29 00:00:00+00' + to_microseconds(i * 1009) AS read_at
    FROM range($rows) AS numbers(i)
    ORDER BY md5(i::VARCHAR || $seed)
    """
)


def lake_at(path: Path, *, threads: int = 2) -> Lake:
    """A lake below that path."""
    return Lake.at(Home(path), DuckLimits(memory_bytes=512_000_000, threads=threads, temp_folder=None))


def given_rows(rows: Iterable[Mapping[str, object]]) -> Select:
    """The rows as they are."""
    return Select(Sql("SELECT * FROM given"), reads={"given": ArrowRows(pa.Table.from_pylist(list(rows), ARROW))})


def generated(version: int, *, rows: int | None = None, day: date = DAY, seed: str = "") -> Select:
    """`rows` rows, of one version, in an order that depends on `seed`; without `rows`, as many as `rows_of` says."""
    values = {"day": day, "version": version, "rows": rows_of(version) if rows is None else rows, "seed": seed}
    return Select(GENERATED, values=values)


def rows_of(version: int) -> int:
    """How many rows a version has, so that a mixture of two is seen."""
    return 2_000 + 137 * version
