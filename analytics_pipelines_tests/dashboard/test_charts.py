"""Bars stay in their box and tell the truth about their heights."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.dashboard.charts import LEAST_HEIGHT, LEAST_STEPS, bars
from analytics_pipelines.dashboard.state import Point


def points(values: list[int]) -> list[Point]:
    return [Point(day=date(2026, 1, 1) + timedelta(days=day), value=value) for day, value in enumerate(values)]


def test_without_points_there_are_no_bars():
    assert bars([], 100, 20).bars == ()
    assert not bars([], 100, 20).is_full


def test_heights_are_in_proportion_and_the_highest_fills_the_box():
    assert [bar.height for bar in bars(points([10, 5, 0]), 100, 20).bars] == [20, 10, 0]


def test_a_day_with_something_in_it_is_visible():
    assert bars(points([1_000_000, 1]), 100, 20).bars[1].height == LEAST_HEIGHT


def test_a_few_days_stand_at_the_right_edge():
    chart = bars(points([1, 1]), 560, 96)
    assert chart.bars[0].x > 560 - 2 * 560 / LEAST_STEPS
    assert not chart.is_full
    assert bars(points([1] * 30), 560, 96).is_full


@given(st.lists(st.integers(0, 2**62), max_size=60))
def test_bars_never_leave_the_box(values):
    for bar in bars(points(values), 120, 22).bars:
        assert 0 <= bar.x <= bar.x + bar.width <= 120.01
        assert 0 <= bar.y <= 22
        assert abs(bar.y + bar.height - 22) < 0.02
