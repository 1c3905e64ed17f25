"""A picture of a profile: a little chart of every column."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from analytics_pipelines.datasets.charts.spread import histogram_marks
from analytics_pipelines.datasets.charts.theme import Channel, Row, heading, numbers, times, written
from analytics_pipelines.datasets.charts.words import label, number, shown
from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines.foundation.chart_look import COLOURS

MOST_COLUMNS = 30
MOST_VALUES = 8
PER_ROW = 3
WIDTH, HEIGHT = 200, 110
COUNTS: Channel = {"field": "n", "type": "quantitative", "title": None, "axis": {"tickCount": 3, "format": "~s"}}


def profile_chart(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Histograms of numbers and times, the most frequent values of the rest; up to 30 columns, the rest said.

    `profile` as `datasets.uploads.profile` makes it.
    """
    columns: Sequence[Mapping[str, Any]] = profile["columns"]
    drawn = [_drawn(column) for column in columns[:MOST_COLUMNS]] or [(alt.Chart().mark_bar(), [])]
    is_cut = len(columns) > MOST_COLUMNS
    notes = [f"The first {MOST_COLUMNS} of {len(columns):,} columns shown."] if is_cut else []
    title = heading(f"{int(profile['row_count']):,} rows, {len(columns):,} columns", notes)
    specification = written(alt.concat(*(chart for chart, _ in drawn), columns=PER_ROW, title=title))
    for panel, (_, rows) in zip(specification["concat"], drawn, strict=True):
        panel["data"] = {"values": rows}
    return specification


def _drawn(column: Mapping[str, Any]) -> tuple[alt.Chart, list[Row]]:
    """The chart of one column and its rows."""
    missing = f", {column['nulls']:,} missing" if column.get("nulls") else ""
    note = f"{column['kind']}{missing}"
    chart, rows = _histogram(column) if column.get("bins") else _top(column)
    title = alt.TitleParams(shown(str(column["name"]), most=32), subtitle=note, fontSize=12, offset=4, limit=WIDTH)
    return chart.properties(width=WIDTH, height=HEIGHT, title=title), rows


def _histogram(column: Mapping[str, Any]) -> tuple[alt.Chart, list[Row]]:
    rows = [{"a": _edge(each["start"]), "b": _edge(each["end"]), "n": each["count"]} for each in column["bins"]]
    if ColumnKind(column["kind"]).is_temporal:
        edges = times("a", None) | {"axis": {"tickCount": 3, "labelOverlap": True}}
    else:
        edges = numbers("a", None, [number(row["b"]) for row in rows], zero=False, nice=False)
        edges["axis"] = edges["axis"] | {"tickCount": 4}
    return histogram_marks(edges, COUNTS), rows


def _edge(value: object) -> float | str | None:
    """Times are text; those that name no zone are read as UTC, not as the machine's."""
    if not isinstance(value, str):
        return number(value)
    if "T" not in value and " " not in value:
        return f"{value}T00:00:00.000Z"
    has_zone = value.endswith("Z") or "+" in value[10:] or "-" in value[10:]
    return value.replace(" ", "T", 1) if has_zone else value.replace(" ", "T", 1) + "Z"


def _top(column: Mapping[str, Any]) -> tuple[alt.Chart, list[Row]]:
    rows = [{"v": label(each["value"]), "n": each["count"]} for each in (column.get("top") or [])[:MOST_VALUES]]
    names = [row["v"] for row in rows]
    values = {"field": "v", "type": "nominal", "title": None, "sort": names, "axis": {"labelLimit": 90}}
    return alt.Chart().mark_bar(color=COLOURS[0]).encode(y=values, x=COUNTS), rows
