"""Filters as SQL: values are bound, names quoted; what they select is held by test_answer.py."""

from datetime import UTC, date, datetime

import pytest

from analytics_pipelines.foundation.bound import Bound
from analytics_pipelines.web_events.ask.conditions import condition, every, label, shown, within
from analytics_pipelines.web_events.ask.question import Filter, Leaf, Negated, Some, Span

HOSTILE = "'; DROP TABLE site; --"
SPAN = Span("UTC", date(2026, 1, 1), date(2026, 1, 2))


@pytest.mark.parametrize("operator", ["is", "is_not", "contains", "contains_not", "matches", "matches_not"])
def test_no_value_stands_in_the_text(operator: str) -> None:
    bound = Bound()
    text = condition(Leaf(operator, "event:page", (HOSTILE, "b")), bound).text
    assert bound.values == {"v0": HOSTILE, "v1": "b"}
    assert "DROP" not in text
    assert "$v0" in text
    assert "$v1" in text


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Leaf("is", "visit:os", ("a",)), "(COALESCE(NULLIF(\"os\", ''), '(not set)') = $v0)"),
        (Negated(Leaf("matches", "visit:os", ("a",))), "NOT ((REGEXP_MATCHES(COALESCE(\"os\", ''), $v0)))"),
        (
            Some((Leaf("contains", "visit:os", ("a",), True), Leaf("contains", "visit:os", ("b",)))),
            "((CONTAINS(LOWER(COALESCE(\"os\", '')), LOWER($v0))) OR (CONTAINS(COALESCE(\"os\", ''), $v1)))",
        ),
    ],
)
def test_a_condition_is_in_brackets(given: Filter, expected: str) -> None:
    assert condition(given, Bound()).text == expected


def test_no_filter_lets_everything_through() -> None:
    assert every([], Bound()).text == "TRUE"


def test_nothing_is_shown_in_words() -> None:
    assert "'Direct / None'" in shown("visit:referrer").text
    assert "'(not set)'" in shown("visit:os").text


def test_a_week_does_not_begin_before_the_span() -> None:
    bound = Bound()
    assert "$v0" in label("time:week", SPAN, bound).text
    assert bound.values == {"v0": date(2026, 1, 1)}
    assert label("time:day", SPAN, Bound()).text == "STRFTIME(local_at, '%Y-%m-%d')"


def test_days_are_local_and_times_are_exact() -> None:
    bound = Bound()
    assert within(SPAN, "event_at", bound).text == "CAST(local_at AS DATE) BETWEEN $v0 AND $v1"
    moments = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    assert within(Span("UTC", *list(bound.values.values()), *moments), "event_at", bound).text == (
        '"event_at" BETWEEN $v2 AND $v3'
    )
