"""Numbers as an answer may hold them."""

import math

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def finite(value: float | np.floating) -> float | None:
    """The number, or None where it is none: JSON knows neither NaN nor infinities."""
    number = float(value)
    return number if math.isfinite(number) else None


def scaled(values: FloatArray) -> tuple[FloatArray, int]:
    """The values over a power of two, at most 1 in size, and its exponent: exact, and no square of them overflows."""
    exponent = exponent_of(values)
    return np.ldexp(values, -exponent), exponent


def exponent_of(values: FloatArray) -> int:
    """Of the least power of two that is larger than all values."""
    return math.frexp(max(float(values.max(initial=0.0)), -float(values.min(initial=0.0))))[1]
