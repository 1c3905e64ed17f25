"""Models tried on the series' own past, from several origins, as they will be used: the same distance ahead."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analytics_pipelines.datasets.forecast.adjusted import Adjusted
from analytics_pipelines.datasets.forecast.arima import Arima
from analytics_pipelines.datasets.forecast.model import Ahead, Fitted, Floats, Model, combined
from analytics_pipelines.datasets.forecast.naive import Drift, Naive, SeasonalNaive, spread_of
from analytics_pipelines.datasets.forecast.scale import Scale
from analytics_pipelines.datasets.forecast.smoothing import LONGEST_SEASON, Smoothing, Theta

COMBINATION = "combination"
MEMBERS = (Smoothing.name, Theta.name, Arima.name)
LEAST_SMOOTHED = 8
"""Values below which smoothing has more parameters than it could learn."""
LEAST_ARIMA, MOST_ARIMA = 20, 2000
MOST_WINDOWS = 10
TRUST = 2
"""Windows that the models' own deviations weigh in the mending of their intervals."""
FAILURES = (ValueError, np.linalg.LinAlgError, FloatingPointError, ZeroDivisionError, IndexError)
"""What statsmodels raises over a series that a model can not take."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Where backtests begin, as counts of values before them, and how far they look."""

    origins: tuple[int, ...]
    horizon: int


@dataclass(frozen=True, slots=True)
class Trial:
    """Errors of one model, a row a window: in the unit of the values, and as models see them."""

    errors: Floats
    mapped: Floats

    def widened(self, path: Ahead) -> Ahead:
        """The path with deviations stretched to cover what the model's errors were; they never shrink.

        Each window counts as one look, since its errors go together.
        """
        windows, horizon = self.mapped.shape
        seen, said = spread_of(self.mapped), spread_of(path.deviation[:horizon])
        if said == 0:
            return Ahead(path.middle, np.full(path.middle.size, seen))
        squares = (TRUST + windows * (seen / said) ** 2) / (TRUST + windows)
        return Ahead(path.middle, path.deviation * max(1.0, float(np.sqrt(squares))))


def models_for(count: int, season: int) -> tuple[Model, ...]:
    """Those that `count` values can teach, cheapest first."""
    found: list[Model] = [SeasonalNaive()] if season > 1 else []
    found += [Naive(), Drift()]
    if count >= LEAST_SMOOTHED:
        has_room = season <= LONGEST_SEASON and count >= 2 * season + LEAST_SMOOTHED
        found += [Smoothing() if has_room else Adjusted(Smoothing()), Adjusted(Theta())]
    if LEAST_ARIMA <= count <= MOST_ARIMA:
        found.append(Adjusted(Arima()))
    return tuple(found)


def windows_of(count: int, horizon: int, season: int) -> Windows | None:
    """At most `MOST_WINDOWS` of them in the newer half; shorter than `horizon` where there is no room for that.

    None where models would have fewer than two seasons, or four values, to learn from.
    """
    first = max(count // 2, 2 * season, 4)
    room = count - first
    if room < 1:
        return None
    ahead = min(horizon, max(1, room // 2))
    number = min(MOST_WINDOWS, room - ahead + 1)
    apart = min(ahead, (room - ahead) // (number - 1)) if number > 1 else 0
    return Windows(tuple(count - ahead - apart * back for back in reversed(range(number))), ahead)


def fitted(models: tuple[Model, ...], values: Floats, season: int) -> dict[str, Fitted]:
    """Those that could be fitted, by name."""
    found: dict[str, Fitted] = {}
    for model in models:
        with quiet():
            try:
                found[model.name] = model.fit(values, season)
            except FAILURES:
                continue
    return found


def paths(fits: Mapping[str, Fitted], values: Floats, horizon: int) -> dict[str, Ahead]:
    """The path of each model from the end of `values`, and their combination; who runs away is left out."""
    found: dict[str, Ahead] = {}
    for name, fit in fits.items():
        with quiet():
            try:
                path = fit.ahead(values, horizon)
            except FAILURES:
                continue
        if path.is_finite():
            found[name] = path
    members = [found[name] for name in MEMBERS if name in found]
    return found | ({COMBINATION: combined(members)} if len(members) > 1 else {})


def trials(values: Floats, scale: Scale, windows: Windows, season: int) -> dict[str, Trial]:
    """Each model that came through every window, by name. `values` are mapped; errors are not."""
    fits = fitted(models_for(windows.origins[0], season), values[: windows.origins[0]], season)
    seen = [paths(fits, values[:origin], windows.horizon) for origin in windows.origins]
    names = [name for name in [*fits, COMBINATION] if all(name in each for each in seen)]
    truth = [values[origin : origin + windows.horizon] for origin in windows.origins]
    return {name: trial([each[name] for each in seen], truth, scale) for name in names}


def trial(found: list[Ahead], truth: list[Floats], scale: Scale) -> Trial:
    """One model's errors over the windows."""
    pairs = list(zip(found, truth, strict=True))
    errors = [scale.out_of(real) - scale.out_of(path.middle) for path, real in pairs]
    return Trial(np.asarray(errors), np.asarray([real - path.middle for path, real in pairs]))


def quiet() -> "warnings.catch_warnings[None]":
    """Within it, what statsmodels says of its own search is not heard: the backtest judges the outcome."""
    return warnings.catch_warnings(action="ignore")
