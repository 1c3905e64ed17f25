"""Pictures of a table for metadata: PNG on a white ground, so that they read on light and dark pages."""

from datetime import date, datetime
from typing import Any

import pyarrow as pa

from analytics_pipelines.foundation.chart_look import GROUND, LOOK

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
SIZE = {"width": 640, "height": 260}
SCALE = 1.5


def line_picture(rows: pa.Table, *, x: str, y: str, color: str | None = None, title: str) -> bytes:
    """A PNG of lines over days, one a value of `color`; `x` is a date or a time, `y` a number."""
    return _png(rows, {"type": "line", "point": True, "strokeWidth": 2}, x=x, y=y, color=color, title=title)


def bar_picture(rows: pa.Table, *, x: str, y: str, color: str | None = None, title: str) -> bytes:
    """A PNG of bars, stacked by `color`; `x` is a name or a day, `y` a number."""
    return _png(rows, {"type": "bar"}, x=x, y=y, color=color, title=title)


def _png(rows: pa.Table, mark: dict[str, Any], *, x: str, y: str, color: str | None, title: str) -> bytes:
    import vl_convert  # noqa: PLC0415 - it is large, and most runs draw nothing

    encoding: dict[str, Any] = {
        "x": _axis(rows, x),
        "y": {"field": y, "type": "quantitative", "axis": {"format": "~s"}},
    }
    if color:
        encoding["color"] = {"field": color, "type": "nominal"}
    spec = {
        "$schema": SCHEMA,
        "title": title,
        "data": {"values": [_plain(row) for row in rows.to_pylist()]},
        "mark": mark,
        "encoding": encoding,
        "config": {**GROUND, **LOOK},
        **SIZE,
    }
    png: bytes = vl_convert.vegalite_to_png(spec, scale=SCALE)
    return png


def _axis(rows: pa.Table, column: str) -> dict[str, Any]:
    kind = rows.schema.field(column).type
    if pa.types.is_timestamp(kind):
        return {"field": column, "type": "temporal", "title": column}
    if pa.types.is_date(kind):
        shown = {"format": "%-d %b %Y", "labelAngle": -35, "labelOverlap": True}
        return {"field": column, "type": "ordinal", "timeUnit": "utcyearmonthdate", "title": column, "axis": shown}
    return {"field": column, "type": "nominal", "sort": None, "title": column, "axis": {"labelAngle": -35}}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """The row with dates and times as text, as Vega reads them."""
    return {name: value.isoformat() if isinstance(value, date | datetime) else value for name, value in row.items()}
