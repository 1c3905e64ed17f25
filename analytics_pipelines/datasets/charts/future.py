"""Charts of forecasts: what was, what is expected, and how sure that is."""

import altair as alt

from analytics_pipelines.datasets.charts.source import ForecastSource
from analytics_pipelines.datasets.charts.theme import Channel, Row, finished, numbers, times
from analytics_pipelines.datasets.charts.words import moment, number, shown
from analytics_pipelines.foundation.chart_look import COLOURS

LEAST_HISTORY = 120
HISTORY_PER_STEP = 8
MOST_HISTORY = 3000
"""Beyond a few times the horizon, history would squeeze the forecast into nothing."""
OBSERVED, EXPECTED = "observed", "forecast"


def forecast_chart(source: ForecastSource) -> Row:
    """The series, the forecast after it, and bands that hold 80 and 95 % of what may come."""
    count = min(len(source.at), max(LEAST_HISTORY, HISTORY_PER_STEP * len(source.future_at)), MOST_HISTORY)
    history = _history_rows(source)[-count:]
    rows = history + _joint(history) + _future_rows(source)
    notes = ["Bands hold 80 % and 95 % of what may come."]
    if count < len(source.at):
        notes.append(f"The last {count:,} of {len(source.at):,} values shown.")
    return finished(_layers(source, rows), rows, title=source.title, notes=notes)


def _history_rows(source: ForecastSource) -> list[Row]:
    pairs = zip(source.at, source.values, strict=True)
    return [{"k": OBSERVED, "t": moment(at, source.timezone), "y": number(value)} for at, value in pairs]


def _joint(history: list[Row]) -> list[Row]:
    """The last value that was observed, from which the forecast's line and bands set out."""
    last = next((row for row in reversed(history) if row["y"] is not None), None)
    if last is None:
        return []
    return [{"k": EXPECTED, "t": last["t"], "y": last["y"]} | dict.fromkeys(("a", "b", "c", "d"), last["y"])]


def _future_rows(source: ForecastSource) -> list[Row]:
    return [
        {
            "k": EXPECTED,
            "t": moment(at, source.timezone),
            "y": number(source.expected[step]),
            "a": number(source.band_95.lower[step]),
            "b": number(source.band_80.lower[step]),
            "c": number(source.band_80.upper[step]),
            "d": number(source.band_95.upper[step]),
        }
        for step, at in enumerate(source.future_at)
    ]


def _layers(source: ForecastSource, rows: list[Row]) -> alt.LayerChart | alt.FacetChart:
    values = [row[field] for row in rows for field in ("y", "a", "d") if field in row]
    x, title = times("t", shown(source.time_name, most=60)), shown(source.value_name, most=60)
    kinds = {"domain": [OBSERVED, EXPECTED], "range": COLOURS[:2]}
    colour = {"field": "k", "type": "nominal", "title": None, "scale": kinds, "legend": {"orient": "top"}}

    def up(field: str) -> Channel:
        return numbers(field, title, values, zero=False)

    band = alt.Chart().transform_filter(f"datum.k === '{EXPECTED}'").mark_area(color=COLOURS[1], opacity=0.2)
    return alt.layer(
        band.encode(x=x, y=up("a"), y2={"field": "d"}),
        band.encode(x=x, y=up("b"), y2={"field": "c"}),
        alt.Chart().mark_line(strokeWidth=2).encode(x=x, y=up("y"), color=colour),
    )
