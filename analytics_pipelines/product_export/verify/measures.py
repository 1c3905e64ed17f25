"""What is summed up of a column, by its type, over the source and over the lake; equal if nothing was lost.

Everything is an exact integer, decimal or value, so that the order of the rows does not matter. It has to be cheap:
nothing is written as text or taken out of PostgreSQL's TOAST, of texts the bytes are counted, and what does not fit the
lake's type is found by the extremes where they tell.
"""

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal as Number
from typing import Any

from analytics_pipelines.foundation.bound import TRUE
from analytics_pipelines.foundation.sql import Sql, name
from analytics_pipelines.foundation.tables import ColumnType, Decimal, Type
from analytics_pipelines.product_export.plan import ExportColumn
from analytics_pipelines.product_export.source.described import SourceColumn

MOST_SUMMED_DIGITS = 28
"""More than 10^10 rows of that many digits fit into the 38 that DuckDB sums decimals in."""
PLAIN_TEXTS = frozenset({"text", "varchar", "bpchar"})
"""Types whose length PostgreSQL knows without reading the value."""
SHORT_TEXTS = range(5, 261)
"""Type modifiers of `varchar` up to 256 characters; least and greatest of longer texts would cost too much."""
IN_ORDER = frozenset({"date", "time", "timestamp", "timestamptz"})
"""Types of which the least or the greatest value does not fit if any does not."""
ANY_DIGITS = -1
"""The type modifier of a `numeric` that may have any number of digits."""
FITTING = Sql("CASE WHEN ({unfit}) IS NOT TRUE THEN {read} END")
# The aggregate belongs to the query around, since it is of that query's column alone.
EXTREME_UNFIT = Sql("(SELECT {unfit} FROM (SELECT {extreme}({column}) AS {column}) AS extreme)")
ANY_UNFIT = Sql("bool_or({unfit})")
SOME = Sql("coalesce({one}, false) OR coalesce({other}, false)")
FINITE = Sql("isfinite({extreme}({value}))")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

VALUES, SUM, LEAST, MOST = "values", "sum", "least", "most"
OCTETS, TRUE_VALUES, SUM_OF_1024THS = "octets", "true", "sum_of_1024ths"
EXTREMES = frozenset({LEAST, MOST})
SUMS = frozenset({SUM, SUM_OF_1024THS})
HASH_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Measure:
    """One number or value of a column: how each engine computes it, and how parts are put together."""

    what: str
    in_source: Sql
    in_lake: Sql
    merged: Callable[[Any, Any], Any]
    shown: Callable[[Any], str] = str

    def of_value(self, in_source: Sql, in_lake: Sql) -> "Measure":
        """The measure of that value; `{value}` stands for it in the templates."""
        return replace(self, in_source=self.in_source.fill(value=in_source), in_lake=self.in_lake.fill(value=in_lake))

    def together(self, one: Any, other: Any) -> Any:
        """What both parts give; a part without values gives None."""
        if one is None or other is None:
            return other if one is None else one
        return self.merged(one, other)


def measures_of(column: ExportColumn) -> tuple[Measure, ...]:
    """What both sides are compared by; of a masked column the values that are there, and of a personal one no value."""
    found = [VALUES_OF.of_value(name(column.source.name), name(column.lake.name))]
    if column.is_comparable:
        wanted = _without_values(_of_type(column)) if column.lake.is_personal else _of_type(column)
        found += [each.of_value(_safely_read(column), name(column.lake.name)) for each in wanted]
    return tuple(found)


def _without_values(measures: Iterable[Measure]) -> Iterator[Measure]:
    """No extremes, and sums as hashes: of a table of one row they are the value."""
    for measure in measures:
        if measure.what in SUMS:
            yield replace(measure, shown=_hashed)
        elif measure.what not in EXTREMES:
            yield measure


def _hashed(value: Any) -> str:
    return hashlib.sha256(_plain(value).encode()).hexdigest()[:HASH_DIGITS]


def has_unfit(column: ExportColumn) -> Sql | None:
    """An aggregate of PostgreSQL: whether a value does not fit the lake's type; None where all do.

    Not a number is the greatest of all numbers, and times outside the calendar are the least or the greatest.
    """
    if column.unfit is None:
        return None
    if _may_not_be_cast(column) or not _is_ordered(column.source):
        return ANY_UNFIT.fill(unfit=column.unfit)
    ends = [
        EXTREME_UNFIT.fill(unfit=column.unfit, extreme=Sql(extreme), column=name(column.source.name))
        for extreme in ("min", "max")
    ]
    return SOME.fill(one=ends[0], other=ends[1])


def _is_ordered(column: SourceColumn) -> bool:
    return column.type_schema == "pg_catalog" and column.type_name in {*IN_ORDER, "numeric"}


def _may_not_be_cast(column: ExportColumn) -> bool:
    """Whether the cast fails of values that do not fit."""
    return (
        column.unfit is not None and column.source.type_name == "numeric" and column.source.type_modifier == ANY_DIGITS
    )


def _safely_read(column: ExportColumn) -> Sql:
    if column.unfit is None or not _may_not_be_cast(column):
        return column.read
    return FITTING.fill(unfit=column.unfit, read=column.read)


def _added(one: Any, other: Any) -> Any:
    return one + other


def _sortable(value: Any) -> tuple[bool, Any]:
    return (isinstance(value, float) and math.isnan(value), value)


