from contextlib import suppress
from datetime import timedelta
from time import process_time
from zoneinfo import ZoneInfo

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.datasets import elec_equip, nile

from analytics_pipelines.datasets.forecast.forecast import SeasonTooLong, forecast
from analytics_pipelines.datasets.forecast.regular import IrregularTimes, TooFewPoints, TooManyGaps
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.datasets.forecast.series_made import (
    START,
    days,
    growing,
    moment,
    months,
    persistent,
    rare,
    rising,
    steady,
    walk,
    weekly,
)

WEEKLY = weekly(np.random.default_rng(1), 28)
"""So short that ARIMA, which takes long, is not tried."""
PROCESSES = [steady, walk, persistent, rising, weekly, growing, rare]


def column(made, name: str) -> np.ndarray:
    return np.array([getattr(point, name) for point in made.points], dtype=float)


def seasonal_error(values: np.ndarray, truth: np.ndarray, season: int) -> float:
    return float(np.abs(truth - np.resize(values[-season:], truth.size)).mean())


def test_a_forecast_says_what_comes_and_how_it_came_about():
    made = forecast(days(28), WEEKLY, horizon=7)
    assert [point.at for point in made.points] == days(7, START + timedelta(days=28))
    assert (made.step, made.season_length, made.is_season_found) == ("day", 7, True)
    assert (made.used, made.filled, made.warnings) == (28, 0, ())
    assert made.backtest.horizon == 7
    assert {"naive", "seasonal_naive"} < {score.model for score in made.backtest.scores}
    for point in made.points:
        assert point.low_95 < point.low_80 < point.value < point.high_80 < point.high_95


def test_the_same_series_gives_the_same_bytes():
    assert len({orjson.dumps(forecast(days(28), WEEKLY, horizon=7)) for _ in range(3)}) == 1


def test_numbers_are_plain_ones_that_json_can_write():
    read = orjson.loads(orjson.dumps(forecast(days(28), WEEKLY, horizon=3)))
    assert read["points"][0]["at"] == "2024-01-29T00:00:00"
    assert isinstance(read["backtest"]["scores"][0]["mae"], float)


@pytest.mark.parametrize("factor", [1e-300, 1e300])
def test_the_unit_does_not_matter(factor):
    small, large = (forecast(days(28), WEEKLY * each, horizon=5) for each in (1, factor))
    assert large.model == small.model
    assert column(large, "high_95") / factor == pytest.approx(column(small, "high_95"), rel=1e-3)
    assert large.backtest.scores[0].mae / factor == pytest.approx(small.backtest.scores[0].mae, rel=1e-3)


def test_values_far_from_zero_that_hardly_move_are_told_apart():
    made = forecast(days(28), WEEKLY + 1e9, horizon=7)
    assert made.season_length == 7
    assert 15 < made.points[0].value - 1e9 < 35


def test_values_below_zero_are_as_good_as_others():
    up, down = (forecast(days(28), sign * WEEKLY, horizon=7) for sign in (1, -1))
    assert column(down, "value") == pytest.approx(-column(up, "value"), rel=0.1)


def test_one_value_over_and_over_goes_on_for_certain():
    made = forecast(days(30), np.full(30, 4.25), horizon=3)
    assert {point.value for point in made.points} == {4.25}
    assert {point.low_95 for point in made.points} == {4.25}
    assert made.is_naive
    assert "Every value is the same." in made.statement


def test_zeros_alone_are_a_series_too():
    assert {point.value for point in forecast(days(30), np.zeros(30), horizon=3).points} == {0.0}


def test_a_swing_that_grows_is_taken_by_logarithms_and_stays_above_zero():
    steps = np.arange(28)
    noise = 0.05 * np.random.default_rng(3).normal(size=28)
    made = forecast(days(28), np.exp(0.05 * steps + 0.5 * np.sin(2 * np.pi * steps / 7) + noise), horizon=20)
    assert made.is_logarithmic
    assert (column(made, "low_95") > 0).all()


def test_intervals_below_zero_of_what_never_was_there_are_told():
    made = forecast(days(28), rare(np.random.default_rng(2), 28), horizon=7)
    assert "Intervals reach below zero, though no value does." in made.warnings


def test_gaps_are_filled_and_counted():
    holed = WEEKLY.copy()
    holed[[10, 11, 22]] = np.nan
    made = forecast(days(28), holed, horizon=7)
    assert made.filled == 3
    assert "3 of 28 steps had no value and were filled from their neighbours." in made.warnings
    assert column(made, "value") == pytest.approx(column(forecast(days(28), WEEKLY, horizon=7), "value"), abs=2)


def test_few_values_are_carried_on_with_what_must_be_said():
    made = forecast(days(4), np.array([1.0, 2.0, 1.5, 2.5]), horizon=6)
    assert made.model == "naive"
    assert made.backtest is None
    assert len(made.warnings) == 3
    assert "too short to tell whether it repeats every 7 steps" in made.warnings[0]


