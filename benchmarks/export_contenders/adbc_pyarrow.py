"""ADBC's stream into pyarrow's writer."""

from collections.abc import Callable
from pathlib import Path

import adbc_driver_postgresql.dbapi as driver
import pyarrow.parquet as pq

from benchmarks.export_contenders.table import GROUP_ROWS, SELECT, uri_of


def contender(url: str, folder: Path) -> Callable[[], int]:
    """What is timed; it gives the rows."""

    def run() -> int:
        rows = 0
        with driver.connect(uri_of(url)) as connection, connection.cursor() as cursor:
            cursor.execute(SELECT)
            reader = cursor.fetch_record_batch()
            with pq.ParquetWriter(folder / "data.parquet", reader.schema, compression="zstd") as writer:
                for batch in reader:
                    writer.write_batch(batch, row_group_size=GROUP_ROWS)
                    rows += batch.num_rows
        return rows

    return run
