from datetime import date, timedelta

import pytest

from analytics_pipelines.storage_snapshots.ask.chosen import NoSnapshots, UnknownShare, UnknownSnapshot
from analytics_pipelines.storage_snapshots.ask.ends import BadRange, ends
from analytics_pipelines_tests.storage_snapshots.ask.shelves import DAY, days_taken, shelf, snapshot_row

DAYS = {"one": [0, 3, 40], "two": [3, 38]}


@pytest.fixture
def lease():
    rows = [
        snapshot_row(share, "/" + share, day=DAY + timedelta(days=number))
        for share, numbers in DAYS.items()
        for number in numbers
    ]
    with shelf(days_taken(rows)) as lease:
        yield lease


def numbers_of(both):
    return {later.share: ((earlier.day - DAY).days, (later.day - DAY).days) for earlier, later in both.pairs}


@pytest.mark.parametrize(
    ("first", "last", "share", "expected"),
    [
        pytest.param(None, None, None, {"one": (40, 40), "two": (38, 38)}, id="the last 30 days"),
        pytest.param(0, None, None, {"one": (0, 40), "two": (3, 38)}, id="since a day"),
        pytest.param(1, 39, None, {"one": (3, 3), "two": (3, 38)}, id="days without a snapshot"),
        pytest.param(0, 2, None, {"one": (0, 0)}, id="a share that was not there yet"),
        pytest.param(0, None, "two", {"two": (3, 38)}, id="one share"),
    ],
)
def test_each_share_is_compared_by_its_own_snapshots(lease, first, last, share, expected):
    days = [None if number is None else DAY + timedelta(days=number) for number in (first, last)]
    assert numbers_of(ends(lease, *days, share)) == expected


def test_ranges_that_hold_nothing_are_refused(lease):
    with pytest.raises(BadRange):
        ends(lease, DAY, DAY - timedelta(days=1))
    with pytest.raises(UnknownSnapshot):
        ends(lease, date(1999, 1, 1), date(1999, 2, 1))
    with pytest.raises(UnknownShare):
        ends(lease, None, None, "three")
    assert numbers_of(ends(lease, date.min, date.max)) == {"one": (0, 40), "two": (3, 38)}
    with shelf({}) as empty, pytest.raises(NoSnapshots):
        ends(empty, None, None)