def _lesser(one: Any, other: Any) -> Any:
    return min(one, other, key=_sortable)


def _greater(one: Any, other: Any) -> Any:
    return max(one, other, key=_sortable)


def _measure(
    what: str, source: str, lake: str, merged: Callable[[Any, Any], Any], shown: Callable[[Any], str] = str
) -> Measure:
    return Measure(what, Sql(source), Sql(lake), merged, shown)


def _extremes(source: str, lake: str, shown: Callable[[Any], str] = str) -> Iterator[Measure]:
    for what, function, merged in ((LEAST, "min", _lesser), (MOST, "max", _greater)):
        part = Sql(function)
        yield Measure(
            what,
            Sql(source).fill(extreme=part, value=Sql("{value}")),
            Sql(lake).fill(extreme=part, value=Sql("{value}")),
            merged,
            shown,
        )


def _of_type(column: ExportColumn) -> Iterator[Measure]:
    kind = column.lake.type
    if kind is Type.TEXT and not _is_plain_text(column.source):
        return
    yield from OF_TYPE[kind]() if isinstance(kind, Type) else _of_decimal(kind)
    if column.source.type_name == "varchar" and column.source.type_modifier in SHORT_TEXTS:
        yield from _extremes('{extreme}({value} COLLATE "C")', "{extreme}({value})")


def _is_plain_text(column: SourceColumn) -> bool:
    return column.type_schema == "pg_catalog" and column.type_name in PLAIN_TEXTS


def _of_integer() -> Iterator[Measure]:
    yield _measure(SUM, "sum({value})", "sum({value})", _added)
    yield from _extremes("{extreme}({value})", "{extreme}({value})")


def _of_decimal(kind: ColumnType) -> Iterator[Measure]:
    if isinstance(kind, Decimal) and kind.precision <= MOST_SUMMED_DIGITS:
        yield _measure(SUM, "sum({value})", "sum({value})", _added, _plain)
    yield from _extremes("{extreme}({value})", "{extreme}({value})", _plain)


def _plain(number: Any) -> str:
    """Without the zeros behind the point that engines disagree on."""
    text = format(Number(number), "f")
    plain = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if plain in {"-0", ""} else plain


def _of_number() -> Iterator[Measure]:
    """Sums of DOUBLE depend on the order of the rows; of 1024ths cut to integers they do not."""
    number = "CAST({value} AS double precision)"
    whole = "sum(CASE WHEN abs({value}) < 1e12 THEN CAST(trunc(" + number + " * 1024) AS bigint) END)"
    yield _measure(SUM_OF_1024THS, whole, whole, _added)
    # Plus zero, as -0 and 0 are equal and either may come first.
    least = "CAST({extreme}({value}) AS double precision) + 0"
    yield from _extremes(least, least, repr)


def _of_time() -> Iterator[Measure]:
    yield from _of_micros(lambda micros: (EPOCH + timedelta(microseconds=micros)).time().isoformat(), TRUE)


def _of_moment() -> Iterator[Measure]:
    yield from _of_micros(_moment, FINITE)


def _of_micros(shown: Callable[[int], str], is_finite: Sql) -> Iterator[Measure]:
    micros = Sql("CASE WHEN {is_finite} THEN CAST(extract(epoch FROM {extreme}({value})) * 1000000 AS bigint) END")
    source = micros.fill(is_finite=is_finite, extreme=Sql("{extreme}"), value=Sql("{value}"))
    yield from _extremes(source.text, "epoch_us({extreme}({value}))", shown)


def _moment(micros: int) -> str:
    try:
        return (EPOCH + timedelta(microseconds=micros)).isoformat()
    except OverflowError:
        return str(micros) + " microseconds since 1970"


def _of_date() -> Iterator[Measure]:
    source = "CASE WHEN " + FINITE.text + " THEN {extreme}({value}) - DATE '1970-01-01' END"
    yield from _extremes(source, "date_diff('day', DATE '1970-01-01', {extreme}({value}))", _date)


def _date(days: int) -> str:
    try:
        return (EPOCH + timedelta(days=days)).date().isoformat()
    except OverflowError:
        return str(days) + " days since 1970"


def _of_text() -> Iterator[Measure]:
    yield _measure(OCTETS, "sum(octet_length({value}))", "sum(strlen({value}))", _added)


def _of_bytes() -> Iterator[Measure]:
    yield _measure(OCTETS, "sum(octet_length({value}))", "sum(octet_length({value}))", _added)


def _of_bool() -> Iterator[Measure]:
    yield _measure(TRUE_VALUES, "count(*) FILTER (WHERE {value})", "count(*) FILTER (WHERE {value})", _added)


VALUES_OF = _measure(VALUES, "count({value})", "count({value})", _added)
OF_TYPE: dict[Type, Callable[[], Iterator[Measure]]] = {
    Type.TEXT: _of_text,
    Type.BYTES: _of_bytes,
    Type.BOOL: _of_bool,
    Type.INT: _of_integer,
    Type.INT32: _of_integer,
    Type.DOUBLE: _of_number,
    Type.FLOAT: _of_number,
    Type.DATE: _of_date,
    Type.TIME: _of_time,
    Type.TIMESTAMP: _of_moment,
    Type.LOCAL_TIMESTAMP: _of_moment,
}
