"""Another lake type than the usual one, where nothing is lost: by the type itself, or checked value by value."""

import re
from collections.abc import Mapping
from dataclasses import replace

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Decimal, Type
from analytics_pipelines.product_export.source.described import SourceColumn
from analytics_pipelines.product_export.source.types import EXACT, Way, as_text, decimal, digits_of, read_as, way_of

SPELT: Mapping[str, Type] = {
    "integer": Type.INT32,
    "bigint": Type.INT,
    "float": Type.FLOAT,
    "double": Type.DOUBLE,
    "boolean": Type.BOOL,
    "date": Type.DATE,
    "time": Type.TIME,
    "timestamp": Type.LOCAL_TIMESTAMP,
    "timestamptz": Type.TIMESTAMP,
    "bytes": Type.BYTES,
    "text": Type.TEXT,
}
"""Names that `types` knows, beside `decimal(p, s)`."""
DECIMAL = re.compile(r"(?:decimal|numeric)\s*\(\s*(\d{1,2})\s*(?:,\s*(\d{1,2})\s*)?\)")
DIGITS: Mapping[str, int] = {"int2": 5, "int4": 10, "int8": 19, "oid": 10, "xid": 10, "cid": 10}
WIDENED: Mapping[tuple[str, Type], str] = {
    ("int2", Type.INT): "int8",
    ("int4", Type.INT): "int8",
    ("int2", Type.DOUBLE): "float8",
    ("int4", Type.DOUBLE): "float8",
    ("float4", Type.DOUBLE): "float8",
}
"""What holds all values of what, and as which type PostgreSQL casts it."""
TEXTS = ("text", "varchar", "name")
# For databases without an encoding (SQL_ASCII), whose texts may be anything.
BYTES = Sql("convert_to({column}, getdatabaseencoding())")
LARGEST_INT, SMALLEST_INT = "9223372036854775807", "-9223372036854775808"
NO_INT = Sql("({{column}} BETWEEN {least} AND {most} AND {{column}} = trunc({{column}})) IS FALSE").fill(
    least=Sql(SMALLEST_INT), most=Sql(LARGEST_INT)
)
TOO_LONG = Sql("abs({{column}}) >= CAST('1e{digits}' AS numeric) OR {{column}} <> round({{column}}, {scale})")


class UnsuitableType(SetupError):
    """A column can not have the type that `types` asks for without losing something."""


def way_as(column: SourceColumn, asked: str) -> Way:
    """The way of the column to the type that `types` asks for; raises `UnsuitableType` where that could lose something.

    A number without declared digits may become `decimal(p, s)` or `bigint`: each value is checked then.
    """
    spelt = asked.strip().lower()
    usual = way_of(column)
    found = _decimal(column, spelt) if DECIMAL.fullmatch(spelt) else _plain(column, usual, spelt)
    if found is None:
        raise UnsuitableType(
            column.name + " (" + column.declared + ") can not become " + asked + " without losing something.",
            limit=_possible(column, usual),
            remedy="Correct the column's entry in `types`, or leave it out.",
        )
    return found


def _plain(column: SourceColumn, usual: Way | None, spelt: str) -> Way | None:
    wanted = SPELT.get(spelt)
    if usual is not None and wanted == usual.type:
        return usual
    if wanted is Type.TEXT:
        return as_text()
    base = _base(column)
    if wanted is not None and (base, wanted) in WIDENED:
        cast = read_as(WIDENED[base, wanted])
        return _reading(EXACT["int8" if wanted is Type.INT else "float8"], cast)
    if base in TEXTS and wanted is Type.BYTES:
        return replace(_reading(EXACT["bytea"], BYTES), note="bytes in the database's encoding")
    if base == "numeric" and wanted is Type.INT:
        way = _reading(EXACT["int8"], read_as("int8"))
        return replace(way, unfit=NO_INT, unfit_told="no whole numbers of 64 bits")
    return None


def _reading(way: Way, cast: Sql) -> Way:
    """The way, of the column once it is cast."""
    return replace(way, read=cast, text_in_source=Sql(way.text_in_source.text.replace("{column}", cast.text)))


def _decimal(column: SourceColumn, spelt: str) -> Way | None:
    held = _held(spelt)
    base = _base(column)
    if held is None:
        return None
    whole = held.precision - held.scale
    if base in DIGITS:
        return decimal(held, unfit=None) if whole >= DIGITS[base] else None
    if base != "numeric":
        return None
    declared = digits_of(column.type_modifier)
    if declared and declared[1] <= held.scale and declared[0] - declared[1] <= whole:
        return decimal(held)
    unfit = TOO_LONG.fill(digits=Sql(str(whole)), scale=Sql(str(held.scale)))
    return decimal(held, unfit=unfit, unfit_told="NaN, infinite or of more digits than " + held.value)


def _held(spelt: str) -> Decimal | None:
    found = DECIMAL.fullmatch(spelt)
    try:
        return Decimal(int(found[1]), int(found[2] or 0)) if found else None
    except ValueError:
        return None


def _base(column: SourceColumn) -> str:
    """The type's name, if it is a plain one of PostgreSQL's own."""
    is_plain = column.type_schema == "pg_catalog" and column.type_kind == "b" and not column.is_array
    return column.type_name if is_plain else ""


def _possible(column: SourceColumn, usual: Way | None) -> str:
    """The names that `types` may give the column."""
    base = _base(column)
    names = [name for name, type_ in SPELT.items() if _plain(column, usual, name) is not None and type_ is not None]
    if base in DIGITS or base == "numeric":
        names.append("decimal(p, s)")
    return "it may become " + ", ".join(names)
