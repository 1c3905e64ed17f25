"""The curves of the home page."""

from datetime import timedelta

import pytest

from analytics_pipelines.dashboard.queries import (
    DAYS_SHOWN,
    DayValue,
    NamedCount,
    stored_bytes_by_day,
    top_channels,
    top_pages,
    visits_by_day,
)
from analytics_pipelines.foundation.generation.lease import Lease
from analytics_pipelines_tests.dashboard.example import TODAY, publish_house

DAYS = [TODAY - timedelta(days=2), TODAY - timedelta(days=1), TODAY]


@pytest.fixture
def open_house(settings, lake):
    leases = []

    def opened(**given) -> Lease:
        leases.append(Lease.open(publish_house(settings, lake, **given).folder, settings))
        return leases[-1]

    yield opened
    for lease in leases:
        lease.close()


def test_visits_of_all_sites_are_summed_by_day(open_house):
    assert visits_by_day(open_house()) == [DayValue(DAYS[0], 20), DayValue(DAYS[1], 40), DayValue(DAYS[2], 60)]


def test_space_of_all_shares_is_summed_by_day(open_house):
    assert [point.value for point in stored_bytes_by_day(open_house())] == [1024, 2048, 3072]


def test_only_the_newest_days_are_shown(open_house):
    points = visits_by_day(open_house(days=DAYS_SHOWN + 2))
    assert len(points) == DAYS_SHOWN
    assert points[-1].day == TODAY


def test_what_came_most_in_the_last_days_comes_first(open_house):
    lease = open_house(days=DAYS_SHOWN + 2)
    visits = 2 * sum(10 * number for number in range(3, DAYS_SHOWN + 3))
    assert top_channels(lease) == [NamedCount("Direct", visits)]
    assert top_pages(lease) == [NamedCount("/", visits), NamedCount("/a", visits // 2)]


def test_an_empty_house_has_no_points(open_house):
    lease = open_house(days=0)
    assert (visits_by_day(lease), stored_bytes_by_day(lease)) == ([], [])
    assert (top_channels(lease), top_pages(lease)) == ([], [])
