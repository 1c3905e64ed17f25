"""How all charts look: a white ground, so that they read on light and dark pages, and bounded sizes."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from analytics_pipelines.datasets.charts.words import shown
from analytics_pipelines.foundation.chart_look import GROUND, LOOK

WIDTH, HEIGHT = 640, 320
MOST_HEIGHT = 1000
MOST_POINTS = 5000
MOST_CATEGORIES = 50
MOST_SERIES = 8
"""As many as there are colours to tell apart."""
HEAT = ["#cfdcf5", "#2a56b0"]
"""The palest is told from the white of no rows."""
HEAT_BY_SIGN = ["#c06a08", "#e6e6e6", "#2a56b0"]
CONFIG = {
    **GROUND,
    **LOOK,
    "axis": {
        **LOOK["axis"],
        "labelLimit": 160,
        "titleLimit": 480,
        "titleFontWeight": "normal",
        "titlePadding": 8,
        "tickCount": 8,
    },
    "title": {
        **LOOK["title"],
        "frame": "group",
        "subtitleColor": "#666",
        "subtitleFontSize": 11,
        "limit": 620,
        "offset": 12,
    },
    "legend": {**LOOK["legend"], "labelLimit": 160, "titleLimit": 160},
}
EXPONENTS_FROM = 1e15
THOUSANDS_FROM = 1e5
EXPONENTS_BELOW = 1e-3

Row = dict[str, Any]
Channel = dict[str, Any]
Drawn = alt.Chart | alt.LayerChart | alt.FacetChart


def finished(chart: Drawn, rows: list[Row], *, title: str, notes: Sequence[str] = (), height: int = HEIGHT) -> Row:
    """The Vega-Lite specification of a chart over `rows`, whose field names are ours."""
    sized = chart.properties(width=WIDTH, height=min(height, MOST_HEIGHT), title=heading(title, notes))
    return written(sized) | {"data": {"values": rows}}


def written(chart: alt.TopLevelMixin) -> Row:
    """The chart with our configuration in place of the library's; its data, and that of its parts, is still to come.

    Tests hold every kind of chart against the schema; to do so here would double the time that drawing takes.
    """
    specification: Row = chart.to_dict(validate=False)
    parts = [part for kind in ("layer", "vconcat", "concat") for part in specification.get(kind, [])]
    for each in (specification, *parts):
        each.pop("data", None)
    specification.pop("datasets", None)
    return specification | {"config": CONFIG}


def heading(title: str, notes: Sequence[str] = ()) -> alt.TitleParams:
    """The title, and below it what the reader must know of what is not shown."""
    text = shown(title, most=110)
    return alt.TitleParams(text, subtitle=[shown(note, most=120) for note in notes]) if notes else alt.TitleParams(text)


def number_axis(values: Sequence[float | None]) -> Channel:
    """An axis whose labels stay short: 12,000, 1.2M, 3e+20."""
    largest = max((abs(each) for each in values if each is not None), default=0.0)
    if largest >= EXPONENTS_FROM or 0.0 < largest < EXPONENTS_BELOW:
        return {"format": ".4~g"}
    return {"format": "~s"} if largest >= THOUSANDS_FROM else {}


def numbers(field: str, title: str | None, values: Sequence[float | None], **scale: bool) -> Channel:
    """A channel along an axis of numbers such as `values`."""
    channel = {"field": field, "type": "quantitative", "title": title, "axis": number_axis(values)}
    return channel | ({"scale": scale} if scale else {})


def times(field: str, title: str | None) -> Channel:
    """A channel along an axis of times, which read as the clock of the plan's zone and must not be moved again."""
    return {"field": field, "type": "temporal", "title": title, "scale": {"type": "utc"}}


def thinned(count: int, most: int = MOST_POINTS) -> list[int]:
    """At most `most` places of `count`, evenly spaced, the first and the last among them."""
    if count <= most:
        return list(range(count))
    return [place * (count - 1) // (most - 1) for place in range(most)]


def heat(field: str, title: str, values: Sequence[float | None] = ()) -> Channel:
    """A colour from pale to strong; of values on both sides of zero two colours, equally strong at equal size."""
    scale: Channel = {"range": HEAT, "interpolate": "rgb"}
    known = [each for each in values if each is not None]
    if known and min(known) < 0.0 < max(known):
        reach = max(map(abs, known))
        scale = {"range": HEAT_BY_SIGN, "interpolate": "rgb", "domain": [-reach, 0.0, reach]}
    return {"field": field, "type": "quantitative", "title": title, "scale": scale}
