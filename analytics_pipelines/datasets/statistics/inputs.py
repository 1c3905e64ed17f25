"""What statistics refuse to compute, and why: rows must be complete, finite, enough, and differ."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from analytics_pipelines.datasets.statistics.finite import FloatArray
from analytics_pipelines.foundation.errors import BadInput


class NotFinite(BadInput):
    """A column holds infinite values, of which no statistic can be made."""

    title: ClassVar[str] = "The data holds infinite values"


class TooFewRows(BadInput):
    """Fewer complete rows than the statistic needs."""

    title: ClassVar[str] = "There are too few complete rows"


class ConstantColumn(BadInput):
    """A column has the same value in every row, so that nothing depends on it."""

    title: ClassVar[str] = "A column does not vary"


class PerfectCollinearity(BadInput):
    """A predictor is a combination of others, so that their parts can not be told from each other."""

    title: ClassVar[str] = "Predictors determine each other"


def check_finite(columns: Mapping[str, FloatArray]) -> None:
    """Raise `NotFinite` naming the first column with an infinite or missing value."""
    for name, values in columns.items():
        strange = int(values.size - np.isfinite(values).sum())
        if strange:
            raise NotFinite(
                f'"{name}" holds {strange:,} infinite values.',
                remedy="Leave them out by a filter, such as a `between` of the values that make sense.",
            )


def check_rows(n: int, least: int, purpose: str) -> None:
    """Raise `TooFewRows` unless there are `least` complete rows."""
    if n < least:
        raise TooFewRows(
            f"{purpose} needs at least {least} rows without missing values; there are {n}.",
            remedy="Loosen the filters, or choose columns with fewer missing values.",
        )


def check_varies(columns: Mapping[str, FloatArray]) -> None:
    """Raise `ConstantColumn` naming the first column whose values are all the same."""
    for name, values in columns.items():
        if is_constant(values):
            raise ConstantColumn(
                f'"{name}" is {float(values[0]):g} in all {values.size:,} rows.',
                remedy="Choose another column, or loosen the filters.",
            )


def is_constant(values: FloatArray) -> bool:
    """Whether all values are the same; compared, since differences can overflow or vanish."""
    return bool(values.min() == values.max())
