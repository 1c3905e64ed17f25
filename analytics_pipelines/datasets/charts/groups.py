"""Charts of measures by groups and spans of time."""

from collections.abc import Sequence

import altair as alt

from analytics_pipelines.datasets.charts.shown_groups import Shown, shown_of
from analytics_pipelines.datasets.charts.source import GroupsSource, Role
from analytics_pipelines.datasets.charts.theme import (
    HEIGHT,
    MOST_CATEGORIES,
    MOST_HEIGHT,
    MOST_POINTS,
    WIDTH,
    Channel,
    Row,
    finished,
    heading,
    heat,
    numbers,
    times,
    written,
)
from analytics_pipelines.datasets.charts.words import shown
from analytics_pipelines.datasets.plan.model import ChartType

MOST_PANELS = 4
MOST_UPRIGHT = 10
"""Bars beyond it, or with long names, lie on their side, where names can be read."""
LONG_NAME = 12
MOST_SLANTED = 40
"""Slanted names that fit side by side; of more some are left out."""
BAR_HEIGHT = 15
MOST_BARS = 120
DOTS_UP_TO = 80
MOST_TIMES_IN_GRID = 366


def groups_chart(source: GroupsSource) -> Row:
    """One panel a measure; a heatmap of the first measure where there are two groups."""
    dimensions = sum(each.role is not Role.MEASURE for each in source.columns)
    if source.chart_type is ChartType.HEATMAP and dimensions > 1:
        return _heatmap(source.title, _grid(source))
    is_beside = source.chart_type is ChartType.BAR and dimensions > 1
    drawn = shown_of(source, as_names=is_beside, most_marks=MOST_BARS if is_beside else MOST_POINTS)
    if not drawn.x_name:
        return _totals(source.title, drawn)
    panels = [_panel(drawn, place, source.chart_type) for place in range(min(MOST_PANELS, len(drawn.measures)))]
    height = _height(drawn, source.chart_type)
    if len(panels) == 1:
        return finished(panels[0], _rows(drawn), title=source.title, notes=drawn.notes, height=height)
    return _stacked(source.title, drawn, panels, max(HEIGHT // 2, height // len(panels)))


def _stacked(title: str, drawn: Shown, panels: Sequence[alt.Chart], height: int) -> Row:
    """Panels under each other, since measures seldom share a scale."""
    left = len(drawn.measures) - len(panels)
    notes = (*drawn.notes, *([f"{left} more measures not shown."] if left else []))
    sized = [panel.properties(width=WIDTH, height=height) for panel in panels]
    chart = alt.vconcat(*sized, title=heading(title, notes))
    return written(chart) | {"data": {"values": _rows(drawn)}}


def _rows(drawn: Shown) -> list[Row]:
    return [
        {"x": point.x, "s": point.series} | {f"m{place}": value for place, value in enumerate(point.values)}
        for point in drawn.points
    ]


def _panel(drawn: Shown, place: int, chart_type: ChartType) -> alt.Chart:
    is_bar = chart_type is ChartType.BAR
    values = [point.values[place] for point in drawn.points]
    measure = numbers(f"m{place}", shown(drawn.measures[place], most=60), values, zero=is_bar)
    along, across = ("y", "x") if is_bar and _is_lying(drawn) else ("x", "y")
    channels = {along: _along(drawn, is_lying=along == "y", is_bar=is_bar), across: measure}
    if drawn.series_name:
        title = shown(drawn.series_name)
        channels["color"] = {"field": "s", "type": "nominal", "title": title, "sort": drawn.series}
        if is_bar and not drawn.is_time:
            channels[f"{along}Offset"] = {"field": "s", "type": "nominal", "sort": drawn.series}
    chart: alt.Chart = _marked(drawn, chart_type).encode(**channels)
    return chart


def _marked(drawn: Shown, chart_type: ChartType) -> alt.Chart:
    marked = alt.Chart().mark_line(strokeWidth=2, point=len(drawn.points) <= DOTS_UP_TO)
    if chart_type is ChartType.BAR:
        marked = alt.Chart().mark_bar(size=_bar_width(drawn)) if drawn.is_time else alt.Chart().mark_bar()
    elif chart_type is ChartType.SCATTER:
        marked = alt.Chart().mark_circle(size=50, opacity=0.8)
    chart: alt.Chart = marked
    return chart


def _bar_width(drawn: Shown) -> float:
    """An axis of times gives bars no width."""
    return min(60.0, max(1.0, 0.7 * WIDTH / max(1, len(drawn.x_values))))


def _along(drawn: Shown, *, is_lying: bool, is_bar: bool = False) -> Channel:
    """Names or times along the axis."""
    title = shown(drawn.x_name, most=60)
    if drawn.is_time:
        channel = times("x", title)
        channel["scale"] |= {"padding": _bar_width(drawn) / 2.0} if is_bar else {}
        return channel
    is_slanted = not is_lying and _is_crowded(drawn)
    is_room = is_slanted and len(drawn.x_values) <= MOST_SLANTED
    axis = {"labelAngle": -40 if is_slanted else 0, "labelOverlap": not is_room}
    return {"field": "x", "type": "nominal", "title": title, "sort": drawn.x_values, "axis": axis}


def _is_crowded(drawn: Shown) -> bool:
    names = drawn.x_values
    return len(names) > MOST_UPRIGHT or any(len(name) > LONG_NAME for name in names)


def _is_lying(drawn: Shown) -> bool:
    return not drawn.is_time and _is_crowded(drawn)


def _height(drawn: Shown, chart_type: ChartType) -> int:
    if chart_type is not ChartType.BAR or not _is_lying(drawn):
        return HEIGHT
    bars = len(drawn.x_values) * max(1, len(drawn.series))
    return max(HEIGHT // 2, min(MOST_HEIGHT, bars * BAR_HEIGHT))


def _totals(title: str, drawn: Shown) -> Row:
    """Measures of all rows together: a bar each."""
    values = drawn.points[0].values if drawn.points else ()
    named = [shown(name) for name in drawn.measures]
    rows = [{"x": name, "y": value} for name, value in zip(named, values, strict=False)]
    names = {"field": "x", "type": "nominal", "title": None, "sort": named}
    bars = alt.Chart().mark_bar(size=36).encode(x=numbers("y", None, values), y=names)
    written_out = {"field": "y", "type": "quantitative", "format": ",.6~g"}
    said = bars.mark_text(align="left", dx=5, color="#333").encode(text=written_out)
    return finished(alt.layer(bars, said), rows, title=title, notes=drawn.notes, height=max(60, 60 * len(rows)))


def _grid(source: GroupsSource) -> Shown:
    names = MOST_TIMES_IN_GRID if any(each.role is Role.TIME for each in source.columns) else MOST_CATEGORIES
    return shown_of(source, most_series=MOST_CATEGORIES, most_names=names, as_names=True)


def _heatmap(title: str, grid: Shown) -> Row:
    series = {"field": "s", "type": "nominal", "title": shown(grid.series_name, most=60), "sort": grid.series}
    colour = heat("m0", shown(grid.measures[0]), [point.values[0] for point in grid.points])
    chart = alt.Chart().mark_rect().encode(x=_along(grid, is_lying=False), y=series, color=colour)
    notes = (*grid.notes, *(["Only the first measure is shown."] if len(grid.measures) > 1 else []))
    return finished(chart, _rows(grid), title=title, notes=notes, height=max(HEIGHT // 2, 20 * len(grid.series)))