def test_a_season_asked_for_is_taken_and_none_is_looked_for():
    made = forecast(days(28), WEEKLY, horizon=3, season_length=5)
    assert (made.season_length, made.is_season_found) == (5, False)
    assert forecast(days(28), WEEKLY, horizon=3, season_length=1).season_length == 1


def test_a_season_that_does_not_fit_twice_is_refused():
    with pytest.raises(SeasonTooLong, match="needs 30 of them, and there are 28"):
        forecast(days(28), WEEKLY, horizon=3, season_length=15)


def test_of_long_series_the_newest_steps_are_used():
    made = forecast(days(3000), np.r_[np.full(2000, 1e6), np.full(1000, 3.0)], horizon=3)
    assert made.used == 1000
    assert "Only the newest 1,000 of 3,000 steps were used." in made.warnings
    assert made.points[0].value == 3


def test_local_days_go_on_at_local_midnight():
    at = [START.replace(tzinfo=ZoneInfo("Europe/Berlin")) + timedelta(days=day) for day in range(70, 84)]
    made = forecast(at, np.resize(WEEKLY[:7], 14), horizon=14, step="day")
    assert {point.at.hour for point in made.points} == {0}
    assert len({point.at.utcoffset() for point in made.points}) == 2


@settings(max_examples=examples(60), deadline=None)
@given(
    values=st.lists(
        st.floats(allow_infinity=False) | st.integers(-5, 5).map(float) | st.just(float("nan")), min_size=4, max_size=14
    ),
    horizon=st.integers(1, 5),
)
def test_any_numbers_give_a_forecast_or_a_typed_error(values, horizon):
    known = np.array([0.0, *values[1:-1], 1.0])
    with suppress(TooFewPoints, TooManyGaps, IrregularTimes):
        made = forecast(days(known.size), known, horizon=horizon)
        assert len(made.points) == horizon
        assert b"NaN" not in orjson.dumps(made)


def coverage(process, count: int, horizon: int, seeds: range) -> tuple[float, float]:
    within = []
    for seed in seeds:
        values = process(np.random.default_rng(seed), count + horizon)
        made, truth = forecast(days(count), values[:count], horizon=horizon), values[count:]
        within.append(
            [
                np.mean((truth >= column(made, f"low_{level}")) & (truth <= column(made, f"high_{level}")))
                for level in (80, 95)
            ]
        )
    covered_80, covered_95 = np.mean(within, axis=0)
    return float(covered_80), float(covered_95)


def test_intervals_cover_what_they_say():
    found = np.array([coverage(process, 28, 7, range(3)) for process in (steady, walk, weekly)]).mean(axis=0)
    assert 0.65 < found[0] < 0.97
    assert found[1] > 0.85


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("count", [60, 200])
@pytest.mark.parametrize("process", PROCESSES)
def test_intervals_of_many_series_cover_what_they_say(process, count):
    covered_80, covered_95 = coverage(process, count, 14, range(100))
    assert 0.70 < covered_80 < 0.93
    assert 0.88 < covered_95 <= 1


def test_published_series_are_foretold_better_than_by_their_last_season():
    flow = nile.load_pandas().data["volume"].to_numpy(dtype=float)[-38:]
    made = forecast(months(32, every=12), flow[:32], horizon=6)
    assert np.abs(column(made, "value") - flow[32:]).mean() < seasonal_error(flow[:32], flow[32:], 1)
    sold = elec_equip.load_pandas().data.iloc[-90:, 0].to_numpy(dtype=float)
    made = forecast(months(72), sold[:72], horizon=18)
    assert made.season_length == 12
    assert np.abs(column(made, "value") - sold[72:]).mean() < seasonal_error(sold[:72], sold[72:], 12)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_on_the_median_of_all_published_series_the_seasonal_naive_is_beaten():
    from benchmarks.forecast import asked, mase, middle, ours, seasonal_naive
    from benchmarks.forecast_series import published

    mine, naive = [], []
    for series in published():
        mine.append(mase(series, [middle(ours(series, origin)) for origin in series.origins]))
        naive.append(mase(series, asked(seasonal_naive, series)))
    assert len(mine) == 30
    assert np.median(mine) < 0.7 * np.median(naive)
    assert np.mean(np.array(mine) < np.array(naive)) > 0.7


@pytest.mark.long
def test_five_hundred_points_take_at_most_three_seconds_of_a_core():
    values = weekly(np.random.default_rng(8), 500)
    started_s = process_time()
    forecast(days(500), values, horizon=28)
    assert process_time() - started_s < 3


def test_times_of_dates_long_ago_are_carried_on():
    made = forecast([moment(1700 + year, 1, 1) for year in range(20)], np.arange(20.0), horizon=2)
    assert made.step == "year"
    assert made.points[-1].at == moment(1721, 1, 1)
