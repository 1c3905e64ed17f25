"""What a forecast is: points with intervals, what was tried, and what must be said of it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One step ahead; a number is None where it passes what a double can hold."""

    at: datetime
    value: float | None
    """The median of what is expected."""
    low_80: float | None
    high_80: float | None
    low_95: float | None
    high_95: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How one model did on values that it had not seen."""

    model: str
    mase: float | None
    """Mean absolute error in parts of that of the seasonal naive, one season ahead, within the values it had seen."""
    mae: float
    """In the unit of the values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """The models on the series' own past: fitted before the first window, carried on to the start of each."""

    windows: int
    horizon: int
    """Steps that were forecast from the start of each window."""
    scores: tuple[Score, ...]
    """Best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What comes next, and how far to trust it."""

    model: str
    description: str
    """The form of the model: `ETS(A,Ad,A)`, `ARIMA(1,1,0) of the seasonally adjusted series`."""
    is_naive: bool
    """Whether no model did better than repeating the last season, or the last value."""
    is_logarithmic: bool
    """Whether the model worked on logarithms; no interval then reaches below zero."""
    statement: str
    """Why this model, in a sentence."""
    step: str
    season_length: int
    """In steps; 1 means none."""
    is_season_found: bool
    """Found by itself, not asked for."""
    used: int
    """Steps of the series that the models saw, filled ones included."""
    filled: int
    """Those of them that had no value."""
    points: tuple[Point, ...]
    backtest: Backtest | None
    """None where the series is too short for one."""
    warnings: tuple[str, ...]
