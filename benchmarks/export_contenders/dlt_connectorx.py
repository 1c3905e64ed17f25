"""The `sql_table` of dlt, with its connectorx backend, to the file system as Parquet."""

import os
from collections.abc import Callable
from pathlib import Path

import dlt as tool
import pyarrow.parquet as pq
from dlt.destinations import filesystem
from dlt.sources.sql_database import sql_table

from benchmarks.export_contenders.table import uri_of


def contender(url: str, folder: Path) -> Callable[[], int]:
    """What is timed; it gives the rows."""
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": str(folder / "dlt")}

    def run() -> int:
        found = sql_table(
            uri_of(url), table="events", schema="public", backend="connectorx", backend_kwargs={"conn": uri_of(url)}
        )
        pipeline = tool.pipeline("events", destination=filesystem(str(folder / "out")), pipelines_dir=str(folder / "p"))
        pipeline.run(found, loader_file_format="parquet")
        return sum(pq.read_metadata(file).num_rows for file in (folder / "out").glob("**/events/*.parquet"))

    return run
