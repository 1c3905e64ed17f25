"""Bars, lines and heatmaps."""

import pytest

from analytics_pipelines.datasets.charts.draw import chart_of
from analytics_pipelines.datasets.charts.groups import groups_chart
from analytics_pipelines.datasets.plan.model import ChartType
from analytics_pipelines_tests.datasets.charts.charted import (
    MONTHS,
    SOURCES,
    group,
    groups,
    measure,
    notes_of,
    rows_of,
    time,
)


@pytest.mark.parametrize(
    ("name", "mark", "kind"),
    [
        ("bars", "bar", "nominal"),
        ("bars of times", "bar", "temporal"),
        ("bars of times and groups", "bar", "quantitative"),
        ("lines", "line", "temporal"),
        ("dots", "circle", "nominal"),
        ("heatmap", "rect", "nominal"),
        ("lying bars", "bar", "quantitative"),
    ],
)
def test_marks_and_axes_are_those_of_the_chart(name, mark, kind):
    specification = chart_of(SOURCES[name])
    assert specification["mark"]["type"] == mark
    assert specification["encoding"]["x"]["type"] == kind


def test_bars_begin_at_zero_and_lines_where_the_values_are():
    assert chart_of(SOURCES["bars"])["encoding"]["y"]["scale"]["zero"] is True
    assert chart_of(SOURCES["lines"])["encoding"]["y"]["scale"]["zero"] is False


def test_a_second_group_has_colours_and_stands_beside_the_first():
    encoding = chart_of(SOURCES["bars of two"])["encoding"]
    assert encoding["color"]["title"] == "b"
    assert encoding["xOffset"]["sort"] == ["1", "2"]


def test_measures_stand_under_each_other_and_more_than_four_are_said():
    specification = groups_chart(groups([group("a"), *(measure(f"m{i}") for i in range(6))], [["x", *range(6)]]))
    assert [panel["encoding"]["y"]["title"] for panel in specification["vconcat"]] == ["m0", "m1", "m2", "m3"]
    assert notes_of(specification) == ["2 more measures not shown."]


def test_a_heatmap_of_one_group_falls_back_to_dots_of_it():
    source = groups([group("a"), measure()], [["x", 1.0]], ChartType.HEATMAP)
    assert chart_of(source)["encoding"]["x"]["field"] == "x"


def test_a_heatmap_of_times_spells_them_out_in_order():
    rows = [["x", MONTHS[2], 1.0], ["x", MONTHS[0], 1.0]]
    specification = groups_chart(groups([group("a"), time(), measure()], rows, ChartType.HEATMAP))
    assert specification["encoding"]["x"]["sort"] == ["2024-01-01", "2024-03-01"]


def test_numbers_without_groups_are_bars_with_their_number():
    specification = chart_of(SOURCES["one number"])
    assert rows_of(specification) == [{"x": "mean_price", "y": 42.5}]
    assert specification["layer"][1]["encoding"]["text"]["field"] == "y"


@pytest.mark.parametrize(("count", "overlap"), [(4, True), (11, False), (40, False), (41, True)])
def test_slanted_names_are_all_told_as_long_as_they_fit(count, overlap):
    rows = [(f"n{number}", 1.0) for number in range(count)]
    specification = groups_chart(groups([group("g"), measure("m")], rows, ChartType.SCATTER))
    assert specification["encoding"]["x"]["axis"]["labelOverlap"] is overlap
