"""How one column follows from others: ordinary least squares with all that is needed to judge it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from analytics_pipelines.datasets.statistics.finite import FloatArray, finite, scaled
from analytics_pipelines.datasets.statistics.inputs import ConstantColumn, check_finite, check_rows, check_varies
from analytics_pipelines.datasets.statistics.least_squares import INTERCEPT, Design, Solution, solve
from analytics_pipelines.datasets.statistics.residuals import ResidualChecks, checks_of

EXACT = 1e-13
"""Residuals so small beside the target are rounding."""
HIGH_INFLATION = 10.0
ILL_CONDITIONED = 1e6
HIGH_LEVERAGE = 0.5
ROWS_PER_PREDICTOR = 10
LEAST_P = 0.01
DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficient:
    """One part of the prediction; None where a number is beyond what a double holds."""

    name: str
    is_intercept: bool
    estimate: float | None
    standard_error: float | None
    t: float | None
    p_value: float | None
    """Two-sided, of a coefficient of zero."""
    lower_95: float | None
    upper_95: float | None
    variance_inflation: float | None
    """How many times its variance is what it were if the predictors were uncorrelated; None of an intercept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """`target` as a sum of coefficients times predictors; without an intercept R² is that about zero."""

    target: str
    n: int
    degrees_of_freedom: int
    """Rows less coefficients."""
    coefficients: tuple[Coefficient, ...]
    """The intercept first, then in the order in which the predictors were given."""
    r_squared: float | None
    adjusted_r_squared: float | None
    f: float | None
    f_p_value: float | None
    residual_standard_error: float | None
    aic: float | None
    bic: float | None
    condition_number: float | None
    """Of the columns scaled to length one."""
    residuals: ResidualChecks
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What the parts of an answer are calculated from."""

    design: Design
    solution: Solution
    y: FloatArray
    exponent: int
    """Of the power of two that `y` is over."""
    total: float
    """Sum of the target's squares, about its mean if there is an intercept."""

    @property
    def spare(self) -> int:
        """Degrees of freedom of the residuals."""
        return len(self.y) - len(self.design.columns)

    @property
    def is_exact(self) -> bool:
        """Whether the residuals are only rounding."""
        return math.sqrt(self.solution.squares) <= EXACT * float(np.linalg.norm(self.y))

    @property
    def error(self) -> float:
        """Residual standard error of the scaled target."""
        return math.sqrt(self.solution.squares / self.spare)


def regress(y: FloatArray, predictors: Mapping[str, FloatArray], *, intercept: bool, target: str) -> Regression:
    """The regression of `y` on the predictors, all complete rows of one length.

    Raises `NotFinite`, `TooFewRows` unless there are more rows than coefficients, `ConstantColumn` and
    `PerfectCollinearity`.
    """
    fit = _fit(y, predictors, intercept=intercept, target=target)
    r_squared = 1.0 - fit.solution.squares / fit.total
    f, f_p_value = _f_test(fit)
    aic, bic = _information(fit)
    checks = checks_of(fit.design, fit.solution, is_exact=fit.is_exact)
    coefficients = tuple(_coefficient(fit, place) for place in range(len(fit.design.columns)))
    return Regression(
        target=target,
        n=len(y),
        degrees_of_freedom=fit.spare,
        coefficients=coefficients,
        r_squared=r_squared,
        adjusted_r_squared=1.0 - (1.0 - r_squared) * (len(y) - intercept) / fit.spare,
        f=f,
        f_p_value=f_p_value,
        residual_standard_error=_unscaled(fit.error, fit.exponent),
        aic=aic,
        bic=bic,
        condition_number=finite(fit.solution.condition_number),
        residuals=checks,
        warnings=_warnings(fit, coefficients, checks),
    )


def _fit(y: FloatArray, predictors: Mapping[str, FloatArray], *, intercept: bool, target: str) -> Fit:
    columns = {target: y, **predictors}
    check_rows(len(y), len(predictors) + intercept + 1, f"A regression with {_counted(len(predictors))}")
    check_finite(columns)
    if intercept:
        check_varies(columns)
    else:
        _check_not_zero(columns)
    over, exponent = scaled(y)
    design = Design.of(predictors, has_intercept=intercept)
    wide = over.astype(np.longdouble)
    centred = wide - wide.mean() if intercept else wide
    total = float(np.dot(centred, centred))
    return Fit(design=design, solution=solve(design, over), y=over, exponent=exponent, total=total)


def _check_not_zero(columns: Mapping[str, FloatArray]) -> None:
    for name, values in columns.items():
        if not values.any():
            raise ConstantColumn(f'"{name}" is 0 in all {values.size:,} rows.', remedy="Choose another column.")


