"""What the forecast's parts hand to one another: a model, what fitting it gives, and a path ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ahead:
    """A path into the future, one entry a step: the middle of what is expected, and its standard deviation."""

    middle: Floats
    deviation: Floats

    def is_finite(self) -> bool:
        """Whether every entry is a number; a model that runs away is none."""
        return bool(np.isfinite(self.middle).all() and np.isfinite(self.deviation).all())


class Fitted(Protocol):
    """A model whose parameters are known."""

    @property
    def description(self) -> str:
        """Its form, for people."""

    def ahead(self, values: Floats, horizon: int) -> Ahead:
        """The path from the end of `values`, which may go on after those that it was fitted to."""


class Model(Protocol):
    """A way to forecast, before it has seen anything."""

    @property
    def name(self) -> str:
        """By which scores name it."""

    def fit(self, values: Floats, season: int) -> Fitted:
        """The model with its parameters; `season` in steps, 1 for none. Raises what statsmodels raises."""


def combined(paths: Sequence[Ahead]) -> Ahead:
    """The mean of several paths; its deviation is theirs on the mean, as if all erred together."""
    return Ahead(np.mean([each.middle for each in paths], axis=0), np.mean([each.deviation for each in paths], axis=0))
