import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.ask.forecast import (
    Outlook,
    forecast,
    t_probability,
    t_quantile,
    trend,
)

FIRST = date(2026, 1, 1)
offsets = st.lists(st.integers(0, 400), min_size=3, max_size=40, unique=True)


def daily(values, step=1):
    return [(FIRST + timedelta(days=number * step), value) for number, value in enumerate(values)]


@st.composite
def histories(draw, most=2**50):
    days = draw(offsets)
    return days, draw(st.lists(st.integers(0, most), min_size=len(days), max_size=len(days)))


@pytest.mark.parametrize(
    ("degrees", "confidence", "expected"),
    [
        (1, 0.95, 12.7062047),
        (2, 0.95, 4.3026527),
        (3, 0.95, 3.1824463),
        (5, 0.95, 2.5705818),
        (10, 0.95, 2.2281389),
        (30, 0.95, 2.0422725),
        (120, 0.95, 1.9799304),
        (100, 0.95, 1.9839715),
        (7, 0.90, 1.8945786),
        (4, 0.99, 4.6040949),
    ],
)
def test_quantiles_of_t_are_those_of_the_tables(degrees, confidence, expected):
    assert t_quantile(degrees, confidence) == pytest.approx(expected, abs=1e-7)
    assert t_probability(t_quantile(degrees, confidence), degrees) == pytest.approx(confidence)


def test_the_line_is_that_of_a_textbook():
    """The heights and masses of Wikipedia's "Simple linear regression", in millimetres and grams."""
    heights = [1470, 1500, 1520, 1550, 1570, 1600, 1630, 1650, 1680, 1700, 1730, 1750, 1780, 1800, 1830]
    masses = [
        *(52210, 53120, 54480, 55840, 57200, 58570, 59930, 61290, 63110, 64470),
        *(66280, 68100, 69920, 72190, 74460),
    ]
    found = trend(heights, masses)
    assert found.bytes_per_day == pytest.approx(61.272, abs=0.001)
    assert found.least_bytes_per_day == pytest.approx(57.4, abs=0.1)
    assert found.most_bytes_per_day == pytest.approx(65.1, abs=0.1)
    assert found.r_squared == pytest.approx(0.9892, abs=0.0001)


@given(histories())
def test_the_line_is_that_of_polyfit(history):
    days, values = history
    slope, intercept = np.polyfit(days, values, 1)
    found = trend(days, values)
    size = max(*values, 1)
    assert found.bytes_per_day == pytest.approx(slope, abs=size * 1e-8, rel=1e-6)
    if len(days) > 4:
        _, covariance = np.polyfit(days, values, 1, cov=True)
        margin = t_quantile(len(days) - 2) * math.sqrt(covariance[0][0])
        assert found.most_bytes_per_day - found.bytes_per_day == pytest.approx(margin, abs=size * 1e-5, rel=1e-5)
    if found.r_squared is not None:
        fitted = np.polyval((slope, intercept), days)
        scatter, whole = sum((values - fitted) ** 2), sum((values - np.mean(values)) ** 2)
        assert found.r_squared == pytest.approx(1 - scatter / whole, abs=1e-4)


@given(histories(), st.integers(0, 10**5), st.integers(0, 2**55))
def test_moving_days_or_values_changes_no_line(history, later, more):
    days, values = history
    assert trend([day + later for day in days], [value + more for value in values]) == trend(days, values)


@given(histories(), st.integers(1, 10))
def test_twice_the_bytes_grow_twice_as_fast(history, power):
    days, values = history
    small, large = trend(days, values), trend(days, [value << power for value in values])
    assert large.bytes_per_day == small.bytes_per_day * 2**power
    assert large.r_squared == small.r_squared
    assert large.outlook == small.outlook


@given(histories(), st.randoms())
def test_the_order_of_the_points_does_not_matter(history, random):
    points = [(FIRST + timedelta(days=day), value) for day, value in zip(*history, strict=True)]
    mixed = list(points)
    random.shuffle(mixed)
    assert forecast(mixed, 10**9) == forecast(points, 10**9)


@given(histories(), st.integers(0, 2**55))
def test_a_forecast_lies_in_its_range(history, remaining):
    points = [(FIRST + timedelta(days=day), value) for day, value in zip(*history, strict=True)]
    found = forecast(points, remaining)
    if found.outlook is Outlook.GROWING:
        assert 0 <= found.least_days_until_full <= found.days_until_full <= found.most_days_until_full
        assert found.days_until_full * found.trend.bytes_per_day == pytest.approx(remaining)
    else:
        assert (found.days_until_full, found.least_days_until_full, found.most_days_until_full) == (None, None, None)


def test_steady_growth_fills_the_disk_on_time_whatever_days_are_missing():
    steady = [(day, 100 * day.toordinal()) for day, _ in daily(range(30)) if day.day not in (3, 4, 17)]
    found = forecast(steady, 4200)
    assert (found.outlook, found.points, found.history_days) == (Outlook.GROWING, 27, 30)
    assert found.trend.r_squared == 1
    days = (found.least_days_until_full, found.days_until_full, found.most_days_until_full)
    assert days == (42.0, 42.0, 42.0)


@pytest.mark.parametrize(
    ("points", "outlook"),
    [
        pytest.param([], Outlook.SHORT_HISTORY, id="nothing"),
        pytest.param(daily(range(0, 600, 100)), Outlook.SHORT_HISTORY, id="six days"),
        pytest.param(daily(range(0, 700, 100)), Outlook.GROWING, id="seven days"),
        pytest.param(daily([1, 1000], step=100), Outlook.SHORT_HISTORY, id="two points tell no scatter"),
        pytest.param(daily([10**15] * 30), Outlook.FLAT, id="the same every day"),
        pytest.param(daily([500, 520, 480] * 10), Outlook.FLAT, id="up and down"),
        pytest.param(daily(range(1000, 0, -100)), Outlook.SHRINKING, id="less every day"),
    ],
)
def test_there_is_no_forecast_without_growth_or_history(points, outlook):
    found = forecast(points, 5000)
    assert found.outlook == outlook
    assert (found.days_until_full is not None) == (outlook is Outlook.GROWING)


def test_a_full_disk_is_full_today_and_one_of_unknown_size_never():
    growing = daily(range(0, 1000, 100))
    assert forecast(growing, -5).days_until_full == 0
    assert forecast(growing, None).outlook is Outlook.GROWING
    assert forecast(growing, None).days_until_full is None
