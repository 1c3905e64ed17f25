"""The entrance: a series carried on by whichever model foretold its own past best."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from scipy.stats import t as student

from analytics_pipelines.datasets.forecast.choose import Chosen, choose
from analytics_pipelines.datasets.forecast.model import Floats
from analytics_pipelines.datasets.forecast.regular import Regular, filled, regular
from analytics_pipelines.datasets.forecast.result import Backtest, Forecast, Point
from analytics_pipelines.datasets.forecast.seasons import found_season
from analytics_pipelines.foundation.errors import BadInput

USED_STEPS = 1000
USED_SEASONS = 5
"""The newest steps that models see: so many, or so many seasons if that is more."""
LEVELS = (0.80, 0.95)


class SeasonTooLong(BadInput):
    """The season asked for does not fit twice into the series."""

    title = "The season is too long"


def forecast(
    at: Sequence[datetime], values: Floats, *, horizon: int, season_length: int | None = None, step: str | None = None
) -> Forecast:
    """The next `horizon` steps, in the unit of `values`, with intervals of 80 and 95 %.

    `at` rises; NaN and steps without a row are filled and counted. `step` names the bucket (`day`, `month`…) that the
    times begin, `season_length` is in steps; both are found where they are None. The same series gives the same
    numbers. Raises `TooFewPoints`, `ValuesNotFinite`, `TimesNotRising`, `IrregularTimes`, `TooManyGaps`,
    `SeasonTooLong` and `TooFarAhead`.
    """
    series = regular(at, np.asarray(values, dtype=np.float64), step)
    exponent = exponent_of(series.values)
    scaled = np.ldexp(series.values, -exponent)
    season = season_for(series, scaled, season_length)
    used = scaled[-max(USED_STEPS, USED_SEASONS * season) :]
    whole = filled(used, season)
    chosen = choose(whole, season, horizon)
    times = series.step.after(series.moments, horizon)
    points = points_of(chosen, times, exponent, degrees=max(2, used.size - 2))
    return Forecast(
        model=chosen.model,
        description=chosen.description,
        is_naive=chosen.is_naive,
        is_logarithmic=chosen.scale.is_logarithmic,
        statement=chosen.statement,
        step=series.step.name,
        season_length=season,
        is_season_found=season_length is None and season > 1,
        used=used.size,
        filled=int(np.isnan(used).sum()),
        points=points,
        backtest=unscaled(chosen.backtest, exponent),
        warnings=(*series.warnings, *chosen.warnings, *told_of(series, used, points, season_length)),
    )


def exponent_of(values: Floats) -> int:
    """The power of two next above the largest value; dividing by it loses nothing and nothing overflows."""
    return int(np.frexp(np.nanmax(np.abs(values)))[1])


def season_for(series: Regular, values: Floats, asked: int | None) -> int:
    """The season asked for, else the one that the values show; raises `SeasonTooLong`."""
    if asked is None:
        return found_season(filled(values, 1), series.step.seasons)
    if asked > 1 and 2 * asked > values.size:
        raise SeasonTooLong(
            f"A season of {asked:,} steps needs {2 * asked:,} of them, and there are {values.size:,}.",
            remedy="Give a shorter season, or 1 for none.",
        )
    return asked


def points_of(chosen: Chosen, times: list[datetime], exponent: int, degrees: int) -> tuple[Point, ...]:
    """The path and its intervals as people see them, one point a time."""
    bounds = [chosen.path.middle]
    for level in LEVELS:
        reach = float(student.ppf((1 + level) / 2, degrees)) * chosen.path.deviation
        bounds += [chosen.path.middle - reach, chosen.path.middle + reach]
    with np.errstate(over="ignore"):
        columns = [np.ldexp(chosen.scale.out_of(each), exponent) for each in bounds]
    return tuple(
        Point(at=at, value=value, low_80=low_80, high_80=high_80, low_95=low_95, high_95=high_95)
        for at, value, low_80, high_80, low_95, high_95 in zip(times, *map(numbers, columns), strict=True)
    )


def numbers(values: Floats) -> list[float | None]:
    """Plain numbers; None for what is not finite."""
    return [value if np.isfinite(value) else None for value in values.tolist()]


def unscaled(backtest: Backtest | None, exponent: int) -> Backtest | None:
    """The backtest with errors in the unit of the values."""
    if backtest is None:
        return None
    with np.errstate(over="ignore"):
        scores = [replace(each, mae=float(np.ldexp(each.mae, exponent))) for each in backtest.scores]
    return replace(backtest, scores=tuple(scores))


def told_of(series: Regular, used: Floats, points: tuple[Point, ...], asked: int | None) -> list[str]:
    """What a reader must know of the series and of the intervals."""
    found = []
    missing = int(np.isnan(used).sum())
    if used.size < series.values.size:
        found.append(f"Only the newest {used.size:,} of {series.values.size:,} steps were used.")
    if missing:
        found.append(f"{missing:,} of {used.size:,} steps had no value and were filled from their neighbours.")
    if asked is None and series.step.seasons and used.size < 2 * min(series.step.seasons):
        found.append(f"The series is too short to tell whether it repeats every {min(series.step.seasons)} steps.")
    if len(points) > used.size:
        found.append("The horizon is longer than the series.")
    if np.nanmin(used) >= 0 and any(each.low_95 is not None and each.low_95 < 0 for each in points):
        found.append("Intervals reach below zero, though no value does.")
    if any(None in (each.value, each.low_95, each.high_95) for each in points):
        found.append("Some numbers are too large to be written and are left out.")
    return found
