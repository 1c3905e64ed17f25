"""How strongly two columns go together."""

import math
from dataclasses import dataclass
from itertools import permutations
from typing import cast

import numpy as np
from scipy import special, stats

from analytics_pipelines.datasets.plan.model import Method
from analytics_pipelines.datasets.statistics.finite import FloatArray, finite, scaled
from analytics_pipelines.datasets.statistics.inputs import check_finite, check_rows, check_varies

LEAST_ROWS = 3
FEW_ROWS = 30
MOST_ORDERED = 8
"""Rows of which all orders are tried: 40,320."""
ROUNDING = 1e-15
Z_95 = 1.959963984540054
"""The normal distribution's 97.5 % point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """From -1 (one falls as the other rises) over 0 to 1; None where too few rows leave something open."""

    method: Method
    coefficient: float
    p_value: float | None
    """Two-sided, of no association at all."""
    lower_95: float | None
    upper_95: float | None
    n: int
    warnings: tuple[str, ...] = ()


def correlate(x: FloatArray, y: FloatArray, method: Method, *, names: tuple[str, str] = ("x", "y")) -> Correlation:
    """The correlation of two columns of complete rows, with its p value and 95 % interval.

    Intervals by Fisher's z, with the variance of Bonett and Wright (2000) for Spearman's and of Fieller, Hartley and
    Pearson (1957) for Kendall's tau-b; none of ranks in perfect order. Raises `NotFinite`, `TooFewRows` below three and
    `ConstantColumn`.
    """
    columns = {names[0]: x, names[1]: y}
    check_rows(len(x), LEAST_ROWS, "A correlation")
    check_finite(columns)
    check_varies(columns)
    coefficient, p_value = _measured(x, y, method)
    lower, upper = _interval(coefficient, len(x), method)
    return Correlation(
        method=method,
        coefficient=coefficient,
        p_value=finite(p_value),
        lower_95=lower,
        upper_95=upper,
        n=len(x),
        warnings=_warnings(len(x), method),
    )


def _measured(x: FloatArray, y: FloatArray, method: Method) -> tuple[float, float]:
    """The coefficient and its p value."""
    if method is Method.KENDALL:
        tau, p_value = stats.kendalltau(x, y)
        return _whole(float(tau)), float(p_value)
    if method is Method.SPEARMAN:
        x, y = _ranks(x), _ranks(y)
        r = _pearson(x, y)
        return r, _p_of_ranks(x, y, r)
    r = _pearson(x, y)
    return r, _p_of_t(r, len(x))


def _whole(coefficient: float) -> float:
    """Exactly one where only rounding is missing."""
    return math.copysign(1.0, coefficient) if 1.0 - abs(coefficient) < ROUNDING else coefficient


def _ranks(values: FloatArray) -> FloatArray:
    return cast(FloatArray, stats.rankdata(values).astype(np.float64))


def _pearson(x: FloatArray, y: FloatArray) -> float:
    """Of centred columns of length one, in extended precision where the machine has it, so that no digits cancel."""
    return max(-1.0, min(1.0, float(np.dot(_direction(x), _direction(y)))))


def _direction(values: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.longdouble]]:
    wide = scaled(values)[0].astype(np.longdouble)
    centred = wide - wide.mean()
    length = np.sqrt(np.dot(centred, centred))
    return cast("np.ndarray[tuple[int], np.dtype[np.longdouble]]", centred / length)


def _p_of_t(r: float, n: int) -> float:
    """Two-sided, by Student's t with n - 2 degrees of freedom; exact for normal columns."""
    if abs(r) == 1.0:
        return 0.0
    t = r * math.sqrt((n - 2) / ((1.0 - r) * (1.0 + r)))
    return float(2.0 * special.stdtr(n - 2, -abs(t)))


def _p_of_ranks(x: FloatArray, y: FloatArray, r: float) -> float:
    """Two-sided: of few ranks by all orders that they can have, else by t, but never below that of the rarest order."""
    n = len(x)
    if n > MOST_ORDERED:
        return max(_p_of_t(r, n), 2.0 * math.exp(-math.lgamma(n + 1.0)))
    one, other = 2.0 * x - (n + 1.0), 2.0 * y - (n + 1.0)  # whole numbers, whose sums are exact
    products = np.array(list(permutations(other.tolist()))) @ one
    return float((np.abs(products) >= abs(float(one @ other))).mean())


def _interval(r: float, n: int, method: Method) -> tuple[float | None, float | None]:
    spare = n - (4 if method is Method.KENDALL else 3)
    if spare < 1:
        return None, None
    if abs(r) == 1.0:
        return (r, r) if method is Method.PEARSON else (None, None)
    factors = {Method.PEARSON: 1.0, Method.SPEARMAN: 1.0 + r * r / 2.0, Method.KENDALL: 0.437}
    width = Z_95 * math.sqrt(factors[method] / spare)
    return math.tanh(math.atanh(r) - width), math.tanh(math.atanh(r) + width)


def _warnings(n: int, method: Method) -> tuple[str, ...]:
    if n >= FEW_ROWS:
        return ()
    trust = "the interval assumes normal columns" if method is Method.PEARSON else "p value and interval are rough"
    return (f"Only {n} complete rows: {trust}.",)
