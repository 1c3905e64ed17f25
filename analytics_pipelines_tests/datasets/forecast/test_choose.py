import numpy as np
import pytest

from analytics_pipelines.datasets.forecast.backtest import COMBINATION, Trial, Windows, windows_of
from analytics_pipelines.datasets.forecast.choose import carried_on, choose, naive_error, scored, statement, told_of
from analytics_pipelines.datasets.forecast.result import Score
from analytics_pipelines_tests.datasets.forecast.series_made import rising

RNG = np.random.default_rng(1)
RISING = rising(RNG, 60)
WINDOWS = Windows((10, 12), 2)


def test_the_model_is_the_one_that_erred_least():
    chosen = choose(RISING[:28], 1, 5)
    best = chosen.backtest.scores[0]
    assert chosen.model == best.model
    assert best.mase == min(each.mase for each in chosen.backtest.scores)
    assert not chosen.is_naive
    assert "this one did best" in chosen.statement


def test_when_the_naive_wins_it_is_returned_and_it_is_said():
    steps = np.repeat(np.random.default_rng(3).normal(size=4), 5)
    chosen = choose(np.r_[steps, np.full(18, 5.0)], 1, 5)
    assert chosen.model == "naive"
    assert chosen.is_naive
    assert chosen.statement.startswith("No model did better over 10 windows of 5 steps than repeating the last value")
    assert chosen.path.middle.tolist() == [chosen.path.middle[0]] * 5


def test_when_the_last_season_is_the_whole_truth_it_is_what_is_repeated():
    chosen = choose(np.tile([1.0, 5.0, 2.0, 8.0], 6), 4, 6)
    assert chosen.model == "seasonal_naive"
    assert chosen.scale.out_of(chosen.path.middle) == pytest.approx([1, 5, 2, 8, 1, 5])
    assert chosen.path.deviation.tolist() == [0] * 6


@pytest.mark.parametrize(
    ("values", "season", "model", "said"),
    [
        pytest.param([3.0] * 30, 1, "naive", "Every value is the same.", id="one value"),
        pytest.param([3.0] * 30, 7, "naive", "Every value is the same.", id="one value in a season"),
        pytest.param([1.0, 2.0, 3.0, 4.0], 1, "naive", "too short", id="four values"),
        pytest.param([1.0, 2.0, 3.0] * 2, 3, "seasonal_naive", "too short", id="two seasons"),
    ],
)
def test_where_nothing_can_be_tried_the_past_is_repeated(values, season, model, said):
    chosen = choose(np.array(values), season, 3)
    assert chosen.model == model
    assert said in chosen.statement
    assert chosen.backtest is None


def test_of_equal_errors_the_simpler_model_is_taken():
    same = Trial(np.ones((2, 2)), np.ones((2, 2)))
    scores = scored({"naive": same, "drift": same, "ets": same}, RISING[:14], WINDOWS, 1)
    assert [each.model for each in scores] == ["naive", "drift", "ets"]


def test_an_error_is_measured_by_the_naive_within_what_was_seen():
    values = np.array([0.0, 2.0] * 7)
    tried = {"naive": Trial(np.full((2, 2), 3.0), np.ones((2, 2)))}
    assert scored(tried, values, WINDOWS, 1) == (Score(model="naive", mase=1.5, mae=3.0),)


def test_nothing_is_measured_by_a_naive_that_never_errs():
    tried = {"naive": Trial(np.full((2, 2), 3.0), np.ones((2, 2)))}
    assert scored(tried, np.r_[np.zeros(13), 1.0], WINDOWS, 1)[0].mase is None


@pytest.mark.parametrize(
    ("values", "season", "error"),
    [([1, 2, 4, 7], 1, 2), ([1, 5, 2, 7], 2, 1.5), ([1, 5, 1, 5], 2, 4), ([3, 3, 3], 1, 0)],
    ids=["steps", "seasons", "seasons that repeat exactly", "nothing moves"],
)
def test_the_naive_error_is_over_the_season_where_that_errs(values, season, error):
    assert naive_error(np.array(values, dtype=float), season) == error


def test_a_combination_names_its_parts():
    description, path = carried_on(COMBINATION, ("naive", "ets", "theta"), RISING, 1, 3)
    assert description.startswith("the mean of ETS(")
    assert description.endswith(", Theta")
    assert path.is_finite()


def test_a_model_that_is_not_there_is_not_carried_on():
    assert carried_on("arima", ("arima",), RISING[:10], 1, 3) is None


def test_a_naive_that_never_errs_can_not_be_divided_by():
    scores = (Score(model="ets", mase=None, mae=0.0), Score(model="naive", mase=None, mae=0.0))
    assert "not less than that" in statement(scores[0], scores, WINDOWS, 1)


def test_what_was_left_out_is_told():
    told = told_of({"naive": Trial(np.ones((2, 2)), np.ones((2, 2)))}, WINDOWS, 5, 1)
    assert "2 steps ahead, not 5" in told[0]
    assert told[1] == "Models that could not be fitted and were left out: drift, ets, theta."
    assert windows_of(60, 5, 1).horizon == 5
