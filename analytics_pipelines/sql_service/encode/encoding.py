"""A result as bytes of a format."""

from collections.abc import Iterator

from duckdb import DuckDBPyConnection

from analytics_pipelines.sql_service.encode.columnar import (
    ARROW_BATCH_ROWS,
    PARQUET_BATCH_ROWS,
    arrow_stream,
    parquet_file,
)
from analytics_pipelines.sql_service.encode.csv_lines import BATCH_ROWS as CSV_BATCH_ROWS
from analytics_pipelines.sql_service.encode.csv_lines import csv_lines
from analytics_pipelines.sql_service.encode.json_rows import BATCH_ROWS as JSON_BATCH_ROWS
from analytics_pipelines.sql_service.encode.json_rows import json_rows
from analytics_pipelines.sql_service.encode.reading import Reading
from analytics_pipelines.sql_service.encode.sinks import parts_of
from analytics_pipelines.sql_service.encode.types import Columns
from analytics_pipelines.sql_service.messages import Format


class Encoding:
    """The bytes of one result; `rows`, `is_truncated` and `engine_s` hold for what was written so far."""

    def __init__(self, reading: Reading, pieces: Iterator[bytes]) -> None:
        self._reading = reading
        self._pieces = pieces

    def parts(self) -> Iterator[bytes]:
        """The bytes, once, in parts of 64 KiB to 1 MiB (the last may be shorter).

        Errors of DuckDB and pyarrow pass; raises `DuckDBQueryError` where a text is not UTF-8.
        """
        return parts_of(self._pieces)

    @property
    def rows(self) -> int:
        """How many were written."""
        return self._reading.rows

    @property
    def is_truncated(self) -> bool:
        """Whether there were more than the limit."""
        return self._reading.is_truncated

    @property
    def engine_s(self) -> float:
        """Time that DuckDB took to give them."""
        return self._reading.engine_s


def encoded(result: DuckDBPyConnection, columns: Columns, target: Format, row_limit: int) -> Encoding:
    """The first `row_limit` rows of what was just run: a statement that `prepared` made for the same columns.

    The session's time zone has to be UTC. Nothing is kept on disk, and no more than a few batches in memory.
    """
    if target is Format.JSON:
        reading = Reading(result, JSON_BATCH_ROWS, row_limit)
        return Encoding(reading, json_rows(reading, columns))
    if target is Format.CSV:
        reading = Reading(result, CSV_BATCH_ROWS, row_limit)
        return Encoding(reading, csv_lines(reading, columns))
    if target is Format.ARROW:
        reading = Reading(result, ARROW_BATCH_ROWS, row_limit)
        return Encoding(reading, arrow_stream(reading))
    reading = Reading(result, PARQUET_BATCH_ROWS, row_limit)
    return Encoding(reading, parquet_file(reading))
