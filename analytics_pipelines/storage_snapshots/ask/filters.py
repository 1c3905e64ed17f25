"""Stackable filters as a condition: names come from `ask.fields`, every value is bound.

    {"field": "size", "op": "gt", "value": "10MB"}
    {"or": [{"field": "name", "op": "glob", "value": "*.log"}, {"not": {"field": "owner", "op": "eq", "value": "ada"}}]}

A value that is not known passes `is_null` and `not`, and no other test.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.bound import Bound, every, in_brackets, some
from analytics_pipelines.foundation.errors import BadInput, LimitExceeded
from analytics_pipelines.foundation.sql import Sql, joined
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen
from analytics_pipelines.storage_snapshots.ask.fields import FIELDS, Field, Kind, expression
from analytics_pipelines.storage_snapshots.ask.patterns import BadPattern, Matcher, Mode, PatternTooLong, matcher
from analytics_pipelines.storage_snapshots.ask.values import BadValue, value_of

MOST_DEPTH = 8
MOST_FILTERS = 100
MOST_VALUES = 1000
COMPARED = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
PATTERNS = {"contains": Mode.SUBSTRING, "glob": Mode.GLOB, "regex": Mode.REGEX}
ENDS = {"starts_with": "starts_with({text}, {value})", "ends_with": "suffix({text}, {value})"}
ANYWHERE = (*COMPARED, "between", "in", "is_null")
OPERATORS: dict[Kind, tuple[str, ...]] = dict.fromkeys(Kind, ANYWHERE) | {
    Kind.TEXT: (*ANYWHERE, *PATTERNS, *ENDS),
    Kind.BITS: (*ANYWHERE, "has_bits"),
    Kind.FLAG: ("eq", "ne"),
}
LEAF = (
    'A filter is {"field", "op", "value"} (texts also "case_sensitive"), {"and": [...]}, {"or": [...]} or {"not": ...}.'
)


class BadFilter(BadInput):
    """A filter has another shape than filters have."""


class UnknownField(BadInput):
    """Nothing of that name can be filtered or sorted by."""


class UnknownOperator(BadInput):
    """The field has no such test."""


class FilterTooLarge(LimitExceeded):
    """There are too many filters, too many values, or they are nested too deeply."""


@dataclass(slots=True)
class Filters:
    """Makes conditions, and notes what names must hold for an index."""

    cursor: DuckDBPyConnection
    these: Chosen
    bound: Bound
    count: int = 0
    of_names: list[Matcher] = field(default_factory=list)
    """Patterns that every entry's name has to match."""

    def every(self, given: Sequence[Any], where: str) -> Sql:
        """Whether a row passes all of them.

        Raises `BadFilter`, `UnknownField`, `UnknownOperator`, `BadValue`, `FilterTooLarge`, `BadPattern`,
        `PatternTooLong`, each naming where as a JSON pointer.
        """
        return every([self._condition(each, where + "/" + str(at), 1) for at, each in enumerate(given)])

    def _condition(self, given: Any, where: str, depth: int) -> Sql:
        self.count += 1
        if self.count > MOST_FILTERS or depth > MOST_DEPTH:
            limit = str(MOST_FILTERS) + " filters, " + str(MOST_DEPTH) + " levels"
            raise FilterTooLarge("At " + where + ": too many filters, or nested too deeply.", limit=limit)
        match given:
            case {"and": [_, *_] as parts, **others} if not others:
                return every(self._parts(parts, where + "/and", depth))
            case {"or": [_, *_] as parts, **others} if not others:
                return some(self._parts(parts, where + "/or", depth + 1))
            case {"not": dict(part), **others} if not others:
                inner = self._condition(part, where + "/not", depth + 1)
                return Sql("{part} IS NOT TRUE").fill(part=in_brackets(inner))
            case {"field": str(), "op": str(), **others} if set(others) <= {"value", "case_sensitive"}:
                return self._leaf(given, where, depth)
        raise BadFilter("At " + where + " is no filter.", remedy=LEAF)

    def _parts(self, parts: Sequence[Any], where: str, depth: int) -> list[Sql]:
        return [self._condition(each, where + "/" + str(at), depth + 1) for at, each in enumerate(parts)]

    def _leaf(self, given: dict[str, Any], where: str, depth: int) -> Sql:
        found = field_named(given["field"], where + "/field")
        operator = given["op"]
        if operator not in OPERATORS[found.kind]:
            allowed = ", ".join(OPERATORS[found.kind])
            raise UnknownOperator(
                "At " + where + "/op: " + found.name + " has no such test.", remedy="It has " + allowed + "."
            )
        column = expression(found, self.these, self.bound)
        ignores_case = _ignores_case(given, found, where)
        if operator in PATTERNS:
            return self._pattern(found, column, given, where, depth)
        if ignores_case:
            column = Sql("lower({column})").fill(column=column)
        return self._test(found, column, given, where, ignores_case=ignores_case)

    def _test(self, found: Field, column: Sql, given: dict[str, Any], where: str, *, ignores_case: bool) -> Sql:
        operator, value, where = given["op"], given.get("value"), where + "/value"

        def bound(one: Any, at: str) -> Sql:
            stands = self.bound.bind(value_of(one, found, at))
            return Sql("lower({value})").fill(value=stands) if ignores_case else stands

        if operator in COMPARED:
            return joined([column, Sql(COMPARED[operator]), bound(value, where)], " ")
        if operator == "is_null":
            return _is_null(column, value, where)
        if operator in ENDS:
            return Sql(ENDS[operator]).fill(text=column, value=bound(value, where))
        if operator == "has_bits":
            return Sql("({column} & {bits}) = {bits}").fill(column=column, bits=bound(value, where))
        return _listed(column, operator, value, where, bound)

    def _pattern(self, found: Field, column: Sql, given: dict[str, Any], where: str, depth: int) -> Sql:
        text = value_of(given.get("value"), Field(found.name, Kind.TEXT), where + "/value")
        is_case_sensitive = given.get("case_sensitive", True)
        is_of_path = found.name in {"path", "parent"}
        try:
            meant = matcher(
                self.cursor, PATTERNS[given["op"]], text, is_case_sensitive=is_case_sensitive, is_of_path=is_of_path
            )
        except (BadPattern, PatternTooLong) as error:
            raise type(error)(
                "At " + where + "/value: " + error.detail, limit=error.limit, remedy=error.remedy
            ) from None
        if found.name == "name" and depth == 1:
            self.of_names.append(meant)
        folded = Sql("lower({column})").fill(column=column)
        return meant.condition(column, folded, self.bound.bind(meant.value))


