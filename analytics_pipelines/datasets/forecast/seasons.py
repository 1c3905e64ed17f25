"""Whether a series repeats, and after how many steps: a season must foretell seasons that it has not seen."""

from collections.abc import Iterable

import numpy as np

from analytics_pipelines.datasets.forecast.model import Floats

LEAST_SHARE = 0.1
CHANCE = 1.5
"""How much more a season must foretell where few values could do so by chance."""


def found_season(values: Floats, candidates: Iterable[int]) -> int:
    """The candidate that foretells most of what is left beside the trend; 1 where none does.

    A candidate needs two whole seasons. Where a longer one foretells as much as a shorter one, the shorter is taken.
    """
    best, most = 1, 0.0
    for season in sorted(candidates):
        if season > 1 and values.size >= 2 * season:
            cycles = without_trend(values, season)
            share = foretold(cycles)
            if share > threshold(cycles) and share > most + LEAST_SHARE / 2:
                best, most = season, share
    return best


def without_trend(values: Floats, season: int) -> Floats:
    """Whole seasons, one a row, less a centred moving average; with fewer than three seasons less a straight line."""
    if values.size < 3 * season:
        used = values[-2 * season :]
        steps = np.arange(used.size)
        rest = used - np.polyval(np.polyfit(steps, used, 1), steps)
    else:
        weights = np.full(season, 1 / season) if season % 2 else np.r_[0.5, np.ones(season - 1), 0.5] / season
        half = weights.size // 2
        rest = values[half : values.size - half] - np.convolve(values, weights, mode="valid")
    cycles = rest.size // season
    return rest[-cycles * season :].reshape(cycles, season)


def foretold(cycles: Floats) -> float:
    """The share of the squares that the mean of all other seasons foretells; at most 1, below 0 where it misleads."""
    centred = cycles - cycles.mean(axis=1, keepdims=True)
    squares = float((centred**2).sum())
    if squares == 0 or len(cycles) == 1:
        return 0.0
    others = (centred.sum(axis=0) - centred) / (len(cycles) - 1)
    return 1 - float(((centred - others) ** 2).sum()) / squares


def threshold(cycles: Floats) -> float:
    """What must be foretold for it to be no chance."""
    return LEAST_SHARE + CHANCE / float(np.sqrt(cycles.size))
