"""`docs/product-export-types.md`: what becomes of each type, as `types` has it and never otherwise."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from analytics_pipelines.foundation.tables import Type
from analytics_pipelines.product_export.source.type_notes import BY_KIND, EXTENSIONS, WRITTEN_TYPES
from analytics_pipelines.product_export.source.type_overrides import SPELT
from analytics_pipelines.product_export.source.types import EXACT, NUMERIC_OFFSET, SCALE_BITS, numeric

READERS = ("In Parquet", "DuckDB", "Polars", "pyarrow, pandas", "Spark")
RULE = ["---"] * (1 + len(READERS))
READ_AS: Mapping[str, tuple[str, str, str, str, str]] = {
    Type.INT32.value: ("INT32", "INTEGER", "Int32", "int32", "INT"),
    Type.INT.value: ("INT64", "BIGINT", "Int64", "int64", "BIGINT"),
    Type.FLOAT.value: ("FLOAT", "FLOAT", "Float32", "float", "FLOAT"),
    Type.DOUBLE.value: ("DOUBLE", "DOUBLE", "Float64", "double", "DOUBLE"),
    "DECIMAL(p,s)": ("DECIMAL", "DECIMAL(p,s)", "Decimal", "decimal128", "DECIMAL(p,s)"),
    Type.BOOL.value: ("BOOLEAN", "BOOLEAN", "Boolean", "bool", "BOOLEAN"),
    Type.TEXT.value: ("STRING", "VARCHAR", "String", "string", "STRING"),
    Type.BYTES.value: ("BYTE_ARRAY", "BLOB", "Binary", "binary", "BINARY"),
    Type.DATE.value: ("DATE", "DATE", "Date", "date32", "DATE"),
    Type.TIME.value: ("TIME(µs), local", "TIME", "Time", "time64[us]", "TIME, if enabled"),
    Type.LOCAL_TIMESTAMP.value: (
        "TIMESTAMP(µs), local",
        "TIMESTAMP",
        "Datetime(us)",
        "timestamp[us]",
        "TIMESTAMP_NTZ, from 3.4",
    ),
    Type.TIMESTAMP.value: (
        "TIMESTAMP(µs), UTC",
        "TIMESTAMP WITH TIME ZONE",
        "Datetime(us, UTC)",
        "timestamp[us, tz=UTC]",
        "TIMESTAMP",
    ),
}
"""What the lake's types are to Parquet and to its readers."""
EXACT_TYPES: Mapping[str, str] = {
    "int2": "smallint, smallserial",
    "int4": "integer, serial",
    "int8": "bigint, bigserial",
    "float4": "real (NaN, infinities and -0 too)",
    "float8": "double precision (likewise)",
    "bool": "boolean",
    "text": "text",
    "varchar": "character varying(n)",
    "bpchar": "character(n)",
    "name": "name (of 63 bytes)",
    "bytea": "bytea",
    "date": "date",
    "time": "time",
    "timestamp": "timestamp",
    "timestamptz": "timestamp with time zone",
    "uuid": "uuid",
    "json": "json",
    "jsonb": "jsonb",
    "oid": "oid",
    "xid": "xid",
    "cid": "cid",
}
"""How people call the types that have a form of their own."""
KINDS: Mapping[str, str] = {"e": "enum", "c": "composite type", "r": "range", "m": "multirange"}
PAGE = """# What becomes of PostgreSQL's types
Each column of an exported table goes one of three ways, and none changes a value without a word:

- **exact**, where DuckDB, Polars, pandas, pyarrow and Spark all hold what PostgreSQL holds;
- **text** that PostgreSQL's own output function writes, where Parquet has no such type. It can be read back by
  casting it to the type; the manifest's `source` says so for each column;
- **refused** before anything is published, where a value does not fit the column's type (the column, how many values,
  and what to do are named) or the type is not mapped.

This page is generated from the program; a test holds the two equal, and another one sends a table of some hundred
columns through PostgreSQL 18, 16 and 15 and reads it by DuckDB, Polars, pyarrow and pandas. Spark 4.3 was tried by hand
on the same file: equal in all columns.

## Exact
| PostgreSQL | In the lake | Refused | Note |
|---|---|---|---|
"""
AS_TEXT = """
## As text
Written with the session's settings fixed (ISO dates, UTC, hexadecimal bytea, `intervalstyle` postgres, shortest exact
digits), so that it does not depend on the server's or the role's. Only `lc_monetary` stays the database's own, since it
decides where the point of `money` stands.

| PostgreSQL | Note |
|---|---|
"""
NUMERICS = (
    (12, 2, "numeric(p, s), at most 38 digits", "DECIMAL(p,s)"),
    (5, -2, "numeric(5, -2)", ""),
    (3, 5, "numeric(3, 5)", ""),
)
READERS_PART = """
A domain becomes what the type below it does.

## Another type than the usual one
`types` of a table's entry names it, column by column, as one of
{spelt}
or `decimal(p, s)`. What could lose something is refused: a `bigint` becomes no `double`. All becomes `text`; integers
become wider ones, `double` (up to 32 bits) or a `decimal` that holds all their digits. A `numeric` may become any
`decimal(p, s)` or `bigint`: each value is checked then, and refused if a digit were lost. In a database without an
encoding (SQL_ASCII), `text` that is no UTF-8 can become `bytes`.

## The lake to its readers
| In the lake | {readers} |
|{rules}|
"""
END = """
- pandas: `pd.read_parquet(file, dtype_backend="pyarrow")` keeps whole numbers whole beside missing values.
- Spark 4.3 refuses a whole file for one column of type TIME, unless `spark.sql.timeType.enabled` is true.
- Spark before 4.0 asks for `spark.sql.parquet.datetimeRebaseModeInRead=CORRECTED` when days lie before 1582-10-15
  or times before 1900.
- A source column called `date` is hidden by the day of the folder `date=…` where a reader takes columns from
  folders' names: read with `hive_partitioning = false` (DuckDB) or one file with `partitioning=None` (pandas).
- Engines know no difference between `Name` and `name`: a table with both is refused, and one of them can be left out.
"""


