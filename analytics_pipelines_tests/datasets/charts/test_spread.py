"""Histograms and boxes."""

from dataclasses import replace

from analytics_pipelines.datasets.charts.source import BoxSource
from analytics_pipelines.datasets.charts.spread import box_chart, histogram_chart
from analytics_pipelines_tests.datasets.charts.charted import BOX, SOURCES, notes_of, rows_of


def test_bars_of_a_histogram_are_as_wide_as_their_bins_and_stand_on_zero():
    specification = histogram_chart(SOURCES["histogram"])
    assert rows_of(specification) == [{"a": 0.0, "b": 1.0, "n": 3}]
    assert specification["encoding"]["y2"] == {"datum": 0}


def test_a_box_has_its_five_numbers_and_each_outlier():
    assert rows_of(box_chart(SOURCES["boxes"])) == [
        {"k": "box", "g": "North", "low": 1.0, "q1": 2.0, "mid": 3.0, "q3": 4.0, "high": 6.0},
        {"k": "outlier", "g": "North", "v": 9.0},
    ]


def test_groups_that_look_alike_have_boxes_of_their_own():
    boxes = [replace(BOX, group=group, outliers=()) for group in (None, "(missing)")]
    source = BoxSource(title="Price", value_name="price", boxes=boxes, group_name="region")
    assert [row["g"] for row in rows_of(box_chart(source))] == ["(missing)", "(missing) (2)"]


def test_more_boxes_and_outliers_than_there_is_room_for_are_said():
    boxes = [replace(BOX, group=i, outliers=[float(j) for j in range(200)]) for i in range(60)]
    specification = box_chart(BoxSource(title="Price", value_name="price", boxes=boxes, group_name="region"))
    assert notes_of(specification) == [
        "The first 50 of 60 values of region shown.",
        "5,000 of 10,000 outliers shown.",
    ]
    assert len(rows_of(specification)) == 5050


def test_groups_and_outliers_that_were_never_told_are_said():
    boxes = [replace(BOX, group="North", outliers=[9.0, 10.0]), replace(BOX, group="South", outliers=[0.0, 9.0])]
    source = BoxSource(title="Price", value_name="price", boxes=boxes, group_name="region", most_outliers=2)
    assert notes_of(box_chart(replace(source, group_count=7))) == [
        "Of 7 values of region those with most rows shown.",
        "Beyond each whisker the 2 farthest values at most.",
    ]
    assert "subtitle" not in box_chart(replace(source, group_count=2, most_outliers=3))["title"]
