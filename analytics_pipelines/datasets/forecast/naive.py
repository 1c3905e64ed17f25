"""Forecasts that need no model, by which all others are measured.

Deviations grow as for a random walk: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 5.5.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from analytics_pipelines.datasets.forecast.model import Ahead, Floats


def spread_of(errors: Floats) -> float:
    """Root of the mean square; zero where there is no error to look at."""
    return float(np.sqrt(np.mean(errors**2))) if errors.size else 0.0


@dataclass(frozen=True, slots=True)
class Naive:
    """The last value, again and again."""

    name: ClassVar[str] = "naive"
    description: str = "the last value, repeated"

    def fit(self, values: Floats, season: int) -> "Naive":  # noqa: ARG002 - a model's shape; there is nothing to fit
        """Itself."""
        return self

    def ahead(self, values: Floats, horizon: int) -> Ahead:
        """The last value; the deviation grows with the root of the distance."""
        steps = np.arange(1, horizon + 1)
        return Ahead(np.full(horizon, values[-1]), spread_of(np.diff(values)) * np.sqrt(steps))


@dataclass(frozen=True, slots=True)
class SeasonalNaive:
    """The last season, again and again."""

    season: int = 1
    name: ClassVar[str] = "seasonal_naive"
    description: str = "the last season, repeated"

    def fit(self, values: Floats, season: int) -> "SeasonalNaive":  # noqa: ARG002 - a model's shape
        """The same for that season."""
        return SeasonalNaive(season)

    def ahead(self, values: Floats, horizon: int) -> Ahead:
        """The last season; the deviation grows from season to season."""
        steps = np.arange(horizon)
        last = values[-self.season :]
        spread = spread_of(values[self.season :] - values[: -self.season])
        return Ahead(last[steps % self.season], spread * np.sqrt(steps // self.season + 1.0))


@dataclass(frozen=True, slots=True)
class Drift:
    """The straight line from the first value through the last."""

    name: ClassVar[str] = "drift"
    description: str = "the line from the first value through the last"

    def fit(self, values: Floats, season: int) -> "Drift":  # noqa: ARG002 - a model's shape; there is nothing to fit
        """Itself."""
        return self

    def ahead(self, values: Floats, horizon: int) -> Ahead:
        """The line; its slope is uncertain too, so the deviation grows faster than that of the last value."""
        steps = np.arange(1, horizon + 1)
        moves = values.size - 1
        slope = (values[-1] - values[0]) / moves
        spread = spread_of(np.diff(values) - slope)
        return Ahead(values[-1] + slope * steps, spread * np.sqrt(steps * (1 + steps / moves)))
