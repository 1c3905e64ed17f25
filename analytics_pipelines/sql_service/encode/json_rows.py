"""Rows as JSON: `"data":[[…],…],"columns":[{"name","type"},…]`, the members of an object without its braces."""

from collections.abc import Callable, Iterator, Sequence
from math import isfinite, isnan
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from analytics_pipelines.sql_service.encode.reading import Reading, broken_text
from analytics_pipelines.sql_service.encode.text_forms import FLOATS, MOMENTS, MOST_SAFE, MOST_SAFE_DIGITS, NESTED
from analytics_pipelines.sql_service.encode.types import Columns, DuckType, type_of

BATCH_ROWS = 8192
MOST_CELLS = 100_000
"""Turned into Python's values at once."""
MOST_SLICE_BYTES = 2**22

Values = list[Any]


def json_rows(reading: Reading, columns: Columns) -> Iterator[bytes]:
    """The members in pieces of any size; raises `DuckDBQueryError` where a text is not UTF-8."""
    kinds = [type_of(text) for _, text in columns]
    before = b'"data":['
    for batch in reading.batches():
        for some in slices(batch):
            yield before
            yield _rows(some, kinds)
            before = b","
    titles = [{"name": title, "type": text} for title, text in columns]
    yield (b"]," if before == b"," else b'"data":[],') + b'"columns":' + orjson.dumps(titles)


def slices(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The batch in parts that bound what Python holds of it at once."""
    at_once = max(1, MOST_CELLS // batch.num_columns)
    if batch.nbytes > MOST_SLICE_BYTES:
        at_once = min(at_once, max(1, batch.num_rows * MOST_SLICE_BYTES // batch.nbytes))
    for start in range(0, batch.num_rows, at_once):
        yield batch.slice(start, at_once)


def _rows(batch: pa.RecordBatch, kinds: Sequence[DuckType]) -> bytes:
    try:
        values = [values_of(column, kind) for column, kind in zip(batch.columns, kinds, strict=True)]
    except UnicodeDecodeError:
        raise broken_text() from None
    return orjson.dumps(list(zip(*values, strict=True)))[1:-1]


def values_of(column: pa.Array, kind: DuckType) -> Values:
    """What orjson writes of the column as the preparation for JSON had it made."""
    if kind.kind in NESTED:
        return _fragments(column.to_pylist())
    if kind.kind == "DECIMAL":
        return _decimals(column.to_pylist(), kind)
    return _READERS.get(kind.kind, _as_they_are)(column)


def _as_they_are(column: pa.Array) -> Values:
    values: Values = column.to_pylist()
    return values


def _whole(column: pa.Array) -> Values:
    """Integers; those that doubles do not hold as text."""
    values = _as_they_are(column)
    if not column.null_count and min(values) >= -MOST_SAFE and max(values) <= MOST_SAFE:
        return values
    return _safe(values)


def _huge(column: pa.Array) -> Values:
    """Arrow calls them decimals of 38 digits, though they may have 39."""
    return _integers(pc.cast(column, pa.string()))


def _integers(column: pa.Array) -> Values:
    return _safe([None if text is None else int(text) for text in column.to_pylist()])


def _safe(values: Values) -> Values:
    return [value if value is None or -MOST_SAFE <= value <= MOST_SAFE else str(value) for value in values]


def _doubles(column: pa.Array) -> Values:
    values = _as_they_are(column)
    if not column.null_count and isfinite(sum(values)):
        return values
    return [_double(value) for value in values]


def _double(value: float | None) -> float | str | None:
    if value is None or isfinite(value):
        return value
    return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _singles(column: pa.Array) -> Values:
    """The doubles whose shortest text is that of the single-precision numbers."""
    return _doubles(pc.cast(pc.cast(column, pa.string()), pa.float64()))


def _decimals(texts: Values, kind: DuckType) -> Values:
    if kind.precision <= MOST_SAFE_DIGITS:
        return _fragments(texts)
    return [orjson.Fragment(text) if text and _is_number(text) else text for text in texts]


def _is_number(text: str) -> bool:
    return len(text) <= MOST_SAFE_DIGITS or len(text.replace(".", "").strip("-0")) <= MOST_SAFE_DIGITS


def _fragments(texts: Values) -> Values:
    return [None if text is None else orjson.Fragment(text) for text in texts]


def _moments(column: pa.Array) -> Values:
    return [_with_t(text) for text in column.to_pylist()]


def _zoned(column: pa.Array) -> Values:
    return [text and _with_t(text[:-3] + "Z" if text.endswith("+00") else text) for text in column.to_pylist()]


def _with_t(text: str | None) -> str | None:
    """ISO 8601's letter before the time; years before 1 stay as DuckDB writes them."""
    return text.replace(" ", "T", 1) if text and "(" not in text else text


_READERS: dict[str, Callable[[pa.Array], Values]] = {
    "BIGINT": _whole,
    "UBIGINT": _whole,
    "HUGEINT": _huge,
    "UHUGEINT": _integers,
    **dict.fromkeys(FLOATS, _doubles),
    "FLOAT": _singles,
    **dict.fromkeys(MOMENTS, _moments),
    "TIMESTAMP WITH TIME ZONE": _zoned,
}
