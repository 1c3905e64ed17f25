import numpy as np
import pytest

from analytics_pipelines.datasets.forecast.scale import scale_of, wants_logarithms
from analytics_pipelines_tests.datasets.forecast.series_made import growing, weekly

RNG = np.random.default_rng(2)


@pytest.mark.parametrize(
    ("values", "season", "wanted"),
    [
        pytest.param(growing(RNG, 100), 7, True, id="a swing that grows with the level"),
        pytest.param(np.exp(np.cumsum(RNG.normal(0.02, 0.1, 200))), 1, True, id="steps that grow with the level"),
        pytest.param(weekly(RNG, 100), 7, False, id="a swing that stays"),
        pytest.param(growing(RNG, 100) - 1, 7, False, id="values below zero have no logarithm"),
        pytest.param(growing(RNG, 20), 7, False, id="too few seasons to tell"),
        pytest.param(np.tile([1.0, 1.2], 50), 7, False, id="so near to each other that it changes nothing"),
        pytest.param(np.r_[np.ones(60), np.full(60, 9.0)], 1, False, id="blocks without any spread"),
    ],
)
def test_logarithms_are_wanted_where_they_make_the_spread_even(values, season, wanted):
    assert wants_logarithms(values, season) is wanted


@pytest.mark.parametrize("values", [growing(RNG, 100), weekly(RNG, 100) - 40, np.full(5, 0.5)])
def test_what_goes_in_comes_out(values):
    scale = scale_of(values, 7)
    assert scale.out_of(scale.into(values)) == pytest.approx(values)


def test_what_passes_a_double_comes_out_infinite():
    scale = scale_of(growing(RNG, 100), 7)
    assert scale.is_logarithmic
    assert np.isinf(scale.out_of(np.array([1e6]))[0])