def _coefficient(fit: Fit, place: int) -> Coefficient:
    shift = fit.exponent - fit.design.exponents[place]
    estimate = float(fit.solution.estimates[place])
    error = fit.error * math.sqrt(fit.solution.variances[place])
    t = finite(np.divide(estimate, error)) if error else None
    width = float(special.stdtrit(fit.spare, 0.975)) * error
    is_intercept = fit.design.has_intercept and place == 0
    return Coefficient(
        name=INTERCEPT if is_intercept else fit.design.names[place],
        is_intercept=is_intercept,
        estimate=_unscaled(estimate, shift),
        standard_error=_unscaled(error, shift),
        t=t,
        p_value=None if t is None else float(2.0 * special.stdtr(fit.spare, -abs(t))),
        lower_95=_unscaled(estimate - width, shift),
        upper_95=_unscaled(estimate + width, shift),
        variance_inflation=None if is_intercept else _inflation(fit, place),
    )


def _inflation(fit: Fit, place: int) -> float | None:
    values = scaled(fit.design.columns[place])[0]
    centred = values - values.mean() if fit.design.has_intercept else values
    return finite(fit.solution.variances[place] * np.dot(centred, centred))


def _f_test(fit: Fit) -> tuple[float | None, float | None]:
    """All coefficients but the intercept against none."""
    count = len(fit.design.columns) - fit.design.has_intercept
    if fit.solution.squares == 0.0:
        return None, None
    explained = max(0.0, fit.total - fit.solution.squares)
    f = explained / count / (fit.solution.squares / fit.spare)
    return finite(f), finite(special.fdtrc(count, fit.spare, f))


def _information(fit: Fit) -> tuple[float | None, float | None]:
    """Akaike's and the Bayesian criterion, as statsmodels counts: coefficients without the variance."""
    if fit.is_exact:
        return None, None
    n, count = len(fit.y), len(fit.design.columns)
    variance = math.log(fit.solution.squares / n) + 2.0 * fit.exponent * math.log(2.0)
    deviance = n * (math.log(2.0 * math.pi) + variance + 1.0)
    return deviance + 2.0 * count, deviance + count * math.log(n)


def _unscaled(value: float, exponent: int) -> float | None:
    try:
        return math.ldexp(value, exponent)
    except OverflowError:
        return None


def _warnings(fit: Fit, coefficients: tuple[Coefficient, ...], checks: ResidualChecks) -> tuple[str, ...]:
    return tuple(
        said
        for said in (
            _said_of_rows(fit),
            _said_of_collinearity(coefficients),
            _said_of_condition(fit.solution.condition_number),
            "The fit is exact: standard errors, t and F are rounding." if fit.is_exact else None,
            _said_of_leverage(checks, fit),
            *_said_of_residuals(checks),
            _said_of_range(coefficients),
        )
        if said
    )


def _said_of_rows(fit: Fit) -> str | None:
    count = len(fit.design.columns) - fit.design.has_intercept
    if len(fit.y) >= ROWS_PER_PREDICTOR * count:
        return None
    return f"Only {len(fit.y)} rows for {_counted(count)}: at least {ROWS_PER_PREDICTOR} for each are advisable."


def _counted(predictors: int) -> str:
    return "one predictor" if predictors == 1 else f"{predictors} predictors"


def _said_of_collinearity(coefficients: tuple[Coefficient, ...]) -> str | None:
    inflated = [f'"{each.name}"' for each in coefficients if (each.variance_inflation or 0.0) > HIGH_INFLATION]
    if not inflated:
        return None
    return f"Collinear predictors, whose parts are hard to tell from each other: {', '.join(inflated)}."


def _said_of_condition(number: float) -> str | None:
    if number < ILL_CONDITIONED:
        return None
    sure = max(0, DIGITS - math.ceil(math.log10(number)))
    return f"Ill-conditioned (condition number {number:.1e}): only about {sure} digits of the coefficients are certain."


def _said_of_leverage(checks: ResidualChecks, fit: Fit) -> str | None:
    if checks.largest_leverage < HIGH_LEVERAGE or len(fit.y) < 2 * ROWS_PER_PREDICTOR:
        return None
    return (
        f"Row {checks.largest_leverage_row:,} of the {len(fit.y):,} complete ones alone decides much of the result"
        f" (leverage {checks.largest_leverage:.2f})."
    )


def _said_of_residuals(checks: ResidualChecks) -> list[str]:
    said = []
    if checks.jarque_bera_p_value is not None and checks.jarque_bera_p_value < LEAST_P:
        said.append("The residuals are not normal (Jarque-Bera): with few rows, p values and intervals are rough.")
    if checks.breusch_pagan_p_value is not None and checks.breusch_pagan_p_value < LEAST_P:
        said.append("The residuals' spread changes with the predictors (Breusch-Pagan): standard errors are rough.")
    return said


def _said_of_range(coefficients: tuple[Coefficient, ...]) -> str | None:
    if all(each.estimate is not None for each in coefficients):
        return None
    return "A coefficient is beyond what a double holds: bring the columns to a common unit."
