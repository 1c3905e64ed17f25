import numpy as np
import pytest

from analytics_pipelines.datasets.forecast.naive import Drift, Naive, SeasonalNaive, spread_of

VALUES = np.array([1.0, 5.0, 2.0, 6.0, 3.0, 7.0])


def test_the_naive_repeats_the_last_value_ever_less_surely():
    path = Naive().fit(VALUES, 1).ahead(VALUES, 4)
    assert path.middle.tolist() == [7.0] * 4
    assert path.deviation[3] == pytest.approx(2 * path.deviation[0])


def test_the_seasonal_naive_repeats_the_last_season_as_surely_within_it():
    path = SeasonalNaive().fit(VALUES, 2).ahead(VALUES, 5)
    assert path.middle.tolist() == [3.0, 7.0, 3.0, 7.0, 3.0]
    assert path.deviation.tolist() == pytest.approx([1, 1, 2**0.5, 2**0.5, 3**0.5])


def test_the_drift_goes_on_along_the_line_from_first_to_last():
    path = Drift().fit(VALUES, 1).ahead(VALUES, 2)
    assert path.middle.tolist() == pytest.approx([8.2, 9.4])
    assert path.deviation[1] > 2**0.5 * path.deviation[0]


def test_a_line_is_foretold_without_error():
    path = Drift().ahead(np.arange(10.0), 3)
    assert path.middle.tolist() == [10.0, 11.0, 12.0]
    assert path.deviation.tolist() == [0.0, 0.0, 0.0]


def test_no_errors_have_no_spread():
    assert spread_of(np.array([])) == 0
