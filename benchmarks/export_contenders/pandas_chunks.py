"""pandas in chunks over psycopg, into pyarrow's writer."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from benchmarks.export_contenders.table import SELECT, uri_of

CHUNK_ROWS = 100_000


def contender(url: str, folder: Path) -> Callable[[], int]:
    """What is timed; it gives the rows."""

    def run() -> int:
        rows, writer = 0, None
        engine = sa.create_engine(uri_of(url).replace("postgresql://", "postgresql+psycopg://"))
        with engine.connect().execution_options(stream_results=True) as connection:
            for chunk in pd.read_sql(sa.text(SELECT), connection, chunksize=CHUNK_ROWS):
                table = pa.Table.from_pandas(chunk, preserve_index=False, schema=writer.schema if writer else None)
                writer = writer or pq.ParquetWriter(folder / "data.parquet", table.schema, compression="zstd")
                writer.write_table(table)
                rows += table.num_rows
        if writer:
            writer.close()
        return rows

    return run
