"""Season out, model, season in again: for models that know none, and for seasons too long for those that do."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from statsmodels.tsa.seasonal import STL

from analytics_pipelines.datasets.forecast.model import Ahead, Fitted, Floats, Model

SEASONAL_SPAN = 13
"""Seasons that STL smooths over, odd: a season may change, slowly."""
SHORT, JUMPS = 24, 10
"""In seasons of more steps, the trend is smoothed at so many places of each and drawn straight between them, as R does;
at every step it would take minutes where there are 1,440 to a season."""


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A model of what is left when the season is taken out."""

    inner: Model

    @property
    def name(self) -> str:
        """That of the model inside."""
        return self.inner.name

    def fit(self, values: Floats, season: int) -> Fitted:
        """The model fitted to the adjusted values; as it is where there is no season."""
        if season == 1:
            return self.inner.fit(values, 1)
        return FittedAdjusted(self.inner.fit(values - season_of(values, season), 1), season)


@dataclass(frozen=True, slots=True)
class FittedAdjusted:
    """Carries the adjusted values on and repeats the newest season."""

    inner: Fitted
    season: int

    @property
    def description(self) -> str:
        """What is inside, and of what."""
        return f"{self.inner.description} of the seasonally adjusted series"

    def ahead(self, values: Floats, horizon: int) -> Ahead:
        """The model's path with the newest season laid over it."""
        seasonal = season_of(values, self.season)
        path = self.inner.ahead(values - seasonal, horizon)
        return Ahead(path.middle + seasonal[-self.season :][np.arange(horizon) % self.season], path.deviation)


def season_of(values: Floats, season: int) -> Floats:
    """The seasonal part of every value, by STL (Cleveland et al. 1990); `season` at least 2, two of them at least."""
    return decomposed(values.tobytes(), season)


@lru_cache(maxsize=4)
def decomposed(raw: bytes, season: int) -> Floats:
    """`season_of` of the values whose bytes are given; several models ask for the same one after the other."""
    jump = 1 if season <= SHORT else -(-season // JUMPS)
    parts = STL(np.frombuffer(raw), season, seasonal=SEASONAL_SPAN, trend_jump=jump, low_pass_jump=jump).fit()
    seasonal = np.asarray(parts.seasonal, dtype=np.float64)
    seasonal.flags.writeable = False
    return seasonal
