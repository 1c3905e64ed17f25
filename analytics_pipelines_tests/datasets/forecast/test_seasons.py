import numpy as np
import pytest

from analytics_pipelines.datasets.forecast.seasons import foretold, found_season, threshold, without_trend
from analytics_pipelines_tests.datasets.forecast.series_made import persistent, rare, rising, steady, walk, weekly

HOURS = np.arange(24 * 7 * 5)
DAILY = np.sin(2 * np.pi * HOURS / 24)
WORKDAYS = (HOURS // 24 % 7 < 5).astype(float)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    ("values", "candidates", "season"),
    [
        pytest.param(weekly(rng(), 60), (7,), 7, id="a week over eight weeks"),
        pytest.param(weekly(rng(), 16), (7,), 7, id="a week over little more than two"),
        pytest.param(weekly(rng(), 13), (7,), 1, id="less than two weeks tell nothing"),
        pytest.param(rare(rng(), 200), (7,), 7, id="a week of small counts"),
        pytest.param(DAILY + 0.1 * rng().normal(size=HOURS.size), (24, 168), 24, id="days alike are no week"),
        pytest.param(DAILY * WORKDAYS + 0.1 * rng().normal(size=HOURS.size), (24, 168), 168, id="days unlike are one"),
        pytest.param(np.arange(100.0), (7,), 1, id="a line"),
        pytest.param(weekly(rng(), 60), (), 1, id="no candidate"),
    ],
)
def test_the_season_is_the_one_that_foretells(values, candidates, season):
    assert found_season(values, candidates) == season


@pytest.mark.parametrize("process", [steady, walk, persistent, rising])
@pytest.mark.parametrize("count", [30, 120])
def test_what_has_no_season_seldom_shows_one(process, count):
    found = sum(found_season(process(rng(seed), count), (7,)) > 1 for seed in range(100))
    assert found <= 5


def test_the_trend_is_taken_out_of_whole_seasons():
    cycles = without_trend(3.0 * np.arange(40), 4)
    assert cycles.shape == (9, 4)
    assert np.abs(cycles).max() < 1e-9


def test_equal_seasons_foretell_everything_and_opposite_ones_mislead():
    assert foretold(np.tile([1.0, -1.0], (3, 1))) == pytest.approx(1)
    assert foretold(np.array([[1.0, -1.0], [-1.0, 1.0]])) < 0
    assert foretold(np.zeros((3, 2))) == 0
    assert foretold(np.array([[1.0, 2.0]])) == 0


def test_few_values_must_foretell_more():
    assert threshold(np.zeros((2, 7))) > threshold(np.zeros((20, 7))) > 0.1
