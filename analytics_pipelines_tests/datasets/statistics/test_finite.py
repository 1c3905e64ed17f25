"""Numbers for JSON, and scaling that rounds nothing."""

import math

import numpy as np
import pytest

from analytics_pipelines.datasets.statistics.finite import finite, scaled


@pytest.mark.parametrize(
    ("value", "told"), [(1.5, 1.5), (np.float64(2), 2.0), (math.nan, None), (math.inf, None), (-math.inf, None)]
)
def test_what_json_can_not_hold_is_none(value, told):
    assert finite(value) == told


@pytest.mark.parametrize("values", [[0.0, 0.0], [1e308, -1.7e308], [5e-324, 0.0], [3.0, -4.0], [1e-300, 1e300]])
def test_scaled_values_are_at_most_one_and_come_back_exactly(values):
    over, exponent = scaled(np.array(values))
    assert np.abs(over).max() <= 1.0
    largest = np.argmax(np.abs(values))
    assert math.ldexp(float(over[largest]), exponent) == values[largest]
