"""Points that a chart shows."""

import numpy as np

from analytics_pipelines.datasets.execution.points import MOST_POINTS, points_of
from analytics_pipelines.datasets.plan.model import ChartType


def test_few_rows_are_all_shown():
    assert points_of({"x": np.array([1.0, 2.0])}, ChartType.SCATTER) == ({"x": [1.0, 2.0]}, None)


def test_of_many_an_even_part_is_shown_from_first_to_last():
    points, of_rows = points_of({"x": np.arange(10_000.0), "y": -np.arange(10_000.0)}, ChartType.SCATTER)
    assert of_rows == 10_000
    assert (points["x"][0], points["x"][-1], len(points["x"])) == (0.0, 9999.0, MOST_POINTS)
    assert points["x"] == [-y for y in points["y"]]
    assert set(np.diff(points["x"])) <= {5.0, 6.0, 4.0}


def test_a_field_counts_more_of_them():
    points, of_rows = points_of({"x": np.arange(10_000.0)}, ChartType.HEATMAP)
    assert (len(points["x"]), of_rows) == (10_000, None)
