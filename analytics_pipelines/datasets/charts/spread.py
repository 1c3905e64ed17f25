"""Charts of how values are spread: histograms and boxes."""

import altair as alt

from analytics_pipelines.datasets.charts.names import Names
from analytics_pipelines.datasets.charts.source import Box, BoxSource, Cell, HistogramSource
from analytics_pipelines.datasets.charts.theme import (
    HEIGHT,
    MOST_CATEGORIES,
    MOST_POINTS,
    Channel,
    Row,
    finished,
    numbers,
    thinned,
)
from analytics_pipelines.datasets.charts.words import label, number, shown
from analytics_pipelines.foundation.chart_look import COLOURS

BOX_HEIGHT = 30


def histogram_chart(source: HistogramSource) -> Row:
    """Bars as wide as their bins."""
    rows = [{"a": number(each.start), "b": number(each.end), "n": each.count} for each in source.bins]
    name = shown(source.value_name, most=60)
    edges = numbers("a", name, [row["b"] for row in rows], zero=False, nice=False)
    return finished(histogram_marks(edges, numbers("n", "rows", [])), rows, title=source.title)


def histogram_marks(edges: Channel, counts: Channel) -> alt.Chart:
    """Bars from `a` to `b` along `edges`, as high as `counts` says."""
    bars = alt.Chart().mark_rect(color=COLOURS[0], stroke="white", strokeWidth=0.5)
    chart: alt.Chart = bars.encode(x=edges, x2={"field": "b"}, y=counts, y2={"datum": 0})
    return chart


def box_chart(source: BoxSource) -> Row:
    """A lying box a group: whiskers, quartiles, the median, and single values beyond the whiskers."""
    boxes = source.boxes[:MOST_CATEGORIES]
    names = Names()
    rows = [row for each in boxes for row in _box_rows(each, _named(names, each.group, source.timezone))]
    outliers = [row for row in rows if row["k"] == "outlier"]
    kept = [row for row in rows if row["k"] == "box"] + [outliers[place] for place in thinned(len(outliers))]
    notes = []
    if len(boxes) < len(source.boxes):
        notes.append(f"The first {len(boxes)} of {len(source.boxes):,} values of {source.group_name} shown.")
    if source.group_count is not None and len(source.boxes) < source.group_count:
        notes.append(f"Of {source.group_count:,} values of {source.group_name} those with most rows shown.")
    if any(_is_cut(each, source.most_outliers) for each in boxes):
        notes.append(f"Beyond each whisker the {source.most_outliers} farthest values at most.")
    if len(outliers) > MOST_POINTS:
        notes.append(f"{MOST_POINTS:,} of {len(outliers):,} outliers shown.")
    height = max(HEIGHT // 3, BOX_HEIGHT * len(boxes))
    return finished(_box_layers(source, kept), kept, title=source.title, notes=notes, height=height)


def _is_cut(box: Box, most: int | None) -> bool:
    """Whether more outliers may lie on one side than are told."""
    above = sum(each > box.whisker_high for each in box.outliers)
    return most is not None and max(above, len(box.outliers) - above) >= most


def _named(names: Names, group: Cell, zone: str) -> str:
    return names.name((type(group), group), label(group, zone))


def _box_rows(box: Box, name: str) -> list[Row]:
    five = {
        "low": number(box.whisker_low),
        "q1": number(box.quartile_1),
        "mid": number(box.median),
        "q3": number(box.quartile_3),
        "high": number(box.whisker_high),
    }
    return [{"k": "box", "g": name} | five, *({"k": "outlier", "g": name, "v": number(v)} for v in box.outliers)]


def _box_layers(source: BoxSource, rows: list[Row]) -> alt.LayerChart | alt.FacetChart:
    ends = [row[field] for row in rows for field in ("low", "high", "v") if field in row]
    title = shown(source.value_name, most=60)
    names = list(dict.fromkeys(row["g"] for row in rows))
    y: Channel = {"field": "g", "type": "nominal", "sort": names, "title": None}
    y |= {"title": shown(source.group_name, most=60)} if source.group_name else {"axis": None}

    def across(field: str) -> Channel:
        return numbers(field, title, ends, zero=False)

    boxes = alt.Chart().transform_filter("datum.k === 'box'")
    outliers = alt.Chart().transform_filter("datum.k === 'outlier'")
    return alt.layer(
        boxes.mark_rule(color="#666").encode(y=y, x=across("low"), x2={"field": "high"}),
        boxes.mark_bar(size=14, color=COLOURS[0]).encode(y=y, x=across("q1"), x2={"field": "q3"}),
        boxes.mark_tick(color="white", size=14, thickness=2).encode(y=y, x=across("mid")),
        outliers.mark_circle(size=18, opacity=0.6, color=COLOURS[1]).encode(y=y, x=across("v")),
    )
