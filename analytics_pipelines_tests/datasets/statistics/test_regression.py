"""Regressions: NIST's certified values, statsmodels on made data, refusals and warnings."""

import math

import numpy as np
import orjson
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.datasets.statistics.inputs import (
    ConstantColumn,
    NotFinite,
    PerfectCollinearity,
    TooFewRows,
)
from analytics_pipelines.datasets.statistics.regression import Regression, regress
from analytics_pipelines_tests.datasets.statistics.nist_linear import SETS, Certified, exact_estimates

REACHED = {
    "Norris": (13.5, 13.5, 13.5, 14.5),
    "Pontius": (13.0, 13.5, 13.5, 14.5),
    "NoInt1": (14.0, 14.0, 14.0, 14.5),
    "NoInt2": (14.0, 14.0, 14.0, 14.5),
    "Filip": (7.3, 8.0, 9.0, 11.0),
    "Longley": (13.0, 12.0, 14.0, 14.5),
    "Wampler1": (12.5, 12.5, 12.5, 14.5),
    "Wampler2": (12.5, 14.0, 14.0, 14.5),
    "Wampler3": (13.0, 13.0, 14.0, 14.5),
    "Wampler4": (11.0, 13.0, 14.0, 14.5),
    "Wampler5": (9.2, 13.0, 14.0, 13.0),
}
"""Digits (log relative error) of estimates, standard errors, residual standard error and R², the worst of each."""
RANDOM = np.random.default_rng(2)
A, B, NOISE = RANDOM.normal(size=(3, 60))


def digits(found: float | None, certified: float) -> float:
    """NIST's log relative error; of a certified zero the log of the absolute one."""
    assert found is not None
    error = abs(found - certified) / abs(certified) if certified else abs(found)
    return min(15.0, -math.log10(error)) if error else 15.0


@pytest.mark.parametrize("name", SETS)
def test_the_data_leads_to_the_certified_estimates_without_any_rounding(name):
    exact = exact_estimates(SETS[name])
    assert min(map(digits, map(float, exact), SETS[name].estimates)) > 14


def regressed(certified: Certified) -> Regression:
    x = [np.array(column, dtype=float) for column in certified.x]
    if certified.degree > 1:
        x = [x[0] ** power for power in range(1, certified.degree + 1)]
    predictors = {f"x{place}": column for place, column in enumerate(x, 1)}
    return regress(np.array(certified.y, float), predictors, intercept=certified.has_intercept, target="y")


@pytest.mark.parametrize("name", REACHED)
def test_the_certified_values_are_reached(name):
    certified, found = SETS[name], regressed(SETS[name])
    pairs = list(zip(found.coefficients, certified.estimates, certified.standard_errors, strict=True))
    reached = (
        min(digits(each.estimate, estimate) for each, estimate, _ in pairs),
        min(digits(each.standard_error, error) for each, _, error in pairs),
        digits(found.residual_standard_error, certified.residual_standard_error),
        digits(found.r_squared, certified.r_squared),
    )
    assert all(of >= least for of, least in zip(reached, REACHED[name], strict=True)), reached


def test_filip_is_warned_of_since_its_powers_were_rounded_before_they_came():
    assert any(
        "only about 6 digits of the coefficients are certain" in said for said in regressed(SETS["Filip"]).warnings
    )
    assert not any("digits" in said for said in regressed(SETS["Longley"]).warnings)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(8, 60), st.booleans())
def test_every_number_is_that_of_statsmodels(seed, count, n, intercept):
    random = np.random.default_rng(seed)
    x = (random.normal(size=(n, count)) + random.integers(-3, 4)) * 10.0 ** random.integers(-2, 3, size=count)
    y = x.sum(axis=1) + random.normal(size=n)
    names = [f"x{place}" for place in range(count)]
    found = regress(y, dict(zip(names, x.T, strict=True)), intercept=intercept, target="y")
    reference = sm.OLS(y, np.column_stack([np.ones(n), x]) if intercept else x).fit()
    for each, *expected in zip(
        found.coefficients,
        reference.params,
        reference.bse,
        reference.tvalues,
        reference.pvalues,
        reference.conf_int(),
        strict=True,
    ):
        interval = expected.pop()
        told = [each.estimate, each.standard_error, each.t, each.p_value]
        assert told == pytest.approx(expected, rel=1e-6, abs=1e-12)
        assert [each.lower_95, each.upper_95] == pytest.approx(list(interval), rel=1e-6, abs=1e-9)
    told = [found.r_squared, found.adjusted_r_squared, found.f, found.f_p_value, found.aic, found.bic]
    expected = [
        reference.rsquared,
        reference.rsquared_adj,
        reference.fvalue,
        reference.f_pvalue,
        reference.aic,
        reference.bic,
    ]
    assert told == pytest.approx(expected, rel=1e-6, abs=1e-12)
    assert found.degrees_of_freedom == reference.df_resid


