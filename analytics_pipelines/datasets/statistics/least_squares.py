"""Least squares to the digits that double precision allows.

Columns are scaled by powers of two, factored by Householder's QR a block of rows at a time, and the solution is
refined with residuals in extended precision (Björck, Numerical Methods for Least Squares Problems, 1996, 2.9). The
normal equations are never formed: they, and `OLS(method="qr")` of statsmodels for its standard errors, square the
condition number, which leaves no digit of NIST's Filip.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from analytics_pipelines.datasets.statistics.finite import FloatArray, exponent_of
from analytics_pipelines.datasets.statistics.inputs import PerfectCollinearity

Wide = NDArray[np.longdouble]
INTERCEPT = "intercept"
BLOCK_ROWS = 16_384
MOST_REFINEMENTS = 3
NEGLIGIBLE = 2.0**-54
LEAST_INDEPENDENT = 1e-13
"""Share of a column that the columns before it leave unexplained; below it there is nothing but rounding."""
LEAST_PART = 1e-6
"""Share of a column from which on another one is named as a part of it."""


@dataclass(frozen=True, slots=True)
class Design:
    """The columns of a regression, as they are, and the powers of two that each is to be divided by.

    The intercept is the first of them.
    """

    names: tuple[str, ...]
    columns: tuple[FloatArray, ...]
    exponents: tuple[int, ...]
    has_intercept: bool

    @classmethod
    def of(cls, predictors: Mapping[str, FloatArray], *, has_intercept: bool) -> "Design":
        """Of predictors of one length, as they are."""
        columns = tuple(predictors.values())
        plain = cls(tuple(predictors), columns, tuple(exponent_of(each) for each in columns), has_intercept=False)
        return plain.with_intercept() if has_intercept else plain

    def with_intercept(self) -> "Design":
        """The same with a column of ones before it, if it has none."""
        if self.has_intercept:
            return self
        ones = np.ones(len(self.columns[0]))
        return Design((INTERCEPT, *self.names), (ones, *self.columns), (0, *self.exponents), has_intercept=True)

    def blocks(self) -> Iterator[tuple[slice, FloatArray]]:
        """Rows of the scaled matrix, of which no whole copy is made."""
        down = np.negative(self.exponents)
        for start in range(0, len(self.columns[0]), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            yield rows, np.ldexp(np.column_stack([each[rows] for each in self.columns]), down)


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """Of the scaled columns; the diagonal of (X'X)⁻¹ is `variances`."""

    estimates: FloatArray
    variances: FloatArray
    residuals: FloatArray
    squares: float
    """Sum of the residuals' squares."""
    leverages: FloatArray
    condition_number: float
    """Of columns of length one (Belsley, Kuh and Welsch 1980): how much errors of the data grow at most."""


def solve(design: Design, y: FloatArray) -> Solution:
    """The estimates with the least squares; `y` at most 1 in size. Raises `PerfectCollinearity`."""
    factor, projected, _ = _factored(design, y)
    lengths = np.linalg.norm(factor, axis=0)
    estimates, residuals = _refined(design, y, factor, solve_triangular(factor, projected))
    inverse = solve_triangular(factor, np.eye(len(lengths)))
    return Solution(
        estimates=estimates.astype(np.float64),
        variances=(inverse**2).sum(axis=1),
        residuals=residuals.astype(np.float64),
        squares=float(np.dot(residuals, residuals)),
        leverages=_leverages(design, factor),
        condition_number=float(np.linalg.cond(factor / lengths)),
    )


def unexplained(design: Design, y: FloatArray) -> float:
    """Sum of squares that the least squares leave, not refined. Raises `PerfectCollinearity`."""
    return _factored(design, y)[2] ** 2


def _factored(design: Design, y: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """R, Q'y and the length of the rest of y, from the QR of each block under the R so far."""
    count = len(design.columns)
    upper = np.empty((0, count + 1))
    for rows, block in design.blocks():
        upper = np.asarray(np.linalg.qr(np.vstack([upper, np.column_stack([block, y[rows]])]), mode="r"))
    factor = upper[:count, :count]
    _check_independent(design.names, factor, np.linalg.norm(factor, axis=0))
    return factor, upper[:count, count], float(upper[count, count])


def _check_independent(names: tuple[str, ...], factor: FloatArray, lengths: FloatArray) -> None:
    for place, length in enumerate(lengths):
        if abs(factor[place, place]) > LEAST_INDEPENDENT * length:
            continue
        before = solve_triangular(factor[:place, :place], factor[:place, place]) if place else np.empty(0)
        parts = np.abs(before) * lengths[:place] > LEAST_PART * length
        others = ", ".join(f'"{name}"' for name, is_part in zip(names[:place], parts, strict=True) if is_part)
        raise PerfectCollinearity(
            f'"{names[place]}" is a combination of {others or "the columns before it"}.',
            remedy="Leave one of them out: the rest predicts as well without it.",
        )


def _refined(design: Design, y: FloatArray, factor: FloatArray, start: FloatArray) -> tuple[Wide, Wide]:
    """Estimates and residuals after corrections by R'R d = X'r, until they are below what a double holds."""
    estimates = start.astype(np.longdouble)
    residuals, gradient = _residuals(design, y, estimates)
    for _ in range(MOST_REFINEMENTS):
        half = solve_triangular(factor, gradient.astype(np.float64), trans="T")
        correction = solve_triangular(factor, half)
        if np.all(np.abs(correction) <= NEGLIGIBLE * np.abs(estimates)):
            break
        estimates = estimates + correction
        residuals, gradient = _residuals(design, y, estimates)
    return estimates, residuals


def _residuals(design: Design, y: FloatArray, estimates: Wide) -> tuple[Wide, Wide]:
    """What remains, r = y - Xb, and X'r."""
    residuals = np.empty(len(y), dtype=np.longdouble)
    gradient = np.zeros(len(estimates), dtype=np.longdouble)
    for rows, block in design.blocks():
        wide = block.astype(np.longdouble)
        residuals[rows] = y[rows] - wide @ estimates
        gradient += wide.T @ residuals[rows]
    return residuals, gradient


def _leverages(design: Design, factor: FloatArray) -> FloatArray:
    """The diagonal of the hat matrix: how far each row decides its own prediction, 0 to 1."""
    parts = [(solve_triangular(factor, block.T, trans="T") ** 2).sum(axis=0) for _, block in design.blocks()]
    return np.concatenate(parts)
