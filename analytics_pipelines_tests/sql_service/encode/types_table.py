"""The tables of `docs/sql-types.md`, made of what the service really writes."""

import io
import re

import pyarrow.parquet as pq

from analytics_pipelines.sql_service.messages import Format
from analytics_pipelines_tests.sql_service.encode.answers import Answers, cast

NARROWER = re.compile(r"(?: beyond| of over| that| before|, not|, infinite).*")
FIELD_NAMES = re.compile(r" \('[^']*'\)")
HEAD = ("| DuckDB | JSON | Arrow | CSV | Parquet |", "|---|---|---|---|---|")
ONE_EACH = {
    "BOOLEAN": "true",
    "TINYINT": "-128",
    "SMALLINT": "1",
    "INTEGER": "1",
    "BIGINT": "9007199254740991",
    "BIGINT beyond ±(2^53 - 1)": "9007199254740993",
    "UTINYINT": "255",
    "USMALLINT": "1",
    "UINTEGER": "1",
    "UBIGINT": "18446744073709551615",
    "HUGEINT": "1",
    "HUGEINT beyond ±(2^53 - 1)": "99999999999999999999999999999999999999",
    "UHUGEINT": "1",
    "BIGNUM": "1",
    "FLOAT": "0.1",
    "DOUBLE": "1e-7",
    "DOUBLE, not finite": "-inf",
    "DECIMAL(18,2)": "12.30",
    "DECIMAL(38,2) of over 15 digits": "12345678901234567.80",
    "VARCHAR": 'a "b"',
    "VARCHAR that a spreadsheet would run": "=1+1",
    "ENUM('red', 'blue')": "red",
    "BLOB": "\\xAA+",
    "BIT": "0101",
    "UUID": "123e4567-e89b-12d3-a456-426614174000",
    "DATE": "2024-01-31",
    "DATE before year 1": "0044-03-15 (BC)",
    "DATE, infinite": "infinity",
    "TIME": "01:02:03.5",
    "TIME_NS": "01:02:03.123456789",
    "TIME WITH TIME ZONE": "01:02:03+05:30",
    "TIMESTAMP": "2024-01-31 01:02:03.5",
    "TIMESTAMP_S": "2024-01-31 01:02:03",
    "TIMESTAMP_MS": "2024-01-31 01:02:03.004",
    "TIMESTAMP_NS": "2024-01-31 01:02:03.123456789",
    "TIMESTAMP WITH TIME ZONE": "2024-01-31 01:02:03+05:30",
    "INTERVAL": "14 months 3 days 04:05:06.789",
    "JSON": '{"a": [1]}',
    "VARIANT": "1",
    "GEOMETRY": "POINT (1 2)",
}
NESTED = {
    "INTEGER[]": "[1, NULL]",
    "INTEGER[2]": "array_value(1, 2)",
    "STRUCT(a INTEGER, b VARCHAR)": "{'a': 1, 'b': 'x'}",
    "STRUCT(INTEGER, VARCHAR)": "row(1, 'x')",
    "MAP(VARCHAR, INTEGER)": "map {'k': 1}",
    "MAP(INTEGER, VARCHAR)": "map {1: 'x'}",
    "UNION(n INTEGER, s VARCHAR)": "CAST('x' AS UNION(n INTEGER, s VARCHAR))",
    "HUGEINT[]": "[CAST(1 AS HUGEINT)]",
    "any, NULL": "NULL",
}


def types_table() -> str:
    """A line for each type, with what becomes of one value of it in each format."""
    answers = Answers()
    plain = [line(answers, kind, cast(text, kind_of(kind))) for kind, text in ONE_EACH.items()]
    return "\n".join([*HEAD, *plain, *(line(answers, kind, value) for kind, value in NESTED.items())])


def kind_of(title: str) -> str:
    """The type that a title begins with."""
    return NARROWER.sub("", title)


def line(answers: Answers, kind: str, value: str) -> str:
    sql = "SELECT " + value + " AS x"
    json = answers.content(sql, Format.JSON).decode().split('],"columns"')[0].removeprefix('"data":[[')[:-1]
    cell = answers.content(sql, Format.CSV).decode().splitlines()[1]
    arrow = str(answers.arrow(sql).schema.field("x").type).replace(", ordered=0", "")
    parquet = parquet_type(answers.content(sql, Format.PARQUET))
    return (
        "| " + " | ".join(each if not each else "`" + each + "`" for each in (kind, json, arrow, cell, parquet)) + " |"
    )


def parquet_type(content: bytes) -> str:
    """What stands in the file itself: of a nested type its Arrow form, else the logical and the physical type."""
    file = pq.ParquetFile(io.BytesIO(content))
    column = file.schema.column(0)
    if "." in column.path:
        return FIELD_NAMES.sub("", str(file.schema_arrow.field("x").type))
    logical = str(column.logical_type)
    return column.physical_type if logical == "None" else named(logical) + " of " + column.physical_type


def named(logical: str) -> str:
    drop = ("is_from_converted_type=false, ", ", force_set_converted_type=false", ", is_from_converted_type=false")
    for each in drop:
        logical = logical.replace(each, "")
    return logical
