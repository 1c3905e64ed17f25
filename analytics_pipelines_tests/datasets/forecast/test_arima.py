import numpy as np
import pytest

from analytics_pipelines.datasets.forecast.arima import Arima, differences
from analytics_pipelines.datasets.forecast.backtest import quiet
from analytics_pipelines_tests.datasets.forecast.series_made import persistent, steady, walk

RNG = np.random.default_rng(12)


@pytest.mark.parametrize(
    ("values", "times"),
    [
        pytest.param(steady(RNG, 150), 0, id="what stands still"),
        pytest.param(walk(RNG, 150), 1, id="a walk"),
        pytest.param(np.cumsum(walk(RNG, 150)), 2, id="a walk of slopes"),
        pytest.param(np.arange(50.0), 1, id="a line, whose steps are all equal"),
    ],
)
def test_a_series_is_differenced_until_it_stands_still(values, times):
    with quiet():
        assert differences(values) == times


def test_what_persists_is_seen_to_and_falls_back_to_its_mean():
    values = persistent(np.random.default_rng(4), 200)
    with quiet():
        fit = Arima().fit(values, 1)
        path = fit.ahead(values, 40)
    assert fit.description.startswith("ARIMA(")
    assert fit.order.terms[0] >= 1
    assert abs(path.middle[-1] - values.mean()) < 0.3
    assert path.deviation[-1] == pytest.approx(values.std(), rel=0.25)


def test_a_fit_is_carried_on_over_values_that_it_has_not_seen():
    values = walk(np.random.default_rng(5), 120)
    with quiet():
        fit = Arima().fit(values[:100], 1)
        late = fit.ahead(values, 1).middle[0]
    assert abs(late - values[-1]) < 1


def test_a_walk_that_drifts_is_said_to():
    values = walk(np.random.default_rng(7), 120) + np.arange(120) * 2
    with quiet():
        assert Arima().fit(values, 1).description.endswith("with drift")
