import numpy as np
import pytest

from analytics_pipelines.datasets.forecast.backtest import (
    COMBINATION,
    Trial,
    fitted,
    models_for,
    paths,
    trial,
    trials,
    windows_of,
)
from analytics_pipelines.datasets.forecast.model import Ahead
from analytics_pipelines.datasets.forecast.naive import Naive
from analytics_pipelines.datasets.forecast.scale import AS_IT_IS, Scale
from analytics_pipelines_tests.datasets.forecast.series_made import weekly

VALUES = weekly(np.random.default_rng(1), 60)


@pytest.mark.parametrize(
    ("count", "horizon", "season", "origins", "ahead"),
    [
        pytest.param(100, 5, 1, tuple(range(50, 100, 5)), 5, id="one after the other"),
        pytest.param(40, 8, 1, (23, 24, 25, 26, 27, 28, 29, 30, 31, 32), 8, id="over each other where it is short"),
        pytest.param(20, 50, 1, (10, 11, 12, 13, 14, 15), 5, id="a shorter horizon where there is no room"),
        pytest.param(30, 4, 12, (24, 25, 26, 27), 3, id="two seasons to learn from"),
        pytest.param(5, 3, 1, (4,), 1, id="one window of one step"),
    ],
)
def test_windows_lie_in_the_newer_half_up_to_the_end(count, horizon, season, origins, ahead):
    windows = windows_of(count, horizon, season)
    assert (windows.origins, windows.horizon) == (origins, ahead)
    assert windows.origins[-1] + windows.horizon == count


@pytest.mark.parametrize(("count", "season"), [(4, 1), (24, 12)])
def test_there_are_none_where_nothing_is_left_to_learn_from(count, season):
    assert windows_of(count, 3, season) is None


@pytest.mark.parametrize(
    ("count", "season", "names"),
    [
        (5, 1, ["naive", "drift"]),
        (10, 1, ["naive", "drift", "ets", "theta"]),
        (100, 7, ["seasonal_naive", "naive", "drift", "ets", "theta", "arima"]),
        (5000, 168, ["seasonal_naive", "naive", "drift", "ets", "theta"]),
    ],
)
def test_models_are_those_that_so_many_values_can_teach(count, season, names):
    assert [each.name for each in models_for(count, season)] == names


def test_what_a_model_has_not_seen_does_not_move_its_parameters():
    known, other = VALUES.copy(), VALUES.copy()
    other[45:] += 100
    windows = windows_of(VALUES.size, 7, 7)
    assert windows.origins[0] <= 45
    one, two = (fitted(models_for(windows.origins[0], 7), each[: windows.origins[0]], 7) for each in (known, other))
    before = slice(None, windows.origins[0])
    for name, path in paths(one, known[before], 7).items():
        assert path.middle.tolist() == paths(two, other[before], 7)[name].middle.tolist()


def test_every_model_and_the_combination_are_tried():
    tried = trials((VALUES - VALUES.mean()) / VALUES.std(), AS_IT_IS, windows_of(VALUES.size, 7, 7), 7)
    assert list(tried) == ["seasonal_naive", "naive", "drift", "ets", "theta", "arima", COMBINATION]
    assert tried["ets"].errors.shape == (10, 7)


class Broken:
    name = "broken"
    description = "broken"

    def __init__(self, path=None):
        self.path = path

    def fit(self, *_):
        if self.path is None:
            raise np.linalg.LinAlgError
        return self

    def ahead(self, _, horizon):
        if self.path == "raises":
            raise ValueError
        return Ahead(np.full(horizon, np.nan), np.ones(horizon))


@pytest.mark.parametrize("how", [None, "raises", "no number"])
def test_a_model_that_breaks_is_left_out_and_the_others_go_on(how):
    fits = fitted((Broken(how), Naive()), VALUES, 1)
    assert list(paths(fits, VALUES, 3)) == ["naive"]


def test_errors_are_in_the_unit_of_the_values_and_as_models_see_them():
    scale = Scale(is_logarithmic=False, centre=100, spread=10)
    found = trial([Ahead(np.array([0.0, 1.0]), np.array([1.0, 2.0]))], [np.array([2.0, -1.0])], scale)
    assert found.errors.tolist() == [[20.0, -20.0]]
    assert found.mapped.tolist() == [[2.0, -2.0]]


def test_intervals_are_widened_by_what_was_seen_and_never_narrowed():
    path = Ahead(np.zeros(3), np.array([1.0, 1.0, 2.0]))
    wide, narrow = (Trial(np.zeros((8, 2)), np.full((8, 2), size)).widened(path) for size in (3.0, 0.1))
    assert wide.deviation / path.deviation == pytest.approx([((2 + 8 * 9) / 10) ** 0.5] * 3)
    assert narrow.deviation.tolist() == path.deviation.tolist()


def test_a_model_that_is_sure_of_itself_gets_the_deviation_that_was_seen():
    path = Trial(np.zeros((8, 2)), np.full((8, 2), 3.0)).widened(Ahead(np.zeros(3), np.zeros(3)))
    assert path.deviation.tolist() == [3.0] * 3
