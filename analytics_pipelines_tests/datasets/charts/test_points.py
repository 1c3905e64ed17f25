"""Points, lines and grids."""

import math
from dataclasses import replace

import numpy as np

from analytics_pipelines.datasets.charts.points import scatter_chart
from analytics_pipelines.datasets.charts.source import ScatterSource
from analytics_pipelines.datasets.plan.model import ChartType
from analytics_pipelines_tests.datasets.charts.charted import SOURCES, notes_of, rows_of

MANY = np.arange(20_000.0)


def test_points_the_line_and_its_band_are_drawn_over_each_other():
    specification = scatter_chart(SOURCES["points"])
    assert [layer["mark"]["type"] for layer in specification["layer"]] == ["circle", "area", "line"]
    assert rows_of(specification)[-1] == {"k": "line", "x": 2.0, "y": 1.0, "lo": 0.5, "hi": 1.5}
    assert notes_of(specification) == ["Line with the 95 % band of its mean."]


def test_thousands_of_points_are_thinned_evenly_and_that_is_said():
    specification = scatter_chart(ScatterSource(title="", x_name="x", y_name="y", x=MANY, y=MANY, rows=1_000_000))
    rows = rows_of(specification)
    assert (len(rows), rows[0]["x"], rows[-1]["x"]) == (5000, 0.0, 19_999.0)
    assert notes_of(specification) == ["5,000 of 1,000,000 rows shown."]


def test_what_is_not_finite_is_left_out():
    source = replace(SOURCES["points"], x=[1.0, math.inf], y=[math.nan, 2.0], line=None)
    assert rows_of(scatter_chart(source)) == []


def test_a_grid_counts_every_point_once_however_large():
    source = ScatterSource(
        title="", x_name="x", y_name="y", x=MANY * 4e295, y=-MANY * 4e295, chart_type=ChartType.HEATMAP
    )
    rows = rows_of(scatter_chart(source))
    assert sum(row["n"] for row in rows) == len(MANY)
    assert len(rows) <= 900
    assert all(math.isfinite(value) for row in rows for value in row.values())
    assert rows_of(scatter_chart(replace(source, x=[], y=[]))) == []
    assert notes_of(scatter_chart(replace(SOURCES["points"], chart_type=ChartType.HEATMAP))) == []
