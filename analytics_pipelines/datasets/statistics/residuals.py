"""Whether what a regression leaves unexplained looks as its p values and intervals suppose."""

import warnings
from dataclasses import dataclass

from scipy import special
from statsmodels.stats.stattools import durbin_watson, jarque_bera

from analytics_pipelines.datasets.statistics.finite import FloatArray, finite, scaled
from analytics_pipelines.datasets.statistics.inputs import PerfectCollinearity
from analytics_pipelines.datasets.statistics.least_squares import Design, Solution, unexplained

LEAST_FOR_NORMALITY = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualChecks:
    """Small p values speak against the assumption; None where the check can not be made."""

    jarque_bera: float | None = None
    jarque_bera_p_value: float | None = None
    """Of normal residuals."""
    skewness: float | None = None
    kurtosis: float | None = None
    """3 of a normal distribution."""
    breusch_pagan: float | None = None
    breusch_pagan_p_value: float | None = None
    """Of a spread that does not depend on the predictors; Koenker's form, which supposes no normality."""
    durbin_watson: float | None = None
    """2 where successive rows do not depend on each other; towards 0 they are alike, towards 4 they alternate."""
    largest_leverage: float
    """How far one row decides its own prediction: from 0 to 1."""
    largest_leverage_row: int
    """Which of the complete rows that is, counted from 1."""


def checks_of(design: Design, solution: Solution, *, is_exact: bool) -> ResidualChecks:
    """The checks; of an exact fit only the leverage, since its residuals are rounding."""
    leverage = float(solution.leverages.max())
    row = int(solution.leverages.argmax()) + 1
    if is_exact:
        return ResidualChecks(largest_leverage=leverage, largest_leverage_row=row)
    residuals = scaled(solution.residuals)[0]
    bera, bera_p, skewness, kurtosis = _normality(residuals)
    pagan, pagan_p = _equal_spread(design, residuals)
    return ResidualChecks(
        jarque_bera=bera,
        jarque_bera_p_value=bera_p,
        skewness=skewness,
        kurtosis=kurtosis,
        breusch_pagan=pagan,
        breusch_pagan_p_value=pagan_p,
        durbin_watson=finite(durbin_watson(residuals)),
        largest_leverage=leverage,
        largest_leverage_row=row,
    )


def _normality(residuals: FloatArray) -> tuple[float | None, ...]:
    if len(residuals) < LEAST_FOR_NORMALITY:
        return None, None, None, None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of residuals that are all the same, which give NaN
        return tuple(finite(each) for each in jarque_bera(residuals))


def _equal_spread(design: Design, residuals: FloatArray) -> tuple[float | None, float | None]:
    """Rows times R² of the squared residuals on the predictors, and its p value by chi square."""
    squares = scaled(residuals**2)[0]
    varied = float(((squares - squares.mean()) ** 2).sum())
    if varied == 0.0:
        return None, None
    try:
        left = unexplained(design.with_intercept(), squares)
    except PerfectCollinearity:
        return None, None
    count = len(design.columns) - design.has_intercept
    statistic = len(squares) * max(0.0, 1.0 - left / varied)
    return statistic, finite(special.chdtrc(count, statistic))
