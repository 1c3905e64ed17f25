"""The rows of a result, batch by batch, no more than may be."""

from collections.abc import Iterator
from time import perf_counter

import pyarrow as pa
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import batches_read
from analytics_pipelines.sql_service.errors import DuckDBQueryError


class Reading:
    """Reads the statement just run; `rows`, `is_truncated` and `engine_s` tell how far and for how long."""

    def __init__(self, result: DuckDBPyConnection, batch_rows: int, row_limit: int) -> None:
        self._row_limit = row_limit
        self.rows = 0
        self.is_truncated = False
        started = perf_counter()
        self._reader = batches_read(result, batch_rows)
        self.engine_s = perf_counter() - started

    @property
    def schema(self) -> pa.Schema:
        """Of each batch."""
        return self._reader.schema

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The batches, none empty; of the last one only the rows that may still be. Errors of DuckDB pass."""
        while (batch := self._next()) is not None:
            left = self._row_limit - self.rows
            self.is_truncated = batch.num_rows > left
            batch = batch.slice(0, left)
            self.rows += batch.num_rows
            if batch.num_rows:
                yield batch
            if self.is_truncated:
                return

    def _next(self) -> pa.RecordBatch | None:
        started = perf_counter()
        try:
            return self._reader.read_next_batch()
        except StopIteration:
            return None
        finally:
            self.engine_s += perf_counter() - started


def broken_text() -> DuckDBQueryError:
    """The error for a text that is none; some functions of DuckDB cut characters into bytes."""
    return DuckDBQueryError("A text of the answer is not UTF-8.", remedy="Select encode(…) of it: its bytes.")
