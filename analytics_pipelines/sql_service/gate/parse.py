"""The engine's own parser, on a private connection that can reach nothing, and its tree as plain data."""

import json
from typing import Any

import duckdb
import orjson

from analytics_pipelines.foundation.sql import Sql, literal
from analytics_pipelines.sql_service.errors import DuckDBQueryError, QueryRefused
from analytics_pipelines.sql_service.gate.statements import refused_statement

PREPARE = (
    "PRAGMA disable_optimizer",
    """
    PREPARE serialized AS SELECT
        json_serialize_sql(CAST($1 AS VARCHAR), skip_default := true, skip_empty := true, skip_null := true)
    """,
    "SET lock_configuration = true",
)
"""A prepared statement and no optimizer: half the time of a short text."""
SERIALIZED = Sql("EXECUTE serialized({text})")
ALONE: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "256MB",
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "python_enable_replacements": False,
}
NOT_A_SELECT = "not implemented"
TOO_DEEP = ("memory exhausted", "Max expression depth")
MOST_MESSAGE = 300

Tree = dict[str, Any]


class Parser:
    """Gives trees; to be used by one thread."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:", config=ALONE)
        for statement in PREPARE:
            self._connection.execute(statement)

    def tree(self, sql: str) -> Tree:
        """The one statement of a text, a query: its tree as `json_serialize_sql` gives it.

        The text's shape has been checked. Raises `QueryRefused` when it is more than one or no query, and
        `DuckDBQueryError` with the parser's own words when it is no SQL.
        """
        answer = self._answer(sql)
        if answer.get("error"):
            raise _error_of(answer, sql)
        statements = answer.get("statements") or []
        if not statements:
            raise DuckDBQueryError("The query is empty.")
        if len(statements) > 1:
            raise several()
        statement: Tree = statements[0]
        return statement

    def _answer(self, sql: str) -> Tree:
        try:
            row = self._connection.execute(SERIALIZED.fill(text=literal(sql)).text).fetchone()
        except duckdb.Error as error:
            raise DuckDBQueryError(f"The query can not be read: {_told(str(error))}") from None
        answer: Tree = _loaded(row[0] if row else "{}")
        return answer


def _loaded(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(text)  # numbers past the largest DOUBLE come as Infinity, which JSON proper does not know
    except (ValueError, RecursionError):
        raise too_deep() from None


def _error_of(answer: Tree, sql: str) -> DuckDBQueryError:
    message = str(answer.get("error_message", ""))
    if answer.get("error_type") == NOT_A_SELECT and message.startswith("Only SELECT"):
        return refused_statement(sql)
    if message.startswith(TOO_DEEP):
        return too_deep()
    position = str(answer.get("position", ""))
    return DuckDBQueryError(f"{_told(message)}{_place_at(sql[: int(position)]) if position.isdecimal() else ''}")


def _told(message: str) -> str:
    first = message.split("\n", 1)[0].strip()
    return first if len(first) <= MOST_MESSAGE else first[: MOST_MESSAGE - 1] + "…"


def several() -> QueryRefused:
    """The error of a text with more than one statement."""
    return QueryRefused("Only one statement may be sent.", remedy="POST /api/v1/duckdb/batch runs several in order.")


def too_deep() -> QueryRefused:
    """The error of a text that nests too deep."""
    return QueryRefused("The query nests too deep.", remedy="Take it apart with common table expressions.")


def place_of(sql: str, offset_bytes: int) -> str:
    """Where that is, for the end of a sentence; nothing for a place outside the text."""
    encoded = sql.encode()
    if not 0 <= offset_bytes <= len(encoded):
        return ""
    return _place_at(encoded[:offset_bytes].decode(errors="ignore"))


def _place_at(before: str) -> str:
    """Syntax errors tell their place in letters, trees tell theirs in bytes."""
    line = before.count("\n") + 1
    return f" at line {line}, column {len(before) - before.rfind(chr(10))}"
