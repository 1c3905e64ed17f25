import numpy as np
import pytest

from analytics_pipelines.datasets.forecast.model import Ahead, combined


def test_a_combination_is_the_mean_of_paths_and_of_deviations():
    one, other = Ahead(np.array([1.0, 2.0]), np.array([1.0, 1.0])), Ahead(np.array([3.0, 6.0]), np.array([2.0, 4.0]))
    both = combined([one, other])
    assert both.middle.tolist() == [2.0, 4.0]
    assert both.deviation.tolist() == [1.5, 2.5]


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_a_path_that_runs_away_is_not_finite(odd):
    assert not Ahead(np.array([1.0, odd]), np.ones(2)).is_finite()
    assert not Ahead(np.ones(2), np.array([1.0, odd])).is_finite()
    assert Ahead(np.ones(2), np.ones(2)).is_finite()
