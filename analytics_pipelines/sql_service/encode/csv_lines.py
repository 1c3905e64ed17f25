"""Rows as CSV (RFC 4180), in the lines that DuckDB wrote."""

from collections.abc import Iterator

import pyarrow as pa

from analytics_pipelines.foundation.spreadsheets import safe_cell
from analytics_pipelines.sql_service.encode.reading import Reading, broken_text
from analytics_pipelines.sql_service.encode.types import Columns

BATCH_ROWS = 8192
END = "\r\n"


def csv_lines(reading: Reading, columns: Columns) -> Iterator[bytes]:
    """The header and the lines, in UTF-8; raises `DuckDBQueryError` where a text is not."""
    yield (",".join(_quoted(title) for title, _ in columns) + END).encode()
    for batch in reading.batches():
        lines = text_bytes(batch.column(0))
        if not _is_utf8(lines):
            raise broken_text()
        yield lines


def text_bytes(texts: pa.Array) -> bytes:
    """All texts of an array without nulls, one behind the other."""
    _, offsets, content = texts.buffers()
    if offsets is None or content is None:
        return b""
    width = 8 if pa.types.is_large_string(texts.type) else 4
    first, last = (
        int.from_bytes(offsets[place * width : (place + 1) * width].to_pybytes(), "little")
        for place in (texts.offset, texts.offset + len(texts))
    )
    return bytes(memoryview(content)[first:last])


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _quoted(title: str) -> str:
    return '"' + str(safe_cell(title)).replace('"', '""') + '"'
