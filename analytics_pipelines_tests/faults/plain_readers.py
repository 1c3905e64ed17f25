"""What a stranger sees who reads the lake with a plain glob and no code of ours."""

from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq

COLUMNS = ["reading_date", "reading_id", "level_count"]


def with_duckdb(folder: Path) -> pl.DataFrame:
    """Through a connection of its own."""
    with duckdb.connect(config={"threads": 1}) as connection:
        query = "SELECT reading_date, reading_id, level_count FROM read_parquet($1)"
        return pl.from_arrow(connection.execute(query, [f"{folder}/date=*/data.parquet"]).to_arrow_table())


def with_pyarrow(folder: Path) -> pl.DataFrame:
    """As a dataset."""
    return pl.from_arrow(pq.read_table(folder, columns=COLUMNS))


def with_pandas(folder: Path) -> pl.DataFrame:
    """As pandas reads folders."""
    return pl.from_pandas(pd.read_parquet(folder, columns=COLUMNS, dtype_backend="pyarrow"))


def with_polars(folder: Path) -> pl.DataFrame:
    """As a lazy scan."""
    return pl.scan_parquet(f"{folder}/date=*/data.parquet").select(COLUMNS).collect()


def versions_by_day(rows: pl.DataFrame, rows_of) -> dict:
    """The one version that each day is in; fails when a day is torn, doubled or mixed of two versions."""
    found = {}
    for (day,), part in rows.group_by("reading_date"):
        versions = part["level_count"].unique().to_list()
        assert len(versions) == 1, f"{day} mixes versions {versions}"
        assert sorted(part["reading_id"]) == list(range(rows_of(versions[0]))), f"{day} is not whole"
        found[day] = versions[0]
    return found