def types_page() -> str:
    """The text of `docs/product-export-types.md`."""
    readers = READERS_PART.format(
        spelt=", ".join("`" + spelt + "`" for spelt in SPELT), readers=" | ".join(READERS), rules="|".join(RULE)
    )
    held = "".join(_row(lake, *read_as) for lake, read_as in READ_AS.items())
    return PAGE + "".join(_exact()) + AS_TEXT + "".join(_as_text()) + readers + held + END


def _exact() -> Iterator[str]:
    for type_name, called in EXACT_TYPES.items():
        way = EXACT[type_name]
        yield _row(called, way.type.value, way.unfit_told, way.note)
    for precision, scale, called, lake in NUMERICS:
        way = numeric(((precision << 16) | (scale & SCALE_BITS)) + NUMERIC_OFFSET)
        yield _row(called, lake or way.type.value, way.unfit_told, "")


def _as_text() -> Iterator[str]:
    yield _row("numeric", "its digits are not limited; `types` can make it e.g. `decimal(38, 9)`")
    yield _row("numeric(p, s)", "where it may have more than 38 digits")
    for note, types in groupby(WRITTEN_TYPES, lambda type_name: WRITTEN_TYPES[type_name]):
        yield _row(", ".join(types), note)
    for kind, called in KINDS.items():
        yield _row(called, BY_KIND[kind])
    yield _row("array of any type", "e.g. `{1,NULL,3}`; dimensions and bounds are kept")
    for extension, note in EXTENSIONS.items():
        yield _row("extension " + extension, note)
    yield _row("other extensions, users' own types", "the manifest names the type; `refuse_unknown_types` refuses it")
    yield _row("pseudo-types (anyarray)", "refused, unless `types` makes them text")


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"
