from datetime import date, timedelta

import pytest

from analytics_pipelines.storage_snapshots.ask.ends import ends
from analytics_pipelines.storage_snapshots.ask.forecast import forecast
from analytics_pipelines.storage_snapshots.ask.outlook import outlook_of, outlooks
from analytics_pipelines.storage_snapshots.tables import GROWTH
from analytics_pipelines_tests.storage_snapshots.ask.shelves import DAY, days_taken, shelf, snapshot_row


def days_of(sizes, share="one", **more):
    """Rows of a share that takes these bytes on the days after `DAY`."""
    days = {DAY + timedelta(days=number): size for number, size in sizes.items()}
    rows = [snapshot_row(share, "/" + share, day=day, **more) for day in days]
    growth = [{"share": share, "snapshot_date": day, "allocated_bytes": size} for day, size in days.items()]
    return days_taken(rows) | {GROWTH.name: growth}


def found_in(rows, first=0, last=99, capacity=None):
    with shelf(rows) as lease:
        both = ends(lease, DAY + timedelta(days=first), DAY + timedelta(days=last))
        return outlooks(both, capacity)["one"]


def test_a_share_is_full_when_what_was_free_is_taken():
    sizes = {number: 1000 + 10 * number for number in range(0, 20, 3)}
    found = found_in(days_of(sizes, capacity_bytes=5000, available_bytes=255))
    assert (found.outlook, found.points, found.history_days, found.r_squared) == ("growing", 7, 19, 1)
    assert (found.bytes_per_day, found.bytes_per_day_range) == (10, (10, 10))
    assert (found.capacity, found.available) == (5000, 255)
    assert (found.days_until_full, found.days_until_full_range) == (25.5, (25.5, 25.5))
    assert found.full_date == DAY + timedelta(days=18 + 26)


def test_a_capacity_that_is_asked_with_counts_in_place_of_the_file_system():
    rows = days_of({number: 100 * number for number in range(10)}, capacity_bytes=5000, available_bytes=255)
    found = found_in(rows, capacity=1000)
    assert (found.capacity, found.available, found.days_until_full) == (1000, 100, 1)
    assert found_in(rows, capacity=1).days_until_full == 0


def test_only_the_days_of_the_range_count():
    sizes = dict.fromkeys(range(10), 1000) | {number: 100 * number for number in range(10, 30)}
    found = found_in(days_of(sizes, available_bytes=100), first=10)
    assert (found.points, found.bytes_per_day, found.days_until_full) == (20, 100, 1)


def test_without_a_known_size_or_history_nothing_is_foretold():
    growing = days_of({number: 100 * number for number in range(10)})
    assert (found_in(growing).outlook, found_in(growing).days_until_full) == ("growing", None)
    short = found_in(days_of({0: 1, 2: 900}, available_bytes=1))
    assert (short.outlook, short.bytes_per_day, short.full_date) == ("short_history", None, None)
    del growing[GROWTH.name]
    assert found_in(growing, capacity=5).points == 0


@pytest.mark.parametrize(("remaining", "is_told"), [(10**3, True), (10**12, False)])
def test_a_day_past_the_calendar_is_none(remaining, is_told):
    points = [(DAY + timedelta(days=number), number) for number in range(10)]
    found = outlook_of(forecast(points, remaining), date(2026, 3, 10), None, remaining)
    assert found.days_until_full == pytest.approx(remaining)
    assert (found.full_date is not None) == is_told
