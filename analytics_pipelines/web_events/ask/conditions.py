"""Filters and dimensions as SQL: names come from the vocabulary, every value is bound."""

from collections.abc import Sequence

from analytics_pipelines.foundation.bound import TRUE, Bound, in_brackets
from analytics_pipelines.foundation.sql import Sql, joined, literal, name
from analytics_pipelines.web_events.ask.question import Every, Filter, Leaf, Negated, Some, Span
from analytics_pipelines.web_events.ask.vocabulary import COLUMNS, NO_REFERRER, NOT_SET

LABELS = {
    "time:hour": Sql("STRFTIME(local_at, '%Y-%m-%d %H:00:00')"),
    "time:day": Sql("STRFTIME(local_at, '%Y-%m-%d')"),
    "time:week": Sql("STRFTIME(GREATEST(DATE_TRUNC('week', local_at), CAST({first} AS TIMESTAMP)), '%Y-%m-%d')"),
    "time:month": Sql("STRFTIME(local_at, '%Y-%m-01')"),
}
TESTS = {
    ("is", False): Sql("{value} = {clause}"),
    ("is", True): Sql("LOWER({value}) = LOWER({clause})"),
    ("contains", False): Sql("CONTAINS({text}, {clause})"),
    ("contains", True): Sql("CONTAINS(LOWER({text}), LOWER({clause}))"),
    ("matches", False): Sql("REGEXP_MATCHES({text}, {clause})"),
}


def shown(dimension: str, column: str | None = None) -> Sql:
    """The dimension's value as an answer shows it, never null; `column` where another column stands for it."""
    nothing = NO_REFERRER if dimension == "visit:referrer" else NOT_SET
    text = Sql("COALESCE(NULLIF({column}, ''), {nothing})")
    return text.fill(column=name(column or COLUMNS[dimension]), nothing=literal(nothing))


def label(dimension: str, span: Span, bound: Bound) -> Sql:
    """The label of a time dimension for the row's `local_at`."""
    text = LABELS[dimension]
    return text.fill(first=bound.bind(span.first)) if dimension == "time:week" else text


def within(span: Span, moment: str, bound: Bound) -> Sql:
    """Whether the column `moment` lies in the span."""
    if span.from_at and span.until_at:
        text = Sql("{moment} BETWEEN {first} AND {last}")
        return text.fill(moment=name(moment), first=bound.bind(span.from_at), last=bound.bind(span.until_at))
    text = Sql("CAST(local_at AS DATE) BETWEEN {first} AND {last}")
    return text.fill(first=bound.bind(span.first), last=bound.bind(span.last))


def every(filters: Sequence[Filter], bound: Bound) -> Sql:
    """Whether a row passes all filters; never null."""
    return joined([condition(each, bound) for each in filters] or [TRUE], " AND ")


def condition(given: Filter, bound: Bound) -> Sql:
    """Whether a row passes the filter; never null."""
    match given:
        case Every(parts):
            return in_brackets(joined((condition(part, bound) for part in parts), " AND "))
        case Some(parts):
            return in_brackets(joined((condition(part, bound) for part in parts), " OR "))
        case Negated(part):
            return Sql("NOT {part}").fill(part=in_brackets(condition(part, bound)))
        case Leaf():
            return tested(given, COLUMNS[given.dimension], bound)


def tested(leaf: Leaf, column: str, bound: Bound) -> Sql:
    """The condition on that column."""
    operator = leaf.operator.removesuffix("_not")
    test = TESTS[operator, leaf.ignores_case]
    parts = {
        "value": shown(leaf.dimension, column),
        "text": Sql("COALESCE({column}, '')").fill(column=name(column)),
    }
    found = in_brackets(joined((test.fill(clause=bound.bind(each), **parts) for each in leaf.clauses), " OR "))
    return Sql("NOT {found}").fill(found=found) if operator != leaf.operator else found