def test_variance_inflation_is_that_of_regressing_each_predictor_on_the_rest():
    c = A + 0.2 * B
    found = regress(NOISE, {"a": A, "b": B, "c": c + 0.1 * NOISE}, intercept=True, target="y")
    rest = sm.OLS(A, sm.add_constant(np.column_stack([B, c + 0.1 * NOISE]))).fit()
    assert found.coefficients[1].variance_inflation == pytest.approx(1.0 / (1.0 - rest.rsquared))
    assert found.coefficients[0].variance_inflation is None
    assert [each.name for each in found.coefficients] == ["intercept", "a", "b", "c"]


@pytest.mark.parametrize("size", [1e-300, 1e300])
def test_huge_and_tiny_targets_give_the_same_fit(size):
    plain = regress(A + NOISE, {"b": B}, intercept=True, target="y")
    found = regress((A + NOISE) * size, {"b": B}, intercept=True, target="y")
    assert found.coefficients[1].t == pytest.approx(plain.coefficients[1].t)
    assert found.coefficients[1].estimate == pytest.approx(plain.coefficients[1].estimate * size)
    assert found.aic == pytest.approx(plain.aic + 2 * 60 * math.log(size))


def test_an_exact_fit_is_said_and_its_rounding_not_judged():
    found = regress(2.0 * A + 1.0, {"a": A}, intercept=True, target="y")
    assert [each.estimate for each in found.coefficients] == pytest.approx([1.0, 2.0])
    assert "The fit is exact: standard errors, t and F are rounding." in found.warnings
    assert (found.aic, found.residuals.jarque_bera) == (None, None)
    assert orjson.loads(orjson.dumps(found))["r_squared"] == pytest.approx(1.0)


def test_a_column_may_be_called_like_the_intercept():
    found = regress(A, {"intercept": B}, intercept=True, target="y")
    assert [(each.name, each.is_intercept) for each in found.coefficients] == [
        ("intercept", True),
        ("intercept", False),
    ]


@pytest.mark.parametrize(
    ("y", "predictors", "error", "said"),
    [
        (A[:3], {"a": A[:3], "b": B[:3]}, TooFewRows, "needs at least 4 rows"),
        (A[:2], {"a": A[:2]}, TooFewRows, "A regression with one predictor needs at least 3 rows"),
        (np.full(60, 5.0), {"a": A}, ConstantColumn, '"y" is 5 in all 60 rows'),
        (A, {"a": np.zeros(60)}, ConstantColumn, '"a" is 0 in all 60 rows'),
        (A, {"a": np.where(A > 1, np.inf, A)}, NotFinite, '"a" holds'),
        (A, {"a": B, "b": NOISE, "c": B + NOISE}, PerfectCollinearity, '"c" is a combination of "a", "b"'),
    ],
)
def test_what_has_no_answer_is_refused_by_name(y, predictors, error, said):
    with pytest.raises(error, match=said):
        regress(y, predictors, intercept=True, target="y")


def test_without_an_intercept_a_constant_predictor_serves_and_zeros_do_not():
    found = regress(A + 3.0, {"one": np.ones(60)}, intercept=False, target="y")
    assert found.coefficients[0].estimate == pytest.approx((A + 3.0).mean())
    with pytest.raises(ConstantColumn, match='"y" is 0'):
        regress(np.zeros(60), {"a": A}, intercept=False, target="y")


@pytest.mark.parametrize(
    ("y", "predictors", "said"),
    [
        (A[:12], {"a": B[:12], "b": NOISE[:12]}, "Only 12 rows for 2 predictors: at least 10 for each are advisable."),
        (
            NOISE,
            {"a": A, "b": A + B / 50},
            'Collinear predictors, whose parts are hard to tell from each other: "a", "b".',
        ),
        (
            NOISE,
            {"a": np.append(A[:-1], 200.0)},
            "Row 60 of the 60 complete ones alone decides much of the result (leverage 1.00).",
        ),
        (NOISE**5, {"a": A}, "The residuals are not normal (Jarque-Bera)"),
        (np.exp(A) * NOISE, {"a": np.exp(A)}, "The residuals' spread changes with the predictors (Breusch-Pagan)"),
    ],
)
def test_what_makes_a_result_doubtful_is_said(y, predictors, said):
    found = regress(y, predictors, intercept=True, target="y")
    assert any(warning.startswith(said) for warning in found.warnings), found.warnings


def test_a_sound_regression_has_no_warnings():
    assert regress(A + NOISE, {"a": A, "b": B}, intercept=True, target="y").warnings == ()


def test_the_same_rows_give_the_same_bytes_wherever_they_lie_in_memory():
    written = set()
    for offset in range(4):
        moved = np.empty(60 + offset)[offset:]
        moved[:] = A
        written.add(orjson.dumps(regress(NOISE, {"a": moved, "b": B}, intercept=True, target="y")))
    assert len(written) == 1


@pytest.mark.long
def test_a_million_rows_and_thirty_predictors_are_regressed():
    random = np.random.default_rng(1)
    x = {f"x{place}": random.normal(size=1_000_000) for place in range(30)}
    y = sum(x.values()) + random.normal(size=1_000_000)
    found = regress(y, x, intercept=True, target="y")
    assert [each.estimate for each in found.coefficients[1:]] == pytest.approx([1.0] * 30, abs=0.01)
