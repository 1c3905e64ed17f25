"""Sources to draw, one of each kind, and what a specification shows."""

from datetime import UTC, datetime, timedelta

from analytics_pipelines.datasets.charts.source import (
    Band,
    Box,
    BoxSource,
    ChartColumn,
    ForecastSource,
    GroupsSource,
    HistogramBin,
    HistogramSource,
    Line,
    Role,
    ScatterSource,
)
from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines.datasets.plan.model import ChartType

MONTHS = [datetime(2024, month, 1, tzinfo=UTC) for month in range(1, 13)]


def group(name: str, kind: ColumnKind = ColumnKind.TEXT) -> ChartColumn:
    return ChartColumn(name=name, kind=kind, role=Role.GROUP)


def time(name: str = "sold_at", kind: ColumnKind = ColumnKind.TIMESTAMP) -> ChartColumn:
    return ChartColumn(name=name, kind=kind, role=Role.TIME)


def measure(name: str = "mean_price") -> ChartColumn:
    return ChartColumn(name=name, kind=ColumnKind.NUMBER, role=Role.MEASURE)


def groups(columns, rows, chart_type=ChartType.BAR, **more) -> GroupsSource:
    return GroupsSource(title="Mean of price", columns=columns, rows=rows, chart_type=chart_type, **more)


BOX = Box(group="North", whisker_low=1.0, quartile_1=2.0, median=3.0, quartile_3=4.0, whisker_high=6.0, outliers=(9.0,))
SOURCES = {
    "bars": groups([group("region"), measure()], [["North", 2.5], [None, 1.5]]),
    "bars of two": groups([group("a"), group("b"), measure()], [["x", "1", 2.5], ["y", "1", 1.5], ["x", "2", 1.0]]),
    "lying bars": groups([group("region"), measure()], [[f"A region called {i}", i] for i in range(70)]),
    "bars of times": groups([time(), measure()], [[at, 1.0] for at in MONTHS]),
    "bars of times and groups": groups([group("a"), time(), measure()], [["x", at, 1.0] for at in MONTHS]),
    "lines": groups([group("a"), time(), measure()], [["x", at, 1.0] for at in MONTHS], ChartType.LINE),
    "dots": groups([group("a"), measure()], [["x", 1.0]], ChartType.SCATTER),
    "two measures": groups([group("a"), measure("m"), measure("n")], [["x", 1.0, 9e9]]),
    "heatmap": groups([group("a"), group("b"), measure()], [["x", "y", 1.0], ["x", "z", 2.0]], ChartType.HEATMAP),
    "heatmap of times": groups([group("a"), time(), measure()], [["x", at, 1.0] for at in MONTHS], ChartType.HEATMAP),
    "one number": groups([measure()], [[42.5]]),
    "boxes": BoxSource(title="Price", value_name="price", boxes=[BOX], group_name="region"),
    "one box": BoxSource(title="Price", value_name="price", boxes=[BOX]),
    "histogram": HistogramSource(
        title="Price", value_name="price", bins=[HistogramBin(start=0.0, end=1.0, count=3)]
    ),
    "points": ScatterSource(
        title="Price", x_name="x", y_name="y", x=[1.0, 2.0], y=[2.0, 1.0],
        line=Line(x=[1.0, 2.0], y=[2.0, 1.0], lower=[1.5, 0.5], upper=[2.5, 1.5]),
    ),
    "grid": ScatterSource(
        title="Price", x_name="x", y_name="y", x=[1.0, 2.0], y=[2.0, 1.0], chart_type=ChartType.HEATMAP
    ),
    "forecast": ForecastSource(
        title="Price", time_name="month", value_name="price", at=MONTHS, values=[*range(11), None],
        future_at=[MONTHS[-1] + timedelta(days=31)], expected=[11.0],
        band_80=Band(lower=[10.0], upper=[12.0]), band_95=Band(lower=[9.0], upper=[13.0]),
    ),
}  # fmt: skip


def rows_of(specification: dict) -> list[dict]:
    return specification["data"]["values"]


def notes_of(specification: dict) -> list[str]:
    return specification["title"].get("subtitle", [])
