from contextlib import contextmanager
from datetime import timedelta

import pytest

from analytics_pipelines.storage_snapshots.ask.between import ComparedBackwards, between
from analytics_pipelines.storage_snapshots.ask.chosen import (
    BadSnapshotDate,
    NoSnapshots,
    UnknownShare,
    UnknownSnapshot,
)
from analytics_pipelines.storage_snapshots.differences.last_known import MOST_DAYS_BETWEEN
from analytics_pipelines_tests.storage_snapshots.forests import generation_of
from analytics_pipelines_tests.storage_snapshots.histories import folder
from analytics_pipelines_tests.storage_snapshots.trees import DAY

DAYS = [DAY + timedelta(days=number) for number in range(5)]
LONG_AGO = DAY - timedelta(days=MOST_DAYS_BETWEEN + 1)
SHARES = {
    LONG_AGO: ["old"],
    DAYS[0]: ["a", "b", "old"],
    DAYS[1]: ["a"],
    DAYS[3]: ["a", "b"],
    DAYS[4]: ["a", "new"],
}


@contextmanager
def lease_of(home, shares):
    trees = {day: {share: folder("/" + share) for share in names} for day, names in shares.items()}
    with generation_of(home, trees) as (generations, _), generations.acquire() as lease:
        yield lease


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    with lease_of(tmp_path_factory.mktemp("between"), SHARES) as found:
        yield found


def spans(these):
    return [(span.share, span.first.day, span.last.day, span.is_step) for span in these.spans]


def missing(these):
    return [(each.share, each.dates) for each in these.missing]


def test_neighbours_are_a_step_and_others_are_not(lease):
    assert spans(between(lease, str(DAYS[0]), str(DAYS[3]), "a")) == [("a", DAYS[0], DAYS[3], False)]
    assert spans(between(lease, str(DAYS[0]), str(DAYS[3]), "b")) == [("b", DAYS[0], DAYS[3], True)]
    assert spans(between(lease, str(DAYS[0]), str(DAYS[0]), "a")) == [("a", DAYS[0], DAYS[0], False)]


def test_by_default_each_shares_newest_is_compared_with_the_one_before(lease):
    these = between(lease, None)
    assert spans(these) == [("a", DAYS[3], DAYS[4], True), ("b", DAYS[0], DAYS[3], True)]
    assert missing(these) == [("new", []), ("old", [])]


def test_days_that_a_share_lacks_are_told(lease):
    assert missing(between(lease, str(DAYS[0]), str(DAYS[1]))) == [
        ("b", [DAYS[1]]),
        ("new", [DAYS[0], DAYS[1]]),
        ("old", [DAYS[1]]),
    ]


@pytest.mark.parametrize(
    ("first", "last", "share", "error"),
    [
        (str(DAYS[1]), str(DAYS[0]), None, ComparedBackwards),
        (str(DAYS[2]), str(DAYS[3]), None, UnknownSnapshot),
        (str(DAYS[0]), str(DAYS[2]), None, UnknownSnapshot),
        (str(LONG_AGO), str(DAYS[0]), None, UnknownSnapshot),
        (None, "latest", "nobody", UnknownShare),
        ("soon", "latest", None, BadSnapshotDate),
    ],
)
def test_what_can_not_be_compared_is_refused(lease, first, last, share, error):
    with pytest.raises(error):
        between(lease, first, last, share)


def test_without_a_snapshot_there_is_nothing_to_compare(tmp_path):
    with lease_of(tmp_path, {DAY: []}) as lease, pytest.raises(NoSnapshots):
        between(lease, None)
