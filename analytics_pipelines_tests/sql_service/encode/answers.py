"""Answers of a DuckDB as the service would write them, and DuckDB's own view of what was written."""

import csv
import io
import json
import re
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from analytics_pipelines.sql_service.encode import Encoding, encoded, prepared
from analytics_pipelines.sql_service.encode.types import DuckType, type_of
from analytics_pipelines.sql_service.messages import Format

MANY = 100_000
INTERVAL = re.compile(
    r"P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-)?(\d+)(?:\.(\d+))?S)?)?"
)


class Answers:
    """A DuckDB in memory, in UTC."""

    def __init__(self) -> None:
        self.duck = duckdb.connect(config={"threads": 2, "python_enable_replacements": False})
        self.duck.execute("SET TimeZone = 'UTC'")

    def columns(self, sql: str) -> list[tuple[str, str]]:
        relation = self.duck.sql(sql)
        return [(name, str(kind)) for name, kind in zip(relation.columns, relation.types, strict=True)]

    def encoding(self, sql: str, target: Format, limit: int = MANY) -> Encoding:
        columns = self.columns(sql)
        result = self.duck.execute(prepared(sql, columns, target, limit))
        return encoded(result, columns, target, limit)

    def content(self, sql: str, target: Format, limit: int = MANY) -> bytes:
        return b"".join(self.encoding(sql, target, limit).parts())

    def json(self, sql: str, limit: int = MANY) -> list[list[Any]]:
        """The rows, every number as its own text."""
        content = b"{" + self.content(sql, Format.JSON, limit) + b"}"
        orjson.loads(content)
        rows: list[list[Any]] = json.loads(content, parse_float=Number, parse_int=Number)["data"]
        return rows

    def csv(self, sql: str) -> list[list[str]]:
        content = self.content(sql, Format.CSV).decode()
        return list(csv.reader(io.StringIO(content, newline="")))

    def arrow(self, sql: str) -> pa.Table:
        return pyarrow.ipc.open_stream(self.content(sql, Format.ARROW)).read_all()

    def parquet(self, sql: str) -> pa.Table:
        return pq.read_table(io.BytesIO(self.content(sql, Format.PARQUET)))

    def texts(self, expression: str, source: str = "") -> list[str | None]:
        """DuckDB's own text of an expression."""
        rows = self.duck.execute("SELECT CAST(" + expression + " AS VARCHAR) " + source).fetchall()
        return [text for (text,) in rows]


class Number(str):
    """A number of JSON, digit by digit."""

    __slots__ = ()


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def cast(text: str, kind: str) -> str:
    return "CAST(" + quoted(text) + " AS " + kind + ")"


def interval(text: str) -> str:
    """The expression of an ISO 8601 duration as the service writes it."""
    found = INTERVAL.fullmatch(text)
    assert found, text
    years, months, days, hours, minutes = (int(part or 0) for part in found.groups()[:5])
    sign, seconds, fraction = found.groups()[5:]
    micros = int(seconds or 0) * 10**6 + int((fraction or "").ljust(6, "0"))
    micros = (hours * 60 + minutes) * 60 * 10**6 + (-micros if sign else micros)
    return f"(to_months({12 * years + months}) + to_days({days}) + to_microseconds({micros}))"


def decoded(value: Any, text: str) -> str:
    """The expression that makes a value of that type from its JSON: what `docs/sql-types.md` tells readers to do."""
    return "CAST(" + _decoded(value, type_of(text)) + " AS " + text + ")"


def _decoded(value: Any, kind: DuckType) -> str:
    if value is None:
        return "NULL"
    if kind.kind in {"LIST", "ARRAY"}:
        return "[" + ", ".join(_decoded(each, kind.element) for each in value) + "]"
    if kind.kind == "STRUCT":
        return "struct_pack(" + ", ".join(_field(name, value[name], held) for name, held in kind.members) + ")"
    if kind.kind == "UNION":
        ((tag, held),) = value.items()
        return "union_value(" + _field(tag, held, dict(kind.members)[tag]) + ")"
    if kind.kind == "MAP":
        return _map(value, kind)
    return _plain("true" if value is True else "false" if value is False else value, kind)


def _plain(value: str, kind: DuckType) -> str:
    if kind.kind == "BLOB":
        return "from_base64(" + quoted(value) + ")"
    if kind.kind == "INTERVAL":
        return interval(value)
    if kind.kind == "DECIMAL":
        return cast(value, f"DECIMAL({kind.precision}, {kind.scale})")
    return cast(value, "VARCHAR" if kind.kind == "ENUM" else kind.kind)


def _field(name: str, value: Any, kind: DuckType) -> str:
    return '"' + name.replace('"', '""') + '" := ' + _decoded(value, kind)


def _map(value: Any, kind: DuckType) -> str:
    (_, key), (_, held) = kind.members
    pairs = list(value.items() if isinstance(value, dict) else value)
    keys = ", ".join(_decoded(each, key) for each, _ in pairs)
    return "map([" + keys + "], [" + ", ".join(_decoded(each, held) for _, each in pairs) + "])"
