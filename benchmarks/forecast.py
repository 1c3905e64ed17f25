"""How well forecasts foretell published series, beside the seasonal naive, Holt-Winters, Theta and ARIMA alone.

The newest values of every series are held out, from up to four origins, one horizon apart. An error is the mean
absolute one in parts of that of the seasonal naive within the values before the origin (MASE, Hyndman and Koehler
2006); a series' figure is the mean over its origins. Contenders are statsmodels' own models as one would call them.
Coverage is the share of held-out values within the intervals. Seconds are the processor's, of all threads together.
"""

import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.holtwinters import ExponentialSmoothing

from analytics_pipelines.datasets.forecast.choose import naive_error
from analytics_pipelines.datasets.forecast.forecast import forecast
from analytics_pipelines.datasets.forecast.regular import filled
from analytics_pipelines.datasets.forecast.result import Forecast
from analytics_pipelines.foundation.workers.environment import ONE_THREAD
from benchmarks.forecast_series import Series, published
from benchmarks.harness import Report

Values = npt.NDArray[np.float64]
LONGEST_ARIMA_SEASON = 12
POINTS = 500
GOALS = {
    "median_mase_to_seasonal_naive_ratio": "<= 0.9",
    "better_than_seasonal_naive_share": ">= 0.7",
    "coverage_80": ">= 0.72",
    "coverage_95": ">= 0.87",
    "seconds_500_points": "<= 3.0",
}


def main() -> None:
    """Errors of all contenders, a line a series, then the figures."""
    report = Report("forecast", GOALS)
    errors: dict[str, list[float]] = {name: [] for name in ("forecast", *CONTENDERS)}
    within: list[tuple[int, int, int]] = []
    table = Table("series", *errors, "model", box=None)
    for series in published():
        made = [ours(series, origin) for origin in series.origins]
        found = {"forecast": mase(series, [middle(each) for each in made])}
        found |= {name: mase(series, asked(contender, series)) for name, contender in CONTENDERS.items()}
        within += [covered(series, origin, each) for origin, each in zip(series.origins, made, strict=True)]
        for name, error in found.items():
            errors[name].append(error)
        table.add_row(series.name, *(f"{error:.2f}" for error in found.values()), made[-1].model)
    Console(width=140).print(table)
    for name, each in errors.items():
        report.figures[f"{name}_median_mase"] = statistics.median(each)
    pairs = list(zip(errors["forecast"], errors["seasonal_naive"], strict=True))
    report.figures |= {
        "series": len(pairs),
        "median_mase_to_seasonal_naive_ratio": statistics.median(errors["forecast"])
        / statistics.median(errors["seasonal_naive"]),
        "better_than_seasonal_naive_share": sum(mine < naive for mine, naive in pairs) / len(pairs),
        "coverage_80": share(within, 1),
        "coverage_95": share(within, 2),
        "seconds_500_points": seconds_of(POINTS),
    }
    report.finish()


def ours(series: Series, origin: int) -> Forecast:
    """The forecast from `origin`, of what stands before it."""
    return forecast(series.at[:origin], series.values[:origin], horizon=series.horizon)


def middle(made: Forecast) -> Values:
    """What is expected, step by step."""
    return np.array([point.value for point in made.points], dtype=np.float64)


def asked(contender: Callable[[Values, int, int], Values], series: Series) -> list[Values]:
    """The contender's path from every origin; gaps are filled for it as they are for ours."""
    with warnings.catch_warnings(action="ignore"):
        return [
            contender(filled(series.values[:origin], series.season), series.season, series.horizon)
            for origin in series.origins
        ]


def mase(series: Series, paths: list[Values]) -> float:
    """The series' figure for one contender; what was not measured is not counted."""
    found = []
    for origin, path in zip(series.origins, paths, strict=True):
        known = filled(series.values[:origin], series.season)
        error = np.nanmean(np.abs(series.values[origin : origin + series.horizon] - path))
        found.append(float(error) / naive_error(known, series.season))
    return statistics.mean(found)


def covered(series: Series, origin: int, made: Forecast) -> tuple[int, int, int]:
    """How many values were held out and measured, and how many lie within 80 and 95 %."""
    truth = series.values[origin : origin + series.horizon]
    bounds = np.array([(each.low_80, each.high_80, each.low_95, each.high_95) for each in made.points], dtype=float).T
    known = int((~np.isnan(truth)).sum())
    within_80, within_95 = (int(((truth >= bounds[at]) & (truth <= bounds[at + 1])).sum()) for at in (0, 2))
    return known, within_80, within_95


def share(within: list[tuple[int, int, int]], column: int) -> float:
    """What lies within, in parts of all."""
    return sum(each[column] for each in within) / sum(each[0] for each in within)


def seasonal_naive(values: Values, season: int, horizon: int) -> Values:
    """The last season, repeated."""
    return np.resize(values[-season:], horizon)


def naive(values: Values, season: int, horizon: int) -> Values:  # noqa: ARG001 - a contender's shape
    """The last value, repeated."""
    return np.full(horizon, values[-1])


def holt_winters(values: Values, season: int, horizon: int) -> Values:
    """Damped trend and additive season."""
    parts = {"seasonal": "add", "seasonal_periods": season} if season > 1 else {}
    fitted = ExponentialSmoothing(values, trend="add", damped_trend=True, **parts).fit()
    return np.asarray(fitted.forecast(horizon), dtype=np.float64)


def theta(values: Values, season: int, horizon: int) -> Values:
    """With the season taken out if its test finds one."""
    fitted = ThetaModel(values, period=season, deseasonalize=season > 1).fit()
    return np.asarray(fitted.forecast(horizon), dtype=np.float64)


def arima(values: Values, season: int, horizon: int) -> Values:
    """ARIMA(1,1,1), with (0,1,1) over the season where that is short enough to be fitted."""
    seasonal = (0, 1, 1, season) if 1 < season <= LONGEST_ARIMA_SEASON else (0, 0, 0, 0)
    fitted = ARIMA(values, order=(1, 1, 1), seasonal_order=seasonal).fit()
    return np.asarray(fitted.forecast(horizon), dtype=np.float64)


CONTENDERS: dict[str, Callable[[Values, int, int], Values]] = {
    "seasonal_naive": seasonal_naive,
    "naive": naive,
    "holt_winters": holt_winters,
    "theta": theta,
    "arima": arima,
}


def seconds_of(points: int) -> float:
    """Median of three forecasts of a daily series that repeats every week, in seconds of the process."""
    steps = np.arange(points)
    noise = np.random.default_rng(5).normal(size=points)
    values = 50 + 0.3 * np.cumsum(noise) + 3 * np.sin(2 * np.pi * steps / 7) + noise
    at = [datetime(2024, 1, 1) + timedelta(days=int(step)) for step in steps]  # noqa: DTZ001 - a day is no instant
    taken = []
    for _ in range(3):
        started_s = time.process_time()
        forecast(at, values, horizon=28)
        taken.append(time.process_time() - started_s)
    return statistics.median(taken)


if __name__ == "__main__":
    if any(os.environ.get(name) != "1" for name in ONE_THREAD):
        # Threads are chosen when numpy is imported; with several, small matrices take many times as long.
        again = [sys.executable, "-m", "benchmarks.forecast"]
        os.execve(again[0], again, os.environ | dict.fromkeys(ONE_THREAD, "1"))  # noqa: S606 - itself, without a shell
    main()
