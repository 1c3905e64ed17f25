"""The scale that models work on: around zero, near one, and in logarithms where that makes the spread even."""

from dataclasses import dataclass

import numpy as np

from analytics_pipelines.datasets.forecast.model import Floats

LEAST_BLOCKS = 4
LEAST_RATIO = 1.5
"""Between the largest and the smallest value; below, a logarithm changes nothing."""
EVENER = 0.8
"""A logarithm is taken if the spread from block to block is then at most so uneven, in parts of before."""
BLOCK = 8
"""Steps in a block where there is no season."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A mapping that has an inverse; models see only mapped values, people only unmapped ones."""

    is_logarithmic: bool
    centre: float
    spread: float

    def into(self, values: Floats) -> Floats:
        """Values as models see them."""
        return ((np.log(values) if self.is_logarithmic else values) - self.centre) / self.spread

    def out_of(self, mapped: Floats) -> Floats:
        """Values as people see them; infinite where they pass what a double can hold."""
        with np.errstate(over="ignore", under="ignore"):
            values = mapped * self.spread + self.centre
            return np.exp(values) if self.is_logarithmic else values


AS_IT_IS = Scale(is_logarithmic=False, centre=0.0, spread=1.0)


def scale_of(values: Floats, season: int) -> Scale:
    """The scale for these values, which must be finite."""
    logarithmic = wants_logarithms(values, season)
    mapped = np.log(values) if logarithmic else values
    return Scale(logarithmic, float(mapped.mean()), float(mapped.std()) or 1.0)


def wants_logarithms(values: Floats, season: int) -> bool:
    """Whether the spread within blocks grows with their level, after Guerrero (1993) for powers 0 and 1 alone."""
    span = season if season > 1 else BLOCK
    count = values.size // span
    if count < LEAST_BLOCKS or values.min() <= 0 or values.max() < LEAST_RATIO * values.min():
        return False
    blocks = values[-count * span :].reshape(count, span)
    spreads = blocks.std(axis=1) if season > 1 else np.abs(np.diff(blocks, axis=1)).mean(axis=1)
    if not spreads.all():
        return False
    return unevenness(spreads / blocks.mean(axis=1)) < EVENER * unevenness(spreads)


def unevenness(spreads: Floats) -> float:
    """Standard deviation in parts of the mean."""
    return float(spreads.std() / spreads.mean())
