"""DuckDB's types as it writes them (`STRUCT(a INTEGER, "b c" VARCHAR[])[3]`), taken apart."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from analytics_pipelines.sql_service.errors import DuckDBQueryError

Columns = Sequence[tuple[str, str]]
"""Each column's name and DuckDB's text of its type."""

MOST_LEVELS = 64
"""Of types within types; each level is several levels of an expression, of which DuckDB takes 1,000."""

TOKENS = re.compile(r"""\s*("(?:[^"]|"")*"|'(?:[^']|'')*'|[^\s()\[\],"']+|[()\[\],])""")
_STEPS = {"(": 1, ")": -1}
WITH_ZONE = ["WITH", "TIME", "ZONE"]


@dataclass(frozen=True, slots=True)
class DuckType:
    """A type: `kind` is its name without what stands in brackets; lists are `LIST`, those of fixed length `ARRAY`."""

    kind: str
    members: tuple[tuple[str, "DuckType"], ...] = ()
    """Of a structure or a union its fields, of a list `element`, of a map `key` and `value`."""
    is_unnamed: bool = False
    """Of a structure: made by `row(…)`, its fields have no names and are called `1`, `2`…"""
    precision: int = 0
    scale: int = 0
    length: int = 0

    @property
    def element(self) -> "DuckType":
        """What a list holds."""
        return self.members[0][1]


@lru_cache(maxsize=4096)
def type_of(text: str) -> DuckType:
    """The type of that text, one of no known form by its whole text; raises `DuckDBQueryError` of one too deep."""
    tokens = TOKENS.findall(text)
    levels = tokens.count("(") + tokens.count("[")
    if levels > MOST_LEVELS and _depth(tokens) > MOST_LEVELS:
        raise DuckDBQueryError(
            "A column's type nests deeper than can be written.",
            limit=str(MOST_LEVELS) + " levels",
            remedy="Select the parts that you need.",
        )
    parser = _Parser(tokens)
    with suppress(IndexError, ValueError):
        found = parser.read()
        return found if parser.at == len(tokens) and "\0" not in text else DuckType(text)
    return DuckType(text)


def _depth(tokens: Sequence[str]) -> int:
    """At least the levels of the deepest type: brackets that are open at once, and all lists."""
    deepest = opened = lists = 0
    for each in tokens:
        opened += _STEPS.get(each, 0)
        lists += each == "["
        deepest = max(deepest, opened + lists)
    return deepest


class _Parser:
    """Reads one type from tokens."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def read(self) -> DuckType:
        found = self._base()
        while self._is("["):
            length = "" if self.tokens[self.at + 1] == "]" else self.tokens[self.at + 1]
            self.at += 3 if length else 2
            found = DuckType("ARRAY" if length else "LIST", (("element", found),), length=int(length or 0))
        return found

    def _base(self) -> DuckType:
        kind = self._next().strip('"')
        if self.tokens[self.at : self.at + 3] == WITH_ZONE:
            self.at += 3
            return DuckType(" ".join([kind, *WITH_ZONE]))
        if not self._is("("):
            return DuckType(kind)
        self.at += 1
        return self._with_brackets(kind)

    def _with_brackets(self, kind: str) -> DuckType:
        if kind in {"STRUCT", "UNION"}:
            is_unnamed = not self._is_named()
            members = tuple(self._members(is_unnamed=is_unnamed))
            return DuckType(kind, members, is_unnamed=is_unnamed and bool(members))
        if kind == "MAP":
            key, value = (each for _, each in self._members(is_unnamed=True))
            return DuckType(kind, (("key", key), ("value", value)))
        inside = list(self._until_closed())
        if kind == "DECIMAL":
            return DuckType(kind, precision=int(inside[0]), scale=int(inside[2]))
        return DuckType(kind)

    def _members(self, *, is_unnamed: bool) -> Iterator[tuple[str, DuckType]]:
        number = 0
        while not self._is(")"):
            number += 1
            yield (str(number) if is_unnamed else _unquoted(self._next())), self.read()
            self.at += self._is(",")
        self.at += 1

    def _is_named(self) -> bool:
        """A name stands before the type, unless what comes next already ends or continues a type."""
        behind = self.tokens[self.at + 1 : self.at + 4]
        return behind[:1] != [] and behind[0] not in {"(", ")", "[", ","} and behind != WITH_ZONE

    def _until_closed(self) -> Iterator[str]:
        opened = 1
        while True:
            token = self._next()
            opened += _STEPS.get(token, 0)
            if not opened:
                return
            yield token

    def _is(self, token: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at] == token

    def _next(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
