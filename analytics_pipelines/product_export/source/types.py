"""Each PostgreSQL type's way into Parquet: exact, or as the text that PostgreSQL writes, or none.

What Parquet's readers (DuckDB, Polars, pandas, pyarrow, Spark) hold alike goes there as it is. All else becomes text,
written by the type's own output function: a cast to text would drop the blanks of `character(n)` and put a /32 behind
addresses. `docs/product-export-types.md` is made of this module.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from analytics_pipelines.foundation.sql import Sql, name
from analytics_pipelines.foundation.tables import MOST_DIGITS, ColumnType, Decimal, Type
from analytics_pipelines.product_export.source.described import SourceColumn
from analytics_pipelines.product_export.source.type_notes import BY_KIND, EXTENSIONS, WRITTEN_TYPES

AS_WRITTEN = "text as PostgreSQL writes it"
# IS NULL would be true of a composite whose fields are all null.
WRITTEN = Sql("CASE WHEN {column} IS DISTINCT FROM NULL THEN pg_catalog.format('%s', {column}) END")
COLUMN = Sql("{column}")
TEXT_IN_SOURCE = Sql("CAST({column} AS text)")
TEXT_IN_LAKE = Sql("CAST({column} AS VARCHAR)")
UTC_IN_SOURCE = Sql("CAST({column} AT TIME ZONE 'UTC' AS text)")
# By its microseconds, which asks no calendar of time zones and takes a third of the time.
UTC_IN_LAKE = Sql("CAST(make_timestamp(epoch_us({column})) AS VARCHAR)")
HEX_IN_LAKE = Sql("lower(hex({column}))")
# The bits, since engines write floating point numbers in different ways.
BITS_IN_LAKE = Sql("lower(hex(CAST(CAST({column} AS BIT) AS BLOB)))")
# DuckDB writes no zero before the point of a type that is all fraction.
FRACTION_IN_LAKE = Sql("regexp_replace(CAST({column} AS VARCHAR), '^(-?)[.]', '\\10.')")
NAN = Sql("{column} = CAST('NaN' AS numeric)")
NOT_IN_CALENDAR = "infinite or outside the years 1 to 9999"
NUMERIC_OFFSET = 4  # the header that a modifier counts
SCALE_BITS, SCALE_SIGN = 0x7FF, 0x400


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How values of a type come into the lake; SQL with `{column}` for the column."""

    type: ColumnType
    read: Sql = COLUMN
    """PostgreSQL; of a type that DuckDB's reader takes as it is."""
    note: str = ""
    unfit: Sql | None = None
    """PostgreSQL: whether the lake's type can not hold a value."""
    unfit_told: str = ""
    text_in_source: Sql = TEXT_IN_SOURCE
    text_in_lake: Sql = TEXT_IN_LAKE
    is_known: bool = True
    """False for types that we know nothing of but that they can be written."""

    def of(self, template: Sql, column: str) -> Sql:
        """One of the templates for that column."""
        return template.fill(column=name(column))


def read_as(type_: str) -> Sql:
    """The column cast to a type of PostgreSQL, as a template."""
    return Sql("CAST({{column}} AS {type})").fill(type=Sql(type_))


def _calendar(type_: ColumnType, spelt: str, zone: str = "") -> Way:
    """Days and times of the years that every reader can hold."""
    unfit = Sql("{{column}} < {type} '0001-01-01{zone}' OR {{column}} >= {type} '10000-01-01{zone}'")
    filled = unfit.fill(type=Sql(spelt), zone=Sql(zone))
    return Way(type=type_, unfit=filled, unfit_told=NOT_IN_CALENDAR)


def as_text(note: str = AS_WRITTEN, *, is_known: bool = True) -> Way:
    """The way of all that Parquet has no exact type for."""
    return Way(type=Type.TEXT, read=WRITTEN, note=note, text_in_source=WRITTEN, is_known=is_known)


def _cast_to_text(note: str = "") -> Way:
    """Where the cast and the output function give the same; the cast costs less."""
    return Way(type=Type.TEXT, read=TEXT_IN_SOURCE, note=note)


