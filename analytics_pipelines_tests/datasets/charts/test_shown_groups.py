"""What of many groups is drawn."""

from datetime import date, timedelta

from analytics_pipelines.datasets.charts.shown_groups import shown_of
from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines_tests.datasets.charts.charted import MONTHS, group, groups, measure, time


def test_the_largest_groups_are_kept_in_the_order_in_which_they_came():
    drawn = shown_of(groups([group("a"), measure()], [[f"g{i:02}", i] for i in range(60)]))
    assert drawn.x_values == [f"g{i:02}" for i in range(10, 60)]
    assert drawn.notes == ("The 50 largest of 60 values of a shown.",)


def test_more_series_than_colours_are_left_out_and_said():
    drawn = shown_of(groups([group("a"), group("b"), measure()], [["x", f"s{i}", -i] for i in range(10)]))
    assert drawn.series == [f"s{i}" for i in range(2, 10)]
    assert drawn.notes == ("The 8 largest of 10 values of b shown.",)


def test_bars_beside_each_other_leave_room_for_fewer_groups():
    rows = [[f"g{i:02}", f"s{j}", i] for i in range(40) for j in range(8)]
    drawn = shown_of(groups([group("a"), group("b"), measure()], rows), most_marks=120)
    assert drawn.x_values == [f"g{i}" for i in range(25, 40)]


def test_time_lies_along_the_axis_and_groups_become_series():
    rows = [["x", 1, MONTHS[1], 1.0], ["x", 1, MONTHS[0], 2.0], ["y", None, MONTHS[0], 3.0]]
    drawn = shown_of(groups([group("a"), group("b"), time(), measure()], rows, timezone="Europe/Berlin"))
    assert (drawn.x_name, drawn.series_name) == ("sold_at (Europe/Berlin)", "a · b")
    assert [point.x for point in drawn.points] == [
        "2024-01-01T01:00:00.000Z", "2024-01-01T01:00:00.000Z", "2024-02-01T01:00:00.000Z",
    ]  # fmt: skip
    assert drawn.series == ["x · 1", "y · (missing)"]


def test_a_missing_time_has_no_place_and_that_is_said():
    drawn = shown_of(groups([time(), measure()], [[None, 1.0], [MONTHS[0], 2.0]]))
    assert len(drawn.points) == 1
    assert drawn.notes == ("What has no sold_at (UTC) is not shown.",)


def test_thousands_of_times_are_thinned_evenly_and_spelt_out_ones_cut_to_the_last():
    days = [date(2000, 1, 1) + timedelta(days=i) for i in range(6000)]
    source = groups([time("day", ColumnKind.DATE), measure()], [[day, 1.0] for day in days])
    drawn = shown_of(source)
    assert len(drawn.points) == 5000
    assert drawn.notes == ("5,000 of 6,000 times shown.",)
    assert drawn.x_name == "day"
    spelt = shown_of(source, as_names=True)
    assert spelt.x_values == [str(day) for day in days[-50:]]


def test_groups_that_look_alike_stay_apart():
    alike = ["x" * 50 + "1", "x" * 50 + "2", 1, "1", None, "(missing)"]
    drawn = shown_of(groups([group("a"), measure()], [[value, 1.0] for value in alike]))
    cut = "x" * 39 + "…"
    assert drawn.x_values == [cut, f"{cut} (2)", "1", "1 (2)", "(missing)", "(missing) (2)"]


def test_the_rest_of_a_top_is_called_other_and_not_missing():
    drawn = shown_of(groups([group("a"), measure()], [["x", 5.0], [None, 1.0], [None, 3.0]], other=[2]))
    assert drawn.x_values == ["x", "(missing)", "(other)"]
