"""The line of a regression with one predictor, for drawing."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from analytics_pipelines.datasets.statistics.finite import FloatArray, scaled
from analytics_pipelines.datasets.statistics.regression import Regression

STEPS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedLine:
    """Predicted means and their 95 % band at evenly spaced `x`."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]


def fitted_line(regression: Regression, x: FloatArray) -> FittedLine | None:
    """The line from the least to the largest of `x`, the predictor's values; None of several predictors.

    None too where a number of it is beyond what a double holds.
    """
    slopes = [each.estimate for each in regression.coefficients if not each.is_intercept]
    offset = next((each.estimate for each in regression.coefficients if each.is_intercept), 0.0)
    if len(slopes) != 1 or slopes[0] is None or offset is None or regression.residual_standard_error is None:
        return None
    at = np.linspace(x.min(), x.max(), STEPS + 1)
    with np.errstate(over="ignore", invalid="ignore"):
        y = offset + slopes[0] * at
        width = special.stdtrit(regression.degrees_of_freedom, 0.975) * _error(regression, x, at)
        parts = [at, y, y - width, y + width]
    if not all(np.isfinite(each).all() for each in parts):
        return None
    return FittedLine(**{name: tuple(part.tolist()) for name, part in zip(FittedLine.__slots__, parts, strict=True)})


def _error(regression: Regression, x: FloatArray, at: FloatArray) -> FloatArray:
    """Standard error of the predicted mean."""
    over, exponent = scaled(x)
    has_intercept = any(each.is_intercept for each in regression.coefficients)
    middle = over.mean() if has_intercept else 0.0
    distance = np.ldexp(at, -exponent) - middle
    share = distance**2 / ((over - middle) ** 2).sum() + (1.0 / len(x) if has_intercept else 0.0)
    return np.asarray((regression.residual_standard_error or 0.0) * np.sqrt(share))
