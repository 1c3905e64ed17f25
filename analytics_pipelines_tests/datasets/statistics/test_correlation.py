"""Correlations, against scipy, numpy and pandas, and the cases where those lose their digits."""

import math

import numpy as np
import orjson
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics_pipelines.datasets.plan.model import Method
from analytics_pipelines.datasets.statistics.correlation import correlate
from analytics_pipelines.datasets.statistics.inputs import ConstantColumn, NotFinite, TooFewRows

NUMBERS = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))
PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=5, max_size=40).filter(
    lambda pairs: all(len(set(each)) > 1 for each in zip(*pairs, strict=True))
)


def columns(n: int = 200, slope: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(7)
    x = random.normal(size=n)
    return x, slope * x + random.normal(size=n)


@settings(max_examples=40, deadline=None)
@given(PAIRS)
def test_every_coefficient_is_that_of_pandas(pairs):
    x, y = (np.array(each) for each in zip(*pairs, strict=True))
    for method in Method:
        expected = pd.Series(x).corr(pd.Series(y), method=method.value)
        assert correlate(x, y, method).coefficient == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_p_values_and_the_interval_are_those_of_scipy():
    x, y = columns()
    pearson = stats.pearsonr(x, y)
    found = correlate(x, y, Method.PEARSON)
    assert found.coefficient == pytest.approx(np.corrcoef(x, y)[0, 1], rel=1e-13)
    assert found.p_value == pytest.approx(pearson.pvalue, rel=1e-9)
    interval = pearson.confidence_interval(0.95)
    assert (found.lower_95, found.upper_95) == pytest.approx((interval.low, interval.high), rel=1e-12)
    assert correlate(x, y, Method.SPEARMAN).p_value == pytest.approx(stats.spearmanr(x, y).pvalue, rel=1e-9)
    assert correlate(x, y, Method.KENDALL).p_value == pytest.approx(stats.kendalltau(x, y).pvalue, rel=1e-9)


@pytest.mark.parametrize("method", list(Method))
def test_intervals_hold_the_truth_about_as_often_as_they_say(method):
    random = np.random.default_rng(3)
    truth = {Method.PEARSON: 0.5, Method.SPEARMAN: 6 / math.pi * math.asin(0.25), Method.KENDALL: 1 / 3}[method]
    held = 0
    for _ in range(200):
        x, noise = random.normal(size=(2, 60))
        found = correlate(x, 0.5 * x + math.sqrt(0.75) * noise, method)
        held += found.lower_95 < truth < found.upper_95
    assert 0.9 <= held / 200 <= 0.99


@pytest.mark.parametrize("factor", [1e-300, 1e300, -1e300, 3.0])
@pytest.mark.parametrize("shift", [0.0, 1e9])
def test_size_and_shift_of_the_numbers_change_nothing(factor, shift):
    x, y = columns()
    moved = np.round(x, 4) + shift
    expected = correlate(np.round(x, 4), y, Method.PEARSON).coefficient * math.copysign(1.0, factor)
    if shift == 0.0:
        moved = moved * factor
    elif factor < 0:
        moved = -moved
    assert correlate(moved, y, Method.PEARSON).coefficient == pytest.approx(expected, rel=1e-6)


def test_columns_that_follow_each_other_exactly_have_no_width():
    x = np.arange(10.0)
    found = correlate(x, 3.0 - 2.0 * x, Method.PEARSON)
    assert (found.coefficient, found.p_value, found.lower_95, found.upper_95) == (-1.0, 0.0, -1.0, -1.0)


def test_few_rows_are_told_and_three_have_no_interval():
    found = correlate(np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 2.0]), Method.PEARSON)
    assert (found.n, found.lower_95, found.upper_95) == (3, None, None)
    assert found.warnings == ("Only 3 complete rows: the interval assumes normal columns.",)
    assert correlate(*columns(), Method.PEARSON).warnings == ()


def test_what_has_no_correlation_is_refused_by_name():
    x = np.arange(5.0)
    with pytest.raises(ConstantColumn, match='"price" is 2 in all 5 rows'):
        correlate(x, np.full(5, 2.0), Method.PEARSON, names=("day", "price"))
    with pytest.raises(TooFewRows):
        correlate(x[:2], x[:2], Method.KENDALL)
    with pytest.raises(NotFinite, match='"x"'):
        correlate(np.array([1.0, np.inf, 2.0]), x[:3], Method.SPEARMAN)


@pytest.mark.parametrize("method", list(Method))
def test_the_same_columns_give_the_same_bytes_wherever_they_lie_in_memory(method):
    x, y = columns(n=1001)
    written = set()
    for offset in range(4):
        moved = np.empty(1001 + offset)[offset:]
        moved[:] = x
        written.add(orjson.dumps(correlate(moved, y, method)))
    assert len(written) == 1


@pytest.mark.parametrize(
    ("y", "p_value"),
    [
        pytest.param([1, 2, 3], 2 / 6, id="two of six orders"),
        pytest.param([1, 2, 3, 4, 5, 6, 7, 8], 2 / 40320, id="eight"),
        pytest.param([1, 2, 3, 4, 5, 6, 7, 8, 9], 2 / 362880, id="never below the rarest order"),
        pytest.param([2, 1, 2, 1, 1], 4 / 10, id="ties: four of ten pairs of places"),
    ],
)
def test_the_p_value_of_few_ranks_is_that_of_all_their_orders(y, p_value):
    found = correlate(np.arange(float(len(y))), np.array(y, dtype=float), Method.SPEARMAN)
    assert found.p_value == pytest.approx(p_value, rel=1e-9)


@pytest.mark.parametrize("method", [Method.SPEARMAN, Method.KENDALL])
def test_ranks_in_perfect_order_are_exactly_one_and_leave_the_interval_open(method):
    found = correlate(np.arange(8.0), np.arange(8.0) ** 3, method)
    assert (found.coefficient, found.lower_95, found.upper_95) == (1.0, None, None)
