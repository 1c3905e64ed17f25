"""Text, numbers and times as they are drawn."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from analytics_pipelines.datasets.charts.words import label, moment, number, shown


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain", "plain"),
        ("two\nlines\tand\0more", "two lines and more"),
        ("\u202eright to left", "right to left"),
        ("\ud800lone", "lone"),
        ("x" * 41, "x" * 39 + "…"),
    ],
)
def test_text_is_one_short_line_of_what_can_be_seen(text, seen):
    assert shown(text) == seen


@pytest.mark.parametrize(
    ("cell", "seen"),
    [
        (None, "(missing)"),
        ("", '""'),
        (True, "true"),
        (0.1, "0.1"),
        (3.0, "3"),
        (7, "7"),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime.fromisoformat("2024-02-29"), "2024-02-29"),
        (datetime(2024, 2, 29, 23, 30, tzinfo=UTC), "2024-03-01 00:30"),
    ],
)
def test_values_of_groups_are_spelt_out(cell, seen):
    assert label(cell, "Europe/Berlin") == seen


@pytest.mark.parametrize(
    ("cell", "drawn"),
    [
        (2**200, float(2**200)),
        (1.1e300, None),
        (5e-324, 0.0),
        (Decimal("1.5"), 1.5),
        (10**400, None),
        (float("nan"), None),
        (True, None),
        ("5", None),
        (None, None),
    ],
)
def test_only_finite_numbers_are_drawn(cell, drawn):
    assert number(cell) == drawn


@pytest.mark.parametrize(
    ("cell", "zone", "drawn"),
    [
        (datetime(2024, 7, 1, 22, tzinfo=UTC), "Europe/Berlin", "2024-07-02T00:00:00.000Z"),
        (datetime.fromisoformat("2024-07-01T22:00"), "Europe/Berlin", "2024-07-01T22:00:00.000Z"),
        (date(2024, 7, 1), "America/New_York", "2024-07-01T00:00:00.000Z"),
        (datetime(9999, 12, 31, 23, tzinfo=UTC), "Asia/Tokyo", "9999-12-31T23:00:00.000Z"),
        (None, "UTC", None),
        ("2024-07-01", "UTC", None),
    ],
)
def test_times_read_as_the_clock_of_the_zone(cell, zone, drawn):
    assert moment(cell, zone) == drawn
