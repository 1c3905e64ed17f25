"""Numbers to a Vega-Lite specification: data inline under names of ours, text of the data only ever as text."""

from typing import Any

from analytics_pipelines.datasets.charts.future import forecast_chart
from analytics_pipelines.datasets.charts.groups import groups_chart
from analytics_pipelines.datasets.charts.points import scatter_chart
from analytics_pipelines.datasets.charts.source import (
    BoxSource,
    ChartSource,
    ForecastSource,
    GroupsSource,
    HistogramSource,
)
from analytics_pipelines.datasets.charts.spread import box_chart, histogram_chart


def chart_of(chart: ChartSource) -> dict[str, Any]:
    """The chart as a dictionary that JSON can hold; the same source always gives the same one."""
    if isinstance(chart, GroupsSource):
        return groups_chart(chart)
    if isinstance(chart, BoxSource):
        return box_chart(chart)
    if isinstance(chart, HistogramSource):
        return histogram_chart(chart)
    if isinstance(chart, ForecastSource):
        return forecast_chart(chart)
    return scatter_chart(chart)
