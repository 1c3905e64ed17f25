"""Forecasts: a series of the subject, carried on."""

import math
from collections.abc import Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

from duckdb import DuckDBPyConnection

from analytics_pipelines.datasets.charts.source import Band, ForecastSource
from analytics_pipelines.datasets.compile.series import Series, series
from analytics_pipelines.datasets.execution.found import Found, chart_type_of, result_of
from analytics_pipelines.datasets.forecast.forecast import forecast
from analytics_pipelines.datasets.forecast.result import Forecast
from analytics_pipelines.datasets.plan.meaning import horizon_of, series_measure
from analytics_pipelines.datasets.plan.model import Plan
from analytics_pipelines.datasets.subject import Subject

MOST_TOLD = 1000
"""Steps of the past in a result: the newest."""


def foreseen(cursor: DuckDBPyConnection, plan: Plan, subject: Subject) -> Found:
    """The next `horizon` steps of the series; raises what the forecast refuses."""
    past = _local(series(cursor, plan, subject), plan.timezone)
    step = plan.bucket.value if plan.bucket else None
    found = forecast(past.at, past.values, horizon=horizon_of(plan), season_length=plan.season_length, step=step)
    return Found(
        result=result_of(plan, found) | {"history": _history(past)},
        drawn=_drawn(plan, past, found) if chart_type_of(plan, subject) else None,
        warnings=(*past.warnings, *found.warnings),
    )


def _local(past: Series, timezone: str) -> Series:
    """The series by the plan's clock, by which its days and months are of one length whatever the season."""
    zone = ZoneInfo(timezone)
    return replace(past, at=tuple(each.astimezone(zone) if each.tzinfo else each for each in past.at))


def _history(past: Series) -> list[dict[str, object]]:
    newest = list(zip(past.at, past.values.tolist(), strict=True))[-MOST_TOLD:]
    return [{"at": at, "value": value} for at, value in newest]


def _drawn(plan: Plan, past: Series, found: Forecast) -> ForecastSource:
    value, at = _value_name(plan), str(plan.time_column)
    points = found.points
    return ForecastSource(
        title=f"{value}, {len(points)} steps ahead ({found.description})",
        time_name=at,
        value_name=value,
        at=past.at,
        values=past.values.tolist(),
        future_at=[each.at for each in points],
        expected=_numbers(each.value for each in points),
        band_80=Band(lower=_numbers(each.low_80 for each in points), upper=_numbers(each.high_80 for each in points)),
        band_95=Band(lower=_numbers(each.low_95 for each in points), upper=_numbers(each.high_95 for each in points)),
        timezone=plan.timezone,
    )


def _value_name(plan: Plan) -> str:
    """What a step's value is: the target itself, or `sum_price` of a bucket."""
    return series_measure(plan).name if plan.bucket else str(plan.target_column)


def _numbers(values: Iterable[float | None]) -> list[float]:
    """What passes the range of a double is not drawn."""
    return [math.nan if value is None else value for value in values]
