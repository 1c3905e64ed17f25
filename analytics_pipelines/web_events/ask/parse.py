"""From what was sent to a question: every word is looked up, every filter becomes part of a tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analytics_pipelines.web_events.ask.errors import (
    BadFilter,
    BadOrder,
    QueryTooLarge,
    UnknownDimension,
    UnknownMetric,
    UnknownOperator,
    allowed,
    quoted,
)
from analytics_pipelines.web_events.ask.question import Every, Filter, Leaf, Negated, Order, Question, Some, leaves
from analytics_pipelines.web_events.ask.vocabulary import (
    COLUMNS,
    DIMENSIONS,
    DIRECTIONS,
    LISTS,
    METRICS,
    NEGATION,
    OPERATORS,
)

MOST_ROWS = 10_000
MOST_DIMENSIONS = 6
MOST_DEPTH = 10
MOST_CLAUSES = 1_000
MOST_CLAUSE_CHARACTERS = 2_000
FORM = 'A filter is `[operator, dimension, [clauses…]]`, `["and"|"or", [filters…]]` or `["not", filter]`.'
ORDER_FORM = 'An entry is `[metric or dimension, "asc" or "desc"]`, of those that the query asks for.'


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A query as it came in: names not looked up, filters as nested lists."""

    site_id: str
    metrics: Sequence[str]
    date_range: str | Sequence[str]
    dimensions: Sequence[str] = ()
    filters: Sequence[Any] = ()
    order_by: Sequence[Any] | None = None
    limit: int = MOST_ROWS
    offset: int = 0
    has_bots: bool = False
    has_time_labels: bool = False
    has_total_rows: bool = False


def question_of(asked: Asked) -> Question:
    """The question behind a query.

    Raises `UnknownMetric`, `UnknownDimension`, `UnknownOperator`, `BadFilter`, `BadOrder`, `QueryTooLarge`.
    """
    metrics, dimensions = _metrics(asked.metrics), _dimensions(asked.dimensions)
    return Question(
        metrics=metrics,
        dimensions=dimensions,
        filters=_filters(asked.filters),
        order_by=_order(asked.order_by, metrics, dimensions),
        limit=asked.limit,
        offset=asked.offset,
        has_bots=asked.has_bots,
    )


def _metrics(given: Sequence[str]) -> tuple[str, ...]:
    for metric in given:
        if metric not in METRICS:
            raise UnknownMetric("There is no metric " + quoted(metric) + ".", remedy=allowed(METRICS))
    if not given or len(set(given)) < len(given):
        raise UnknownMetric("A query names each metric once, and at least one.", remedy=allowed(METRICS))
    return tuple(given)


def _dimensions(given: Sequence[str]) -> tuple[str, ...]:
    for dimension in given:
        if dimension not in DIMENSIONS:
            raise UnknownDimension("There is no dimension " + quoted(dimension) + ".", remedy=allowed(DIMENSIONS))
    if len(set(given)) < len(given):
        raise UnknownDimension("A query names each dimension once.", remedy="Leave the second out.")
    if len(given) > MOST_DIMENSIONS:
        raise QueryTooLarge("The query has too many dimensions.", limit=str(MOST_DIMENSIONS))
    return tuple(given)


def _filters(given: Sequence[Any]) -> tuple[Filter, ...]:
    found = tuple(_filter(each, MOST_DEPTH) for each in given)
    if sum(len(leaf.clauses) for leaf in leaves(found)) > MOST_CLAUSES:
        raise QueryTooLarge("The filters have too many clauses.", limit=str(MOST_CLAUSES))
    return found


def _filter(given: Any, depth: int) -> Filter:
    if depth == 0:
        raise QueryTooLarge("The filters are nested too deeply.", limit=str(MOST_DEPTH) + " levels")
    if not isinstance(given, list) or not given:
        raise BadFilter("This is no filter: " + quoted(given) + ".", remedy=FORM)
    operator, *rest = given
    if operator == NEGATION and len(rest) == 1:
        return Negated(_filter(rest[0], depth - 1))
    if operator in LISTS and len(rest) == 1 and isinstance(rest[0], list) and rest[0]:
        parts = tuple(_filter(each, depth - 1) for each in rest[0])
        return Every(parts) if operator == "and" else Some(parts)
    if operator not in OPERATORS and operator not in (*LISTS, NEGATION):
        raise UnknownOperator(
            "There is no operator " + quoted(operator) + ".", remedy=allowed((*OPERATORS, *LISTS, NEGATION))
        )
    return _leaf(given)


def _leaf(given: list[Any]) -> Leaf:
    match given:
        case [str(operator), str(dimension), [_, *_] as clauses, *modifiers] if operator in OPERATORS:
            if dimension not in COLUMNS:
                raise UnknownDimension("Nothing can be filtered by " + quoted(dimension) + ".", remedy=allowed(COLUMNS))
            return Leaf(operator, dimension, tuple(_clause(each) for each in clauses), _ignores_case(given, modifiers))
    raise BadFilter("This is no filter: " + quoted(given) + ".", remedy=FORM)


def _clause(given: Any) -> str:
    if not isinstance(given, str) or not _is_text(given):
        raise BadFilter("A clause is text, and this is not: " + quoted(given) + ".", remedy=FORM)
    if len(given) > MOST_CLAUSE_CHARACTERS:
        raise QueryTooLarge("A clause is too long.", limit=str(MOST_CLAUSE_CHARACTERS) + " characters")
    return given


def _is_text(given: str) -> bool:
    """Whether it can be written as UTF-8, which half of a surrogate pair can not."""
    try:
        given.encode()
    except UnicodeEncodeError:
        return False
    return True


def _ignores_case(given: list[Any], modifiers: list[Any]) -> bool:
    match modifiers:
        case []:
            return False
        case [{"case_sensitive": bool(is_sensitive), **others}] if not others and not given[0].startswith("matches"):
            return not is_sensitive
    raise BadFilter(
        "The modifier of " + quoted(given) + " is not one.",
        remedy='The only one is `{"case_sensitive": false}`; a pattern says `(?i)` instead.',
    )


def _order(given: Sequence[Any] | None, metrics: Sequence[str], dimensions: Sequence[str]) -> tuple[Order, ...]:
    found = []
    for entry in given or ():
        match entry:
            case [str(by), str(direction)] if by in (*metrics, *dimensions) and direction in DIRECTIONS:
                found.append(Order(by, direction == "desc"))
            case _:
                raise BadOrder("The rows can not be ordered by " + quoted(entry) + ".", remedy=ORDER_FORM)
    return tuple(found)