NUMBER_BY_TEXT = Sql("CAST(CAST({column} AS text) AS int8)")
EXACT: Mapping[str, Way] = {
    "int2": Way(type=Type.INT32, read=read_as("int4")),
    "int4": Way(type=Type.INT32),
    "int8": Way(type=Type.INT),
    "oid": Way(type=Type.INT, read=read_as("int8")),
    "xid": Way(type=Type.INT, read=NUMBER_BY_TEXT),
    "cid": Way(type=Type.INT, read=NUMBER_BY_TEXT),
    "bool": Way(type=Type.BOOL),
    "float4": Way(
        type=Type.FLOAT, text_in_source=Sql("encode(float4send({column}), 'hex')"), text_in_lake=BITS_IN_LAKE
    ),
    "float8": Way(
        type=Type.DOUBLE, text_in_source=Sql("encode(float8send({column}), 'hex')"), text_in_lake=BITS_IN_LAKE
    ),
    "bytea": Way(type=Type.BYTES, text_in_source=Sql("encode({column}, 'hex')"), text_in_lake=HEX_IN_LAKE),
    "date": _calendar(Type.DATE, "date"),
    "time": Way(
        type=Type.TIME,
        note="Spark reads the file only with `spark.sql.timeType.enabled=true`; `types` can make it text",
        unfit=Sql("{column} = time '24:00'"),
        unfit_told="24:00:00",
    ),
    "timestamp": _calendar(Type.LOCAL_TIMESTAMP, "timestamp"),
    "timestamptz": replace(
        _calendar(Type.TIMESTAMP, "timestamptz", " 00:00:00+00"), text_in_source=UTC_IN_SOURCE, text_in_lake=UTC_IN_LAKE
    ),
    "text": _cast_to_text(),
    "varchar": _cast_to_text(),
    "name": _cast_to_text(),
    "bpchar": as_text("text with its trailing blanks"),
    "uuid": _cast_to_text("text, since Spark rejects Parquet's UUID"),
    "json": _cast_to_text("text, byte for byte as it was stored"),
    "jsonb": _cast_to_text("text as PostgreSQL writes it: every digit and key is kept"),
}
"""Types of PostgreSQL that have a form of their own in the lake."""
PSEUDO = "p"
ARRAY = "array, text as PostgreSQL writes it, e.g. `{1,NULL,3}`; dimensions and bounds are kept"


def way_of(column: SourceColumn) -> Way | None:
    """The usual way of the column's type; None for a pseudo-type, which has no values that could be kept."""
    if column.type_kind == PSEUDO:
        return None
    if not column.is_array or column.type_name in WRITTEN_TYPES:
        return _way_of_base(column, column.type_name)
    element = _way_of_base(column, column.type_name.removeprefix("_"))
    return as_text(ARRAY if element.is_known else _unknown(column) + "; " + ARRAY, is_known=element.is_known)


def _way_of_base(column: SourceColumn, type_name: str) -> Way:
    is_own = column.type_schema == "pg_catalog"
    if is_own and type_name == "numeric":
        return numeric(column.type_modifier)
    if is_own and type_name in EXACT:
        return EXACT[type_name]
    note = WRITTEN_TYPES.get(type_name) if is_own else EXTENSIONS.get(column.extension)
    note = note or BY_KIND.get(column.type_kind)
    return as_text(_told(note)) if note else as_text(_unknown(column), is_known=False)


def _told(note: str) -> str:
    return AS_WRITTEN + ": " + note


def _unknown(column: SourceColumn) -> str:
    """What to say of a type that we do not know."""
    origin = " of the extension " + column.extension if column.extension else ""
    return AS_WRITTEN + ": the type " + column.declared + origin + " is not known here"


def digits_of(modifier: int) -> tuple[int, int] | None:
    """Precision and scale of a `numeric`'s type modifier, the scale from -1000 to 1000; None for none declared."""
    if modifier < NUMERIC_OFFSET:
        return None
    packed = modifier - NUMERIC_OFFSET
    return packed >> 16, ((packed & SCALE_BITS) ^ SCALE_SIGN) - SCALE_SIGN


def numeric(modifier: int) -> Way:
    """Exact where a DECIMAL of at most 38 digits holds all that was declared, else text."""
    digits = digits_of(modifier)
    if digits is None:
        return as_text(_told("its digits are not limited; `types` can make it `decimal(38, 9)`"))
    precision, scale = digits
    # A negative scale rounds before the point, one above the precision leaves zeros behind it.
    held = (max(precision, scale), scale) if scale >= 0 else (precision - scale, 0)
    return decimal(Decimal(*held)) if held[0] <= MOST_DIGITS else as_text(_told("it may have more than 38 digits"))


def decimal(held: Decimal, *, unfit: Sql | None = NAN, unfit_told: str = "NaN") -> Way:
    """The way of numbers that become such a DECIMAL."""
    read = read_as("numeric(" + str(held.precision) + "," + str(held.scale) + ")")
    is_all_fraction = held.precision == held.scale
    return Way(
        type=held,
        read=read,
        unfit=unfit,
        unfit_told=unfit_told,
        text_in_source=TEXT_IN_SOURCE.fill(column=read),
        text_in_lake=FRACTION_IN_LAKE if is_all_fraction else TEXT_IN_LAKE,
    )