def field_named(given: str, where: str) -> Field:
    """The field of that name; raises `UnknownField`."""
    if given not in FIELDS:
        raise UnknownField("At " + where + " is no field.", remedy="There are " + ", ".join(FIELDS) + ".")
    return FIELDS[given]


def _ignores_case(given: dict[str, Any], found: Field, where: str) -> bool:
    is_sensitive = given.get("case_sensitive", True)
    if not isinstance(is_sensitive, bool) or (found.kind is not Kind.TEXT and "case_sensitive" in given):
        raise BadValue("At " + where + "/case_sensitive: it is true or false, and for texts alone.")
    return not is_sensitive and given["op"] != "is_null"


def _is_null(column: Sql, value: Any, where: str) -> Sql:
    if value not in (None, True, False):
        raise BadValue("At " + where + ": is_null takes true (the default) or false.")
    return Sql("{column} IS NOT NULL" if value is False else "{column} IS NULL").fill(column=column)


def _listed(column: Sql, operator: str, value: Any, where: str, bound: Callable[[Any, str], Sql]) -> Sql:
    """`between` two values, both included, or `in` some."""
    if not isinstance(value, list) or not value or (operator == "between" and len(value) != 2):  # noqa: PLR2004 - two
        raise BadValue("At " + where + ": between takes a list of two values, in one of at least one.")
    if len(value) > MOST_VALUES:
        raise FilterTooLarge("At " + where + ": too many values.", limit=str(MOST_VALUES))
    stand = [bound(one, where + "/" + str(at)) for at, one in enumerate(value)]
    if operator == "between":
        return Sql("{column} BETWEEN {first} AND {last}").fill(column=column, first=stand[0], last=stand[1])
    return Sql("{column} IN ({values})").fill(column=column, values=joined(stand))
