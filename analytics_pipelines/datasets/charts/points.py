"""Charts of two columns against each other: points with a fitted line, or counts on a grid."""

import math
from collections.abc import Sequence

import altair as alt
import numpy as np

from analytics_pipelines.datasets.charts.source import Line, ScatterSource
from analytics_pipelines.datasets.charts.theme import Channel, Row, finished, heat, numbers, thinned
from analytics_pipelines.datasets.charts.words import number, shown
from analytics_pipelines.datasets.plan.model import ChartType
from analytics_pipelines.foundation.chart_look import COLOURS

FIELDS = 30
"""Of the grid along each side."""
FEW_POINTS = 300


def scatter_chart(source: ScatterSource) -> Row:
    """Points, the line and its band; or a grid of counts."""
    pairs = ((number(x), number(y)) for x, y in zip(source.x, source.y, strict=True))
    points = [(x, y) for x, y in pairs if x is not None and y is not None]
    if source.chart_type is ChartType.HEATMAP:
        return _grid(source, points)
    kept = [points[place] for place in thinned(len(points))]
    rows: list[Row] = [{"k": "point", "x": x, "y": y} for x, y in kept]
    layers, notes = [_points(source, kept)], _notes(source, len(kept))
    if source.line:
        rows += _line_rows(source.line)
        layers += _line_layers(shown(source.y_name, most=60))
        notes += ["Line with the 95 % band of its mean."] if len(source.line.lower) else []
    return finished(alt.layer(*layers), rows, title=source.title, notes=notes)


def _notes(source: ScatterSource, drawn: int) -> list[str]:
    whole = source.rows or len(source.x)
    return [f"{drawn:,} of {whole:,} rows shown."] if drawn < whole else []


def _axes(source: ScatterSource, points: Sequence[tuple[float, float]], **scale: bool) -> dict[str, Channel]:
    return {
        "x": numbers("x", shown(source.x_name, most=60), [x for x, _ in points], **scale),
        "y": numbers("y", shown(source.y_name, most=60), [y for _, y in points], **scale),
    }


def _points(source: ScatterSource, kept: Sequence[tuple[float, float]]) -> alt.Chart:
    """The more points, the smaller and paler each."""
    crowd = max(1.0, len(kept) / FEW_POINTS)
    marks = alt.Chart().transform_filter("datum.k === 'point'")
    marks = marks.mark_circle(size=max(8.0, 40.0 / math.sqrt(crowd)), opacity=max(0.25, 0.7 / crowd**0.3))
    chart: alt.Chart = marks.encode(**_axes(source, kept, zero=False))
    return chart


def _line_rows(line: Line) -> list[Row]:
    lower = line.lower if len(line.lower) else [math.nan] * len(line.x)
    upper = line.upper if len(line.upper) else [math.nan] * len(line.x)
    parts = zip(line.x, line.y, lower, upper, strict=True)
    return [{"k": "line", "x": number(x), "y": number(y), "lo": number(lo), "hi": number(hi)} for x, y, lo, hi in parts]


def _line_layers(title: str) -> list[alt.Chart]:
    line = alt.Chart().transform_filter("datum.k === 'line'")
    x = {"field": "x", "type": "quantitative"}

    def up(field: str) -> Channel:
        return {"field": field, "type": "quantitative", "title": title}

    return [
        line.mark_area(color=COLOURS[1], opacity=0.25).encode(x=x, y=up("lo"), y2={"field": "hi"}),
        line.mark_line(color=COLOURS[1], strokeWidth=2).encode(x=x, y=up("y")),
    ]


def _grid(source: ScatterSource, points: Sequence[tuple[float, float]]) -> Row:
    axes = _axes(source, points, zero=False, nice=False)
    chart = alt.Chart().mark_rect().encode(**axes, x2={"field": "x2"}, y2={"field": "y2"}, color=heat("n", "rows"))
    return finished(chart, _grid_rows(points), title=source.title, notes=_notes(source, len(points)))


def _grid_rows(points: Sequence[tuple[float, float]]) -> list[Row]:
    """Fields with a point in them, and how many."""
    if not points:
        return []
    x, y = np.array(points).T / 2.0  # halved, so that the span of huge values is finite
    counts, *edges = np.histogram2d(x, y, bins=FIELDS)
    along, up = ((each * 2.0).tolist() for each in edges)
    return [
        {"x": along[i], "x2": along[i + 1], "y": up[j], "y2": up[j + 1], "n": int(counts[i, j])}
        for i, j in np.argwhere(counts).tolist()
    ]
