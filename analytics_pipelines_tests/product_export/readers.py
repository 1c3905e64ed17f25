"""Parquet as its readers see it, in the words of PostgreSQL, to be compared with what PostgreSQL writes."""

from collections.abc import Callable, Iterable
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import psycopg
import pyarrow.parquet as pq

from analytics_pipelines.foundation.sql import Sql, names

Values = dict[str, list[object]]
Texts = dict[str, list[str | None]]
COPY = Sql("COPY (SELECT {columns} FROM {table} ORDER BY {key}) TO STDOUT")


def as_written(connection: psycopg.Connection, table: str, columns: Iterable[str], key: str) -> Texts:
    """What COPY writes: each type's own output function, with no expression of ours."""
    wanted = list(columns)
    query = COPY.fill(columns=names(wanted), table=Sql(table), key=Sql(key))
    with connection.cursor().copy(query.text.encode()) as copied:
        rows = list(copied.rows())
    return {column: [row[place] for row in rows] for place, column in enumerate(wanted)}


def moment_text(value: datetime | time) -> str:
    """As PostgreSQL writes it: no zeros at the end of fractions, no minutes of a whole offset."""
    text = value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    told, plus, offset = text.partition("+")
    return (told.rstrip("0") if "." in told else told) + plus + offset.removesuffix(":00")


def as_postgres_writes(value: object) -> str | None:
    """A reader's value as text."""
    if value is None or value is pd.NA:
        return None
    match value:
        case bool():
            return "t" if value else "f"
        case bytes():
            return "\\x" + value.hex()
        case Decimal():
            return format(value, "f")
        case datetime() | time():
            return moment_text(value)
        case _:
            return str(value)


def by_duckdb(file: Path) -> Values:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.execute("SELECT * FROM read_parquet($file, hive_partitioning = false)", {"file": str(file)})
        rows = found.fetchall()
        return {column[0]: [row[place] for row in rows] for place, column in enumerate(found.description or ())}


def by_polars(file: Path) -> Values:
    return pl.read_parquet(file, hive_partitioning=False).to_dict(as_series=False)


def by_pyarrow(file: Path) -> Values:
    return pq.read_table(file, partitioning=None).to_pydict()


def by_pandas(file: Path) -> Values:
    frame = pd.read_parquet(file, dtype_backend="pyarrow", partitioning=None)
    return {str(column): frame[column].tolist() for column in frame}


READERS: tuple[Callable[[Path], Values], ...] = (by_duckdb, by_polars, by_pyarrow, by_pandas)
