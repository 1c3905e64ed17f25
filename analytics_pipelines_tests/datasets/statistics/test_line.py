"""The line that is drawn."""

import numpy as np
import pytest
import statsmodels.api as sm

from analytics_pipelines.datasets.statistics.line import fitted_line
from analytics_pipelines.datasets.statistics.regression import regress

RANDOM = np.random.default_rng(5)
X, NOISE = RANDOM.normal(size=(2, 40))
Y = 3.0 * X + NOISE


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("size", [1.0, 1e-160, 1e160])
def test_line_and_band_are_those_of_statsmodels(intercept, size):
    line = fitted_line(regress(Y, {"x": X * size}, intercept=intercept, target="y"), X * size)
    at = np.linspace(X.min(), X.max(), 61)
    exog, new = (sm.add_constant(each) if intercept else each for each in (X, at))
    table = sm.OLS(Y, exog).fit().get_prediction(new).summary_frame()
    assert line.x == pytest.approx(at * size)
    assert line.y == pytest.approx(table["mean"].to_list())
    assert line.lower == pytest.approx(table["mean_ci_lower"].to_list())
    assert line.upper == pytest.approx(table["mean_ci_upper"].to_list())


def test_several_predictors_have_no_line():
    assert fitted_line(regress(Y, {"x": X, "z": X**2}, intercept=True, target="y"), X) is None


def test_numbers_beyond_a_double_have_no_line():
    regression = regress(Y * 1e300, {"x": X * 1e-300}, intercept=True, target="y")
    assert fitted_line(regression, X * 1e-300) is None
    assert "beyond what a double holds" in regression.warnings[-1]
