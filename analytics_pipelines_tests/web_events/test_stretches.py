from datetime import date, timedelta

import pytest

from analytics_pipelines.web_events.fence import Touched
from analytics_pipelines.web_events.stretches import consecutive, stretches

FIRST = date(2026, 3, 1)
EVERYTHING = (FIRST, FIRST + timedelta(days=30))


def day(number: int) -> date:
    return FIRST + timedelta(days=number - 1)


def touched(text: str) -> list[Touched]:
    """`r5 e3`: received on the 5th, happened on the 3rd."""
    kinds = {"r": "received", "e": "event"}
    return [Touched(day(int(each[1:])), kinds[each[0]], 1) for each in text.split()]


def planned(wanted: str, everything: str = "", late_event_days: int = 3) -> list[tuple[int, int]]:
    asked = touched(wanted)
    found = stretches(asked, asked + touched(everything), late_event_days=late_event_days, within=EVERYTHING)
    return [(each.first.day, each.last.day) for each in found]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("r5 e5", [(4, 6)], id="an event of today"),
        pytest.param("r5 e4", [(3, 5)], id="a day late"),
        pytest.param("r5 e3", [(2, 5)], id="two days late"),
        pytest.param("r5 e2", [(1, 5)], id="the day between is filled, so that one run exports first"),
        pytest.param("r5", [(5, 5)], id="too late to count"),
        pytest.param("r9 e2", [(1, 3), (9, 9)], id="a receipt that the event's day does not read"),
        pytest.param("r5 e5 r15 e15", [(4, 6), (14, 16)], id="days apart"),
        pytest.param("e5 e7", [(4, 8)], id="neighbours in common"),
        pytest.param("e5 e8", [(4, 9)], id="neighbours side by side"),
        pytest.param("e5 e9", [(4, 6), (8, 10)], id="a day between"),
        pytest.param("e1", [(1, 2)], id="no day before the first partition"),
        pytest.param("e31", [(30, 31)], id="no day after the last"),
    ],
)
def test_days_are_those_touched_and_the_neighbours_of_events(wanted: str, expected: list[tuple[int, int]]) -> None:
    assert planned(wanted) == expected


def test_how_late_an_event_may_be_decides_what_is_made_together() -> None:
    assert planned("r9 e2", late_event_days=7) == [(1, 9)]
    assert planned("r5 e2", late_event_days=2) == [(1, 3), (5, 5)]


def test_a_day_asked_for_alone_takes_the_receipts_that_it_reads_along() -> None:
    assert planned("e2", everything="r5") == [(1, 5)]


def test_a_stretch_names_what_it_answers_and_days_without_partition_are_never_answered() -> None:
    asked = touched("r5 e5 e40 r20")
    found = stretches(asked, asked, late_event_days=3, within=EVERYTHING)
    assert [each.touched for each in found] == [tuple(touched("r5 e5")), tuple(touched("r20"))]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param([], [], id="no day"),
        pytest.param([3], [(3, 3)], id="one day"),
        pytest.param([4, 3, 5, 4], [(3, 5)], id="consecutive days are one"),
        pytest.param([1, 3, 4], [(1, 1), (3, 4)], id="a gap parts them"),
    ],
)
def test_days_become_runs_of_days(days: list[int], expected: list[tuple[int, int]]) -> None:
    assert [(first.day, last.day) for first, last in consecutive(map(day, days))] == expected


def test_stretches_overlap_when_they_have_a_day_in_common() -> None:
    (found,) = stretches(touched("e5"), touched("e5"), late_event_days=3, within=EVERYTHING)
    assert [found.overlaps(day(first), day(last)) for first, last in [(1, 3), (1, 4), (6, 9), (7, 9)]] == [
        False,
        True,
        True,
        False,
    ]
