"""Rows that a chart shows: all of few, of many a part that is spread evenly over them."""

import numpy as np
from numpy.typing import NDArray

from analytics_pipelines.datasets.plan.model import ChartType

Columns = dict[str, NDArray[np.float64]]
MOST_POINTS = 2000
MOST_COUNTED = 100_000
"""Of a heatmap, which shows counts and no points."""


def points_of(rows: Columns, chart: ChartType) -> tuple[dict[str, list[float]], int | None]:
    """The columns of the rows that are shown, and of how many they are a part; None where they are all."""
    most = MOST_COUNTED if chart is ChartType.HEATMAP else MOST_POINTS
    count = len(next(iter(rows.values())))
    if count <= most:
        return {name: values.tolist() for name, values in rows.items()}, None
    places = np.linspace(0, count - 1, most).round().astype(np.int64)
    return {name: values[places].tolist() for name, values in rows.items()}, count
