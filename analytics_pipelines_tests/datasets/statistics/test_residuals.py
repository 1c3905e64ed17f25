"""The checks, against statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.stats.diagnostic import het_breuschpagan
from statsmodels.stats.stattools import durbin_watson, jarque_bera

from analytics_pipelines.datasets.statistics.least_squares import Design, solve
from analytics_pipelines.datasets.statistics.residuals import checks_of

RANDOM = np.random.default_rng(5)
A, B = RANDOM.normal(size=(2, 120))
NOISE = RANDOM.normal(size=120) * (1.0 + np.abs(A))


@pytest.mark.parametrize("has_intercept", [True, False])
@pytest.mark.parametrize("size", [1.0, 1e-200, 1e150])
def test_every_check_is_that_of_statsmodels_whatever_the_size(has_intercept, size):
    y = (A - B + NOISE) / 16
    exog = np.column_stack([A, B])
    reference = sm.OLS(y, sm.add_constant(exog) if has_intercept else exog).fit()
    design = Design.of({"a": A, "b": B}, has_intercept=has_intercept)
    found = checks_of(design, solve(design, y * size), is_exact=False)
    assert (found.jarque_bera, found.jarque_bera_p_value, found.skewness, found.kurtosis) == pytest.approx(
        jarque_bera(reference.resid), rel=1e-9
    )
    assert (found.breusch_pagan, found.breusch_pagan_p_value) == pytest.approx(
        het_breuschpagan(reference.resid, sm.add_constant(exog))[:2], rel=1e-9
    )
    assert found.durbin_watson == pytest.approx(durbin_watson(reference.resid), rel=1e-9)
    leverage = reference.get_influence().hat_matrix_diag
    assert found.largest_leverage == pytest.approx(leverage.max())
    assert found.largest_leverage_row == leverage.argmax() + 1


def test_rounding_is_not_checked_and_few_rows_not_for_normality():
    design = Design.of({"a": A[:5]}, has_intercept=True)
    exact = checks_of(design, solve(design, A[:5]), is_exact=True)
    assert (exact.jarque_bera, exact.breusch_pagan, exact.durbin_watson) == (None, None, None)
    few = checks_of(design, solve(design, B[:5] / 4), is_exact=False)
    assert few.jarque_bera is None
    assert few.durbin_watson is not None


def test_residuals_of_one_size_have_no_spread_to_explain():
    x = np.tile([0.5, -0.5], 6)
    design = Design.of({"a": x}, has_intercept=False)
    alternating = np.repeat([0.5, -0.5], 6)
    found = checks_of(design, solve(design, alternating), is_exact=False)
    assert found.breusch_pagan is None


def test_a_constant_predictor_without_intercept_leaves_the_spread_unchecked():
    design = Design.of({"a": np.ones(20)}, has_intercept=False)
    found = checks_of(design, solve(design, A[:20] / 8), is_exact=False)
    assert found.breusch_pagan is None
    assert found.durbin_watson is not None
