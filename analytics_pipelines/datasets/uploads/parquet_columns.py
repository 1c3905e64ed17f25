"""Columns of a stranger's Parquet as the kinds that datasets know; what would be lost is told, or refused."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics_pipelines.datasets.uploads.describe import MOST_EXAMPLES
from analytics_pipelines.datasets.uploads.distinct import Distinct
from analytics_pipelines.datasets.uploads.errors import BrokenParquet, HoldsNul, LineTooLong, UnusableColumn
from analytics_pipelines.datasets.uploads.kinds import TYPES, Typed

FIRST_DAY, LAST_DAY = -719_162, 2_932_896
"""Of the years 1 and 9999, since 1970: what Python and JSON's readers can tell."""
MICROS_PER_DAY = 86_400_000_000
MOST_INTEGER = 2**63 - 1
EXACT_DIGITS = 15
INTEGER_DIGITS = 18
UUID = "arrow.uuid"
Told = tuple[pa.Array, str]
"""Values, and what a reader of the dataset should know of them."""


def typed_column(name: str, values: pa.ChunkedArray, most_value_bytes: int) -> Typed:
    """The column as its kind; raises `UnusableColumn`, `BrokenParquet`, `HoldsNul`, `LineTooLong`."""
    try:
        plain = _plain(values)
        converted, reason = _converter(name, plain.type)(name, plain)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise BrokenParquet("The column " + _shown(name) + " holds values that are none of its type.") from None
    if converted.type == pa.string():
        _check_text(name, converted, most_value_bytes)
    return Typed(values=converted, type=TYPES[converted.type], distinct=_first_values(converted), reason=reason)


def _plain(values: pa.ChunkedArray) -> pa.Array:
    """One array, without dictionary and extension type; its values are checked to be of its type."""
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    array = values.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], values.type)
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        array = _uuids(array.storage) if kind.extension_name == UUID else array.storage
    array.validate(full=True)
    return array


def _uuids(stored: pa.Array) -> pa.Array:
    texts = [None if each is None else each.hex() for each in stored.to_pylist()]
    parts = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))
    return pa.array(
        [None if each is None else "-".join(each[start:end] for start, end in parts) for each in texts], pa.string()
    )


def _converter(name: str, kind: pa.DataType) -> Callable[[str, pa.Array], Told]:
    """What makes a column of that type one of ours; raises `UnusableColumn`."""
    known = next((convert for holds, convert in CONVERTERS if holds(kind)), None)
    if known is None:
        what = "nested" if pa.types.is_nested(kind) else "of a type that no plan can use"
        raise UnusableColumn(
            "The column " + _shown(name) + " is " + what + ": " + str(kind)[:100] + ".",
            remedy="Leave it out, or write it as text or as columns of its own.",
        )
    return known


def _nothing(_: str, values: pa.Array) -> Told:
    return pa.nulls(len(values), pa.string()), "every value is null"


def _as_they_are(_: str, values: pa.Array) -> Told:
    return values, ""


def _texts(_: str, values: pa.Array) -> Told:
    return values.cast(pa.string()), ""


def _times_of_day(_: str, values: pa.Array) -> Told:
    return values.cast(pa.string()), "times of day are kept as text"


def _integers(_: str, values: pa.Array) -> Told:
    most = pc.max(values).as_py() if len(values) else None
    if most is not None and most > MOST_INTEGER:
        return values.cast(pa.string()), "some values are larger than 9,223,372,036,854,775,807"
    return values.cast(pa.int64()), ""


def _numbers(_: str, values: pa.Array) -> Told:
    """NaN is no number; in statistics it would make everything NaN."""
    numbers = values.cast(pa.float64())
    is_nan = pc.fill_null(pc.is_nan(numbers), False)
    missing = pc.sum(is_nan).as_py() or 0
    if not missing:
        return numbers, ""
    kept = pc.if_else(is_nan, pa.scalar(None, pa.float64()), numbers)
    return kept, f"{missing:,} values are NaN and count as missing"


def _decimals(_: str, values: pa.Array) -> Told:
    kind = values.type
    if not kind.scale and kind.precision <= INTEGER_DIGITS:
        return values.cast(pa.int64()), ""
    told = f"written as DECIMAL({kind.precision},{kind.scale})"
    return values.cast(pa.float64()), told if kind.precision <= EXACT_DIGITS else told + ", kept to about 15 digits"


def _days(name: str, values: pa.Array) -> Told:
    days = values.cast(pa.date32())
    _check_years(name, days.cast(pa.int32()).cast(pa.int64()), 1)
    return days, ""


def _moments(name: str, values: pa.Array) -> Told:
    kind = pa.timestamp("us", tz="UTC" if values.type.tz else None)
    if values.type.unit == "s":
        _check_years(name, values.cast(pa.int64()), 86_400)
    elif values.type.unit == "ms":
        _check_years(name, values.cast(pa.int64()), 86_400_000)
    moments = values.cast(kind, safe=False)
    _check_years(name, moments.cast(pa.int64()), MICROS_PER_DAY)
    is_cut = values.type.unit == "ns" and not moments.cast(values.type, safe=False).equals(values)
    return moments, "cut to microseconds" if is_cut else ""


def _check_years(name: str, ticks: pa.Array, ticks_per_day: int) -> None:
    found = pc.min_max(ticks).as_py()
    if found["min"] is None:
        return
    if found["min"] < FIRST_DAY * ticks_per_day or found["max"] >= (LAST_DAY + 1) * ticks_per_day:
        raise UnusableColumn("The column " + _shown(name) + " holds times outside the years 1 to 9999.")


def _check_text(name: str, texts: pa.Array, most_bytes: int) -> None:
    longest = pc.max(pc.binary_length(texts)).as_py() if len(texts) else None
    if longest is not None and longest > most_bytes:
        raise LineTooLong(
            "The column " + _shown(name) + " holds a value that is too long.", limit=f"{most_bytes:,} bytes a value"
        )
    if pc.any(pc.match_substring(texts, "\x00")).as_py():
        raise HoldsNul("The column " + _shown(name) + " holds a NUL; text has none.")


def _first_values(values: pa.Array) -> Distinct:
    """The different values that stand first, as text, for examples; nothing is recognised from them."""
    first = pc.unique(values.drop_null())[: MOST_EXAMPLES + 1].cast(pa.string())
    places = np.arange(len(first), dtype=np.int32)
    none = np.zeros(len(first), np.bool_)
    return Distinct(first, first, places, np.ones(len(first), np.int64), none, lambda row: row)


def _shown(name: str) -> str:
    return repr(name[:100])


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


CONVERTERS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[str, pa.Array], Told]], ...] = (
    (pa.types.is_null, _nothing),
    (pa.types.is_boolean, _as_they_are),
    (pa.types.is_integer, _integers),
    (pa.types.is_floating, _numbers),
    (pa.types.is_decimal, _decimals),
    (pa.types.is_date, _days),
    (pa.types.is_timestamp, _moments),
    (pa.types.is_time, _times_of_day),
    (_is_text, _texts),
)
"""The first whose question is answered with yes."""
