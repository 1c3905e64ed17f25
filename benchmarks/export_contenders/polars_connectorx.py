"""Polars with connectorx, two partitions."""

from collections.abc import Callable
from pathlib import Path

import connectorx
import polars as pl

from benchmarks.export_contenders.table import SELECT, uri_of


def contender(url: str, folder: Path) -> Callable[[], int]:
    """What is timed; it gives the rows."""

    def run() -> int:
        arrow = connectorx.read_sql(
            uri_of(url), SELECT, return_type="arrow", partition_on="id", partition_num=2, protocol="binary"
        )
        frame = pl.DataFrame(arrow)
        frame.write_parquet(folder / "data.parquet", compression="zstd")
        return frame.height

    return run
