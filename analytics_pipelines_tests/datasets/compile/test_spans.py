"""Buckets between two others."""

from datetime import UTC, datetime

import pytest

from analytics_pipelines.datasets.compile.spans import spans_between
from analytics_pipelines.datasets.plan.model import Bucket


@pytest.mark.parametrize(
    ("bucket", "at", "expected"),
    [
        (Bucket.MONTH, ["2023-12-01", "2024-03-01"], ["2023-12-01", "2024-01-01", "2024-02-01", "2024-03-01"]),
        (Bucket.QUARTER, ["2023-10-01", "2024-04-01"], ["2023-10-01", "2024-01-01", "2024-04-01"]),
        (Bucket.WEEK, ["2024-02-26", "2024-03-11"], ["2024-02-26", "2024-03-04", "2024-03-11"]),
        (Bucket.DAY, ["2024-03-01", "2024-03-04"], ["2024-03-01", "2024-03-04"]),
        (Bucket.DAY, ["2024-03-02", "2024-03-04"], ["2024-03-02", "2024-03-03", "2024-03-04"]),
        (Bucket.HOUR, ["2024-03-01T22", "2024-03-02T00"], ["2024-03-01T22", "2024-03-01T23", "2024-03-02T00"]),
    ],
)
def test_every_bucket_is_there_but_weekends_of_working_days(bucket, at, expected):
    given = [datetime.fromisoformat(each) for each in at]
    assert spans_between(given, bucket, most=9) == [datetime.fromisoformat(each) for each in expected]


def test_moments_stay_in_utc_and_too_many_are_none():
    given = [datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, 1, tzinfo=UTC)]
    assert spans_between(given, Bucket.HOUR, most=2) == given
    assert spans_between(given, Bucket.MINUTE, most=60) is None
