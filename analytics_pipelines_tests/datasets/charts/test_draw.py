"""All charts: valid, drawn, the same every time, and safe whatever the data says."""

import struct
from datetime import UTC, datetime

import altair as alt
import orjson
import pytest

from analytics_pipelines.datasets.charts.draw import chart_of
from analytics_pipelines.datasets.charts.png import png_of
from analytics_pipelines.datasets.charts.source import ScatterSource
from analytics_pipelines.datasets.charts.theme import CONFIG
from analytics_pipelines.datasets.plan.model import ChartType
from analytics_pipelines_tests.datasets.charts.charted import SOURCES, group, groups, measure, rows_of, time

HOSTILE = [
    "=1+1",
    "<script>alert(1)</script>",
    "a\nb\0c",
    "x.y['z']",
    "datum.k",
    "\u202egnp.exe",
    "\\",
    '"',
    "",
    "é" * 500,
]


@pytest.mark.parametrize("name", SOURCES)
def test_every_chart_is_drawn(name):
    png = png_of(chart_of(SOURCES[name]))
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    assert 600 < width < 1500
    assert 90 < height < 1800
    assert len(png) > 4000, "an empty picture"


@pytest.mark.parametrize("name", SOURCES)
def test_every_chart_has_our_look_one_place_for_its_data_and_the_same_bytes_each_time(name):
    specification = chart_of(SOURCES[name])
    assert orjson.dumps(specification) == orjson.dumps(chart_of(SOURCES[name]))
    assert specification["config"] == CONFIG
    parts = [part for kind in ("layer", "vconcat") for part in specification.get(kind, [])]
    assert not any("data" in part for part in parts)
    assert "datasets" not in specification


@pytest.mark.long
@pytest.mark.parametrize("name", SOURCES)
def test_every_chart_holds_against_the_schema_of_vega_lite(name):
    alt.Chart.from_dict(chart_of(SOURCES[name]), validate=True)


def names_in(part: object) -> set[str]:
    """Everything in a specification that is a name or an expression, data and titles left out."""
    if isinstance(part, list):
        return set().union(*map(names_in, part))
    if not isinstance(part, dict):
        return set()
    told = {str(part[key]) for key in ("field", "filter", "calculate", "signal", "expr") if key in part}
    shown = {"data", "config", "title", "sort"}
    return told.union(*(names_in(value) for key, value in part.items() if key not in shown))


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_the_data_is_only_ever_text(text):
    source = groups([group(text or " "), measure(text or " ")], [[text, 1.0], ["other", 2.0]])
    specification = chart_of(source)
    assert names_in(specification) <= {"x", "s", "m0"}
    assert {frozenset(row) for row in rows_of(specification)} == {frozenset({"x", "s", "m0"})}
    assert all(len(row["x"]) <= 40 for row in rows_of(specification))


def test_hostile_text_is_drawn():
    source = groups([group(HOSTILE[1]), measure(HOSTILE[3])], [[text, 1.0] for text in HOSTILE])
    assert png_of(chart_of(source)).startswith(b"\x89PNG")


@pytest.mark.parametrize("ends", [[1.7e308, -1.7e308], [5e-324, 1e-300], [0.0, 0.0], [1e16, 1e16 + 2]])
def test_numbers_at_the_ends_of_what_a_double_holds_are_drawn(ends):
    source = ScatterSource(title="", x_name="x", y_name="y", x=ends, y=ends)
    assert png_of(chart_of(source)).startswith(b"\x89PNG")


def test_times_at_the_ends_of_the_calendar_are_drawn():
    rows = [[datetime.min.replace(tzinfo=UTC), 1.0], [datetime.max.replace(tzinfo=UTC), 2.0]]
    source = groups([time(), measure()], rows, ChartType.LINE, timezone="Asia/Tokyo")
    assert png_of(chart_of(source)).startswith(b"\x89PNG")


def test_nothing_to_draw_is_an_empty_chart():
    for rows in ([], [[None, None]]):
        assert png_of(chart_of(groups([group("a"), measure()], rows))).startswith(b"\x89PNG")
