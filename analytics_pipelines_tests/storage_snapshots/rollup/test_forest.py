import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.rollup.forest import LARGEST, bottom_up, saturated


@given(st.lists(st.one_of(st.integers(0, 10), st.integers(2**62, LARGEST)), max_size=30))
def test_sums_stay_at_the_largest_number_and_are_exact_below_it(values):
    numbers = np.array(values, np.int64)
    found = saturated(lambda each: np.array([each.sum(), each[:1].sum()]), numbers)
    assert found.tolist() == [min(sum(values), LARGEST), sum(values[:1])]


@pytest.mark.parametrize(
    ("values", "expected"), [([LARGEST], LARGEST), ([LARGEST - 1, 1], LARGEST), ([2**62, 5], 2**62 + 5)]
)
def test_sums_at_the_largest_number_are_right_to_the_byte(values, expected):
    assert saturated(lambda each: np.array([each.sum()]), np.array(values)).tolist() == [expected]


def test_what_is_taken_off_again_does_not_count_towards_the_largest_number():
    """Four names of one file: thrice the size is subtracted from a sum that is past 2^64."""
    numbers = np.array([LARGEST] * 4 + [7])
    assert saturated(lambda each: np.array([each.sum() - each[:4].sum()]), numbers).tolist() == [7]


@given(st.lists(st.integers(0, 5), max_size=20))
def test_levels_come_from_the_deepest_up_and_each_in_order(levels):
    found = [part.tolist() for part in bottom_up(np.array(levels, np.int64))]
    by_level = [
        [place for place, level in enumerate(levels) if level == wanted]
        for wanted in range(max(levels, default=-1) + 1)
    ]
    assert found == by_level[::-1]
