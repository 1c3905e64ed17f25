"""Rows as an Arrow IPC stream or a Parquet file, written while they come."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from analytics_pipelines.sql_service.encode.reading import Reading, broken_text
from analytics_pipelines.sql_service.encode.sinks import Sink
from analytics_pipelines.sql_service.errors import DuckDBQueryError

ARROW_BATCH_ROWS = 65_536
PARQUET_BATCH_ROWS = 16_384
NOT_ASCII = 0x80
GROUP_ROWS = 122_880
GROUP_BYTES = 2**25
"""Of Arrow's memory; a group of rows is held until it is written."""


def arrow_stream(reading: Reading) -> Iterator[bytes]:
    """An IPC stream in pieces of any size; raises `DuckDBQueryError` of texts not UTF-8, and TIME 24:00:00."""
    sink = Sink()
    with pyarrow.ipc.new_stream(sink, reading.schema) as writer:
        for batch in reading.batches():
            writer.write_batch(_checked(batch))
            yield from sink.taken()
    yield from sink.taken()


def parquet_file(reading: Reading) -> Iterator[bytes]:
    """A Parquet file (ZSTD) in pieces of any size, groups of rows as they fill; errors as of `arrow_stream`."""
    sink = Sink()
    with pq.ParquetWriter(sink, reading.schema, compression="zstd") as writer:
        for group in _groups(reading):
            writer.write_table(group)
            yield from sink.taken()
    yield from sink.taken()


def _groups(reading: Reading) -> Iterator[pa.Table]:
    batches: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in reading.batches():
        batches.append(_checked(batch))
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= GROUP_ROWS or size >= GROUP_BYTES:
            yield pa.Table.from_batches(batches)
            batches, rows, size = [], 0, 0
    if batches:
        yield pa.Table.from_batches(batches)


def _checked(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch, once it is sure that texts are texts and times times; numbers and days are always right."""
    for column in batch.columns:
        if not (_is_right(column.type) or _is_ascii(column)):
            _check(column)
    return batch


def _is_right(kind: pa.DataType) -> bool:
    return pa.types.is_decimal(kind) or (pa.types.is_primitive(kind) and not pa.types.is_time(kind))


def _is_ascii(column: pa.Array) -> bool:
    """Whether it is text of nothing else, which is far cheaper to see than whether it is UTF-8."""
    if not pa.types.is_string(column.type):
        return False
    content = column.buffers()[2]
    return content is None or not content.size or int(np.frombuffer(content, np.uint8).max()) < NOT_ASCII


def _check(column: pa.Array) -> None:
    try:
        column.validate(full=True)
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):
            raise broken_text() from None
        raise DuckDBQueryError(
            "A value of the answer has no place in Arrow: " + str(error), remedy="Cast the column to VARCHAR."
        ) from None
