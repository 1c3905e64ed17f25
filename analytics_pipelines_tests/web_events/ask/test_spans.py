"""What a range of days means at a site, and its labels."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from analytics_pipelines.web_events.ask.errors import BadDateRange, TooManyDays
from analytics_pipelines.web_events.ask.question import Span
from analytics_pipelines.web_events.ask.spans import bounds, labels, span_of, time_dimension_of

NOW = datetime(2026, 3, 30, 23, 30, tzinfo=UTC)
BEGUN = date(2025, 12, 24)


@pytest.mark.parametrize(
    ("asked", "timezone", "first", "last"),
    [
        pytest.param("day", "UTC", "2026-03-30", "2026-03-30", id="today"),
        pytest.param("day", "Asia/Tokyo", "2026-03-31", "2026-03-31", id="today is where the site is"),
        pytest.param("day", "Etc/GMT+12", "2026-03-30", "2026-03-30", id="today in the far west"),
        pytest.param("7d", "UTC", "2026-03-23", "2026-03-29", id="seven days before today"),
        pytest.param("1d", "UTC", "2026-03-29", "2026-03-29", id="yesterday"),
        pytest.param("91d", "UTC", "2025-12-29", "2026-03-29", id="a quarter"),
        pytest.param("month", "UTC", "2026-03-01", "2026-03-31", id="this month"),
        pytest.param("6mo", "UTC", "2025-09-01", "2026-02-28", id="six whole months"),
        pytest.param("12mo", "Asia/Tokyo", "2025-03-01", "2026-02-28", id="twelve whole months"),
        pytest.param("year", "UTC", "2026-01-01", "2026-12-31", id="this year"),
        pytest.param("all", "UTC", "2025-12-24", "2026-03-30", id="all"),
        pytest.param(["2026-01-01", "2026-01-03"], "UTC", "2026-01-01", "2026-01-03", id="two days"),
    ],
)
def test_a_range_names_whole_local_days(asked: Any, timezone: str, first: str, last: str) -> None:
    expected = Span(timezone, date.fromisoformat(first), date.fromisoformat(last))
    assert span_of(asked, timezone, NOW, BEGUN) == expected


def test_two_times_are_a_range_of_what_lies_between() -> None:
    span = span_of(["2026-03-28T23:30:00Z", "2026-03-29T04:00:00+02:00"], "Europe/Berlin", NOW, BEGUN)
    assert (span.first, span.last) == (date(2026, 3, 29), date(2026, 3, 29))
    assert (span.from_at, span.until_at) == (
        datetime(2026, 3, 28, 23, 30, tzinfo=UTC),
        datetime(2026, 3, 29, 2, tzinfo=UTC),
    )
    assert [each.isoformat() for each in bounds(span)] == ["2026-03-29T00:30:00+01:00", "2026-03-29T04:00:00+02:00"]


def test_24h_ends_now() -> None:
    span = span_of("24h", "UTC", NOW, BEGUN)
    assert (span.from_at, span.until_at) == (datetime(2026, 3, 29, 23, 30, tzinfo=UTC), NOW)


def test_a_site_without_a_past_has_today() -> None:
    assert span_of("all", "UTC", NOW, date(2026, 4, 1)).first == date(2026, 3, 30)


@pytest.mark.parametrize(
    "asked",
    [
        "", "7", "0d", "-1d", "7D", "5001d", "101mo", "99999999999d", "week", [], ["2026-01-01"], ["2026-01-02", "2026-01-01"],
        ["2026-01-01", "2026-01-02", "2026-01-03"], ["2026-01-01", "soon"], ["1969-12-31", "2026-01-01"],
        ["2026-01-01", "3000-01-01"], ["2026-01-01T00:00:00", "2026-01-02T00:00:00"],
        ["2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"], ["2026-01-01", "2026-01-02T00:00:00Z"],
        ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"],
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_range_is_an_error(asked: Any) -> None:
    with pytest.raises(BadDateRange):
        span_of(asked, "UTC", NOW, BEGUN)


@pytest.mark.parametrize(
    ("first", "last", "step"),
    [
        ("2026-01-01", "2026-01-02", "time:hour"),
        ("2026-01-01", "2026-01-03", "time:day"),
        ("2026-01-01", "2026-02-09", "time:day"),
        ("2026-01-01", "2026-02-10", "time:week"),
        ("2026-01-01", "2026-12-30", "time:week"),
        ("2026-01-01", "2026-12-31", "time:month"),
    ],
)
def test_time_alone_is_a_step_that_fits(first: str, last: str, step: str) -> None:
    assert time_dimension_of(Span("UTC", date.fromisoformat(first), date.fromisoformat(last))) == step


@pytest.mark.parametrize(
    ("first", "last", "step", "expected"),
    [
        ("2026-01-30", "2026-02-01", "time:day", ["2026-01-30", "2026-01-31", "2026-02-01"]),
        ("2026-01-01", "2026-01-12", "time:week", ["2026-01-01", "2026-01-05", "2026-01-12"]),
        ("2026-01-30", "2026-03-01", "time:month", ["2026-01-01", "2026-02-01", "2026-03-01"]),
    ],
)
def test_labels_are_told_for_quiet_days_too(first: str, last: str, step: str, expected: list[str]) -> None:
    assert labels(Span("UTC", date.fromisoformat(first), date.fromisoformat(last)), step) == expected


@pytest.mark.parametrize(
    ("timezone", "day", "hours", "missing"),
    [
        pytest.param("UTC", "2026-03-29", 24, None, id="a usual day"),
        pytest.param("Europe/Berlin", "2026-03-29", 23, "02", id="a day of 23 hours"),
        pytest.param("Europe/Berlin", "2026-10-25", 24, None, id="a day of 25 hours, two of one name"),
        pytest.param("Asia/Kolkata", "2026-03-29", 24, None, id="half an hour"),
        pytest.param("America/Havana", "2026-03-08", 23, "00", id="no midnight"),
    ],
)
def test_hours_are_those_that_the_clock_showed(timezone: str, day: str, hours: int, missing: str | None) -> None:
    found = labels(Span(timezone, date.fromisoformat(day), date.fromisoformat(day)), "time:hour")
    assert len(found) == hours
    assert found[-1] == day + " 23:00:00"
    assert day + f" {missing or '24'}:00:00" not in found
    assert all(each.startswith(day) for each in found)


def test_too_many_labels_are_refused() -> None:
    with pytest.raises(TooManyDays):
        labels(Span("UTC", date(2020, 1, 1), date(2022, 1, 1)), "time:hour")
