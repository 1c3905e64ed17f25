"""From a query to its answer: the site's settings, the days, the checks that need them, the statement, the rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import Sql, from_file
from analytics_pipelines.web_events.ask.compose import Place, Statement, statement
from analytics_pipelines.web_events.ask.errors import BadPattern, TooManyDays, quoted
from analytics_pipelines.web_events.ask.parse import Asked, question_of
from analytics_pipelines.web_events.ask.question import Order, Question, Span, leaves
from analytics_pipelines.web_events.ask.rules import must_be_defined
from analytics_pipelines.web_events.ask.spans import labels, span_of, time_dimension_of
from analytics_pipelines.web_events.ask.vocabulary import AUTOMATIC_TIME
from analytics_pipelines.web_events.sites import UnknownSite
from analytics_pipelines.web_events.tables import CORE_EVENTS, SESSIONS

MOST_DAYS = 1_830
"""Days with data that one query may read: five years."""
DAY = timedelta(days=1)
COMPILED = Sql("SELECT REGEXP_MATCHES('', $pattern)")


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What a question needs to know of its site."""

    timezone: str
    conversion_events: str
    begun_date: date


@dataclass(frozen=True, slots=True)
class Result:
    """One row: its figures and the values of its dimensions, each in the order asked for."""

    metrics: list[int | float | None]
    dimensions: list[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows, the question as it was understood, and what was asked for besides; None where it was not."""

    results: list[Result]
    question: Question
    span: Span
    total_rows: int | None
    time_labels: list[str] | None


def answer(lease: Lease, asked: Asked, now: datetime) -> Answer:
    """What the generation says, at most `asked.limit` rows.

    Events and visits are counted over the whole range, so that a visitor of two days is one. Figures are null where
    no visit began. Raises the errors of `ask.errors`, `UnknownSite`, `TimedOut`.
    """
    question = question_of(asked)
    must_be_defined(question, has_time_labels=asked.has_time_labels)
    site = _site(lease, asked.site_id)
    span = span_of(asked.date_range, site.timezone, now, site.begun_date)
    question = _resolved(question, span)
    time_labels = labels(span, question.time_dimension or "") if asked.has_time_labels else None
    made = statement(question, span, _place(lease, asked.site_id, site, span))
    with lease.cursor() as cursor:
        _must_compile(cursor, question)
        results = _results(cursor, made, len(question.metrics))
        total = _total(cursor, made) if asked.has_total_rows else None
    return Answer(results, question, span, total, time_labels)


def _site(lease: Lease, site_id: str) -> SiteSettings:
    found = lease.rows(SiteSettings, from_file(__package__, "site_settings"), site=site_id)
    if not found:
        raise UnknownSite(
            "Nothing of the site " + quoted(site_id) + " is published.", remedy="Collect an event and materialize."
        )
    return found[0]


def _place(lease: Lease, site_id: str, site: SiteSettings, span: Span) -> Place:
    """The UTC days around the local ones; a visit may have begun on the day before its events."""
    first, last = span.first - DAY, span.last + DAY
    if len(lease.days(CORE_EVENTS.name, first, last)) > MOST_DAYS:
        raise TooManyDays(
            "The range holds too many days with data.", limit=str(MOST_DAYS) + " days", remedy="Ask for fewer at once."
        )
    return Place(
        site_id=site_id,
        events=lease.scan(CORE_EVENTS.name, first, last),
        sessions=lease.scan(SESSIONS.name, first - DAY, last),
        goals=tuple(json.loads(site.conversion_events)),
    )


def _resolved(question: Question, span: Span) -> Question:
    """The question with steps of time that fit the span, and with an order: by time, else the first metric."""
    step = time_dimension_of(span)

    def named(word: str) -> str:
        return step if word == AUTOMATIC_TIME else word

    dimensions = tuple(named(each) for each in question.dimensions)
    order = tuple(Order(named(each.by), each.is_descending) for each in question.order_by)
    question = replace(question, dimensions=dimensions, order_by=order)
    if order:
        return question
    first = Order(question.metrics[0], is_descending=True)
    by_time = (Order(question.time_dimension, is_descending=False),) if question.time_dimension else ()
    return replace(question, order_by=(*by_time, first))


def _must_compile(cursor: DuckDBPyConnection, question: Question) -> None:
    for leaf in leaves(question.filters):
        for clause in leaf.clauses if leaf.operator.startswith("matches") else ():
            try:
                cursor.execute(COMPILED.text, {"pattern": clause}).fetchall()
            except duckdb.InvalidInputException as error:
                raise BadPattern(
                    "The pattern " + quoted(clause) + " does not compile: " + str(error).splitlines()[0],
                    remedy="The syntax is RE2's.",
                ) from None


def _results(cursor: DuckDBPyConnection, made: Statement, metrics: int) -> list[Result]:
    rows: Sequence[Any] = cursor.execute(made.rows.text, made.values | made.page).fetchall()
    return [Result(list(row[:metrics]), list(row[metrics:])) for row in rows]


def _total(cursor: DuckDBPyConnection, made: Statement) -> int:
    (found,) = cursor.execute(made.total.text, made.values).fetchall()
    return int(found[0])
