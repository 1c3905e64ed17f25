from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from analytics_pipelines.storage_snapshots.rollup.bands import BIN_ENDS, ages_of
from analytics_pipelines.storage_snapshots.rollup.computed import NEVER
from analytics_pipelines.storage_snapshots.rollup.forest import Shares
from analytics_pipelines.storage_snapshots.tables import AGE_BANDS, SIZE_BINS

TAKEN = datetime(2026, 3, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def micros(at):
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // TICK


@pytest.mark.parametrize(
    ("age", "band"),
    [
        pytest.param(timedelta(days=-400), "under_30_days", id="a time to come"),
        pytest.param(timedelta(0), "under_30_days", id="now"),
        pytest.param(timedelta(days=30) - TICK, "under_30_days", id="just under 30 days"),
        pytest.param(timedelta(days=30), "under_90_days", id="30 days to the microsecond"),
        pytest.param(timedelta(days=730) - TICK, "under_730_days", id="just under two years"),
        pytest.param(timedelta(days=730), "older", id="two years"),
        pytest.param(timedelta(days=30000), "older", id="before 1970"),
    ],
)
def test_an_age_is_in_the_band_whose_end_it_has_not_reached(age, band):
    shares = Shares(["s"], [TAKEN.date()], np.array([0, 1]))
    (found,) = ages_of(np.array([micros(TAKEN - age)]), shares, {"s": TAKEN})
    assert AGE_BANDS[found][0] == band


def test_each_share_has_its_own_time_and_without_one_nothing_is_known():
    shares = Shares(["a", "b", "c"], [TAKEN.date()] * 3, np.array([0, 2, 3, 4]))
    at = micros(TAKEN)
    times = np.array([at, NEVER, at, at])
    found = ages_of(times, shares, {"a": TAKEN, "c": TAKEN + timedelta(days=365)})
    assert [AGE_BANDS[number][0] for number in found] == ["under_30_days", "unknown", "unknown", "under_730_days"]


def test_bins_begin_at_powers_of_32():
    sizes = [0, 31, 32, 1023, 1024, 2**20 - 1, 2**20, 2**45 - 1, 2**45, 2**63 - 1]
    assert np.searchsorted(BIN_ENDS, sizes, side="right").tolist() == [0, 0, 1, 1, 2, 3, 4, 8, 9, 9]
    assert len(BIN_ENDS) == len(SIZE_BINS) - 1
