"""Which numeric columns say nearly the same, found before a regression stumbles over them."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

MOST_ROWS = 20_000
MOST_COLUMNS = 200
LEAST_ROWS = 3
NEARLY_ONE = 0.98
Matrix = NDArray[np.float64]


def collinear(columns: Mapping[str, pa.Array]) -> dict[str, tuple[str, ...]]:
    """For each numeric column the others with |r| above 0.98, over the rows that have both.

    At most `MOST_ROWS` rows, evenly spaced, are looked at, and none of more than `MOST_COLUMNS` columns; infinities
    count as missing.
    """
    names = list(columns)
    if not 1 < len(names) <= MOST_COLUMNS:
        return dict.fromkeys(names, ())
    related = np.abs(correlations(np.stack([_sampled(column) for column in columns.values()], axis=1))) > NEARLY_ONE
    np.fill_diagonal(related, val=False)
    return {name: tuple(names[each] for each in np.flatnonzero(related[place])) for place, name in enumerate(names)}


def _sampled(column: pa.Array) -> Matrix:
    rows = np.unique(np.linspace(0, len(column) - 1, min(len(column), MOST_ROWS)).astype(np.int64))
    chosen = pc.cast(column.take(pa.array(rows)), pa.float64(), safe=False)
    numbers: Matrix = chosen.to_numpy(zero_copy_only=False).copy()
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def correlations(rows: Matrix) -> Matrix:
    """Pearson's r of each pair of columns over the rows without NaN in either; 0 where there is none.

    Columns are centred and scaled first, so that the sums of products lose few digits.
    """
    with np.errstate(all="ignore"):
        there = ~np.isnan(rows)
        scaled = np.where(there, rows, 0.0)
        largest = np.max(np.abs(scaled), axis=0, initial=0.0)
        scaled = scaled / np.where(largest > 0, largest, 1.0)
        centre = scaled.sum(axis=0) / np.maximum(there.sum(axis=0), 1)
        scaled = np.where(there, scaled - centre, 0.0)
        both = there.astype(np.float64)
        count = both.T @ both
        sums, squares, products = scaled.T @ both, (scaled**2).T @ both, scaled.T @ scaled
        spread = squares - sums**2 / count
        r = (products - sums * sums.T / count) / np.sqrt(spread * spread.T)
    certain = (count >= LEAST_ROWS) & (spread > 1e-12 * squares) & (spread.T > 1e-12 * squares.T)
    return np.where(certain & np.isfinite(r), r, 0.0)
