import numpy as np
import pytest
from statsmodels.tsa.forecasting.theta import ThetaModel

from analytics_pipelines.datasets.forecast.smoothing import Smoothing, Theta, forms, levels, ranked
from analytics_pipelines_tests.datasets.forecast.series_made import rising, steady, walk, weekly

RNG = np.random.default_rng(3)
STEADY, RISING, WEEKLY, WALK = steady(RNG, 80), rising(RNG, 80), weekly(RNG, 84), walk(RNG, 80)


@pytest.mark.parametrize(
    ("values", "season", "said"),
    [
        pytest.param(STEADY, 1, "ETS(A,N,N)", id="a level"),
        pytest.param(RISING, 1, "ETS(A,A,N)", id="a trend"),
        pytest.param(WEEKLY, 7, "ETS(A,N,A)", id="a level and a season"),
    ],
)
def test_the_form_is_the_one_that_the_values_have(values, season, said):
    assert Smoothing().fit(values, season).description == said


def test_a_fit_is_carried_on_over_values_that_it_has_not_seen():
    fit = Smoothing().fit(RISING[:60], 1)
    early, late = fit.ahead(RISING[:60], 5), fit.ahead(RISING, 5)
    assert late.middle[0] > early.middle[-1]
    assert (np.diff(late.deviation) >= 0).all()


def test_a_long_season_starts_from_decomposed_values():
    assert forms(24)[0].over(np.tile(WALK, 2)).initialization_method == "heuristic"
    assert forms(12)[0].over(WALK).initialization_method == "estimated"


@pytest.mark.parametrize("values", [STEADY, RISING, WALK], ids=["steady", "rising", "walk"])
def test_theta_goes_where_statsmodels_says(values):
    fitted = ThetaModel(values, deseasonalize=False).fit()
    if fitted.params["alpha"] < 0.01:
        pytest.skip("the level stands still, where we differ on purpose")
    assert Theta().fit(values, 1).ahead(values, 9).middle == pytest.approx(np.asarray(fitted.forecast(9)))


def test_theta_of_a_level_that_stands_still_stays_finite():
    assert Theta().ahead(np.tile([1.0, -1.0], 30), 5).is_finite()


def test_levels_are_smoothed_from_the_first_value_on():
    assert levels(np.array([2.0, 4.0, 4.0]), 0.5).tolist() == [2.0, 3.0, 3.5]


def test_a_criterion_that_is_no_number_comes_last():
    assert sorted([np.nan, 3.0, -np.inf], key=ranked)[:2] == [-np.inf, 3.0]
