"""The picture of a profile."""

import orjson
import pytest

from analytics_pipelines.datasets.charts.png import png_of
from analytics_pipelines.datasets.charts.profile import profile_chart
from analytics_pipelines_tests.datasets.charts.charted import notes_of

NUMBER = {
    "name": "price", "kind": "number", "nulls": 12, "distinct": 3, "quartiles": [1.0, 2.0, 3.0], "top": [],
    "bins": [{"start": 0.0, "end": 1.0, "count": 3}, {"start": 1.0, "end": 2.0, "count": 5}],
}  # fmt: skip
TEXT = {
    "name": "region\n=1", "kind": "text", "nulls": 0, "distinct": 9, "bins": [], "quartiles": None,
    "top": [{"value": f"value {i}", "count": 10 - i} for i in range(9)],
}  # fmt: skip
EMPTY = {"name": "nothing", "kind": "boolean", "nulls": 8, "distinct": 0, "bins": [], "top": [], "quartiles": None}


def times(kind, start, end):
    bins = [{"start": start, "end": end, "count": 4}]
    return {"name": "at", "kind": kind, "nulls": 0, "distinct": 4, "bins": bins, "top": [], "quartiles": None}


def test_every_column_has_its_little_chart():
    profile = {"row_count": 12345, "columns": [NUMBER, TEXT, EMPTY, times("date", "2024-01-01", "2024-02-01")]}
    specification = profile_chart(profile)
    assert specification["title"]["text"] == "12,345 rows, 4 columns"
    panels = specification["concat"]
    assert [panel["title"]["text"] for panel in panels] == ["price", "region =1", "nothing", "at"]
    assert [panel["title"]["subtitle"] for panel in panels] == [
        "number, 12 missing", "text", "boolean, 8 missing", "date",
    ]  # fmt: skip
    assert [len(panel["data"]["values"]) for panel in panels] == [2, 8, 0, 1]
    assert png_of(specification).startswith(b"\x89PNG")
    assert orjson.dumps(specification) == orjson.dumps(profile_chart(profile))


@pytest.mark.parametrize(
    ("kind", "value", "drawn"),
    [
        ("date", "2024-01-01", "2024-01-01T00:00:00.000Z"),
        ("timestamp", "2024-01-01 10:00:00", "2024-01-01T10:00:00Z"),
        ("timestamp", "2024-01-01T10:00:00", "2024-01-01T10:00:00Z"),
        ("timestamp", "2024-01-01T10:00:00+00:00", "2024-01-01T10:00:00+00:00"),
        ("timestamp", "2024-01-01T10:00:00Z", "2024-01-01T10:00:00Z"),
    ],
)
def test_times_are_read_as_utc_unless_they_say_otherwise(kind, value, drawn):
    (panel,) = profile_chart({"row_count": 4, "columns": [times(kind, value, value)]})["concat"]
    assert panel["data"]["values"][0]["a"] == drawn


def test_more_columns_than_there_is_room_for_are_said_and_none_is_no_error():
    specification = profile_chart({"row_count": 1, "columns": [NUMBER] * 40})
    assert len(specification["concat"]) == 30
    assert notes_of(specification) == ["The first 30 of 40 columns shown."]
    assert png_of(profile_chart({"row_count": 0, "columns": []})).startswith(b"\x89PNG")
