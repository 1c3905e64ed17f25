"""Retention against plain loops, and the calendar that it counts in."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.product_export.retention import (
    Cohort,
    RetentionPeriod,
    Unit,
    later,
    retention,
    start_of,
)
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.product_export.in_memory import InMemory

KNOWN = date(2026, 3, 4)
BEGIN = datetime(2025, 10, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 160 * 24).map(lambda hours: BEGIN + timedelta(hours=hours))
USERS = st.lists(MOMENTS, max_size=12)
ITEMS = st.lists(st.tuples(st.integers(0, 12), MOMENTS), max_size=40)


def rows(users, items, known=KNOWN):
    user_rows = [(known, number, "a@example.com", None, True, at) for number, at in enumerate(users)]
    item_rows = [(known, number, owner, at) for number, (owner, at) in enumerate(items)]
    return InMemory(user_rows, item_rows, days={"core_app__users": [known], "core_app__items": [known]})


def walked(day, unit):
    """The first days of the units from the one with `day` on, one day at a time."""
    while True:
        if start_of(day, unit) == day:
            yield day
        day += timedelta(days=1)


def naive(users, items, unit, cohorts, periods):
    """What the answer means, user by user and day by day."""
    newest = start_of(KNOWN, unit)
    first = newest
    for _ in range(cohorts - 1):
        first = start_of(first - timedelta(days=1), unit)
    starts = [start for start, _ in zip(walked(first, unit), range(cohorts), strict=False)]
    found = []
    for start in starts:
        members = [number for number, at in enumerate(users) if start_of(at.date(), unit) == start]
        steps = [begin for begin, _ in zip(walked(start, unit), range(periods + 1), strict=False)]
        told = []
        for number, begin in enumerate(steps[:-1]):
            if begin > KNOWN:
                break
            active = {
                owner
                for owner, at in items
                if owner in members and start_of(at.date(), unit) == begin and at >= users[owner]
            }
            share_pct = round(100 * len(active) / len(members), 2) if members else None
            told.append(RetentionPeriod(number, len(active), share_pct, is_complete=steps[number + 1] <= KNOWN))
        found.append(Cohort(start, len(members), told))
    return found


@settings(deadline=None, max_examples=examples(40))
@given(
    users=USERS,
    items=ITEMS,
    unit=st.sampled_from(Unit),
    cohorts=st.integers(1, 9),
    periods=st.integers(1, 9),
)
def test_retention_is_that_of_plain_loops(users, items, unit, cohorts, periods):
    found = retention(rows(users, items), unit=unit, cohorts=cohorts, periods=periods)
    assert found == naive(users, items, unit, cohorts, periods)


def test_a_cohort_is_followed_from_week_to_week():
    ada, bob = datetime(2026, 2, 16, tzinfo=UTC), datetime(2026, 2, 22, 23, tzinfo=UTC)
    items = [(0, ada), (0, ada), (1, ada), (0, ada + timedelta(days=7)), (1, KNOWN_AT)]
    assert retention(rows([ada, bob], items), cohorts=3) == [
        Cohort(
            date(2026, 2, 16),
            2,
            [
                RetentionPeriod(0, 1, 50.0, is_complete=True),
                RetentionPeriod(1, 1, 50.0, is_complete=True),
                RetentionPeriod(2, 1, 50.0, is_complete=False),
            ],
        ),
        Cohort(
            date(2026, 2, 23),
            0,
            [RetentionPeriod(0, 0, None, is_complete=True), RetentionPeriod(1, 0, None, is_complete=False)],
        ),
        Cohort(date(2026, 3, 2), 0, [RetentionPeriod(0, 0, None, is_complete=False)]),
    ]


KNOWN_AT = datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_nothing_exported_means_no_cohorts():
    assert retention(InMemory([], [])) == []


@pytest.mark.parametrize(
    ("day", "unit", "start"),
    [
        pytest.param(date(2026, 3, 1), Unit.DAY, date(2026, 3, 1), id="a day is its own"),
        pytest.param(date(2026, 3, 1), Unit.WEEK, date(2026, 2, 23), id="weeks begin on Monday"),
        pytest.param(date(2026, 3, 2), Unit.WEEK, date(2026, 3, 2), id="a Monday"),
        pytest.param(date(2026, 2, 28), Unit.MONTH, date(2026, 2, 1), id="months"),
    ],
)
def test_every_day_is_in_a_unit(day, unit, start):
    assert start_of(day, unit) == start


@pytest.mark.parametrize(
    ("start", "unit", "number", "expected"),
    [
        pytest.param(date(2026, 3, 1), Unit.DAY, -1, date(2026, 2, 28), id="the day before"),
        pytest.param(date(2026, 3, 2), Unit.WEEK, 2, date(2026, 3, 16), id="two weeks on"),
        pytest.param(date(2026, 1, 1), Unit.MONTH, -1, date(2025, 12, 1), id="over the year's beginning"),
        pytest.param(date(2025, 12, 1), Unit.MONTH, 1, date(2026, 1, 1), id="over its end"),
        pytest.param(date(2026, 3, 1), Unit.MONTH, -366, date(1995, 9, 1), id="many months back"),
    ],
)
def test_units_follow_each_other(start, unit, number, expected):
    assert later(start, unit, number) == expected
