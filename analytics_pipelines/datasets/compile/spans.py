"""The buckets from the first of a series to the last, also those that no row lies in."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from analytics_pipelines.datasets.plan.model import Bucket

MONTHS = {Bucket.MONTH: 1, Bucket.QUARTER: 3, Bucket.YEAR: 12}
LENGTHS = {
    Bucket.MINUTE: timedelta(minutes=1),
    Bucket.HOUR: timedelta(hours=1),
    Bucket.DAY: timedelta(days=1),
    Bucket.WEEK: timedelta(weeks=1),
}
YEAR = 12
SATURDAY = 5


def spans_between(at: Sequence[datetime], bucket: Bucket, *, most: int) -> list[datetime] | None:
    """Starts of all buckets from the first to the last; None of more than `most`.

    `at` rises; it is in UTC, or naive. Where none of several days is at a weekend, the weekends are left out.
    """
    first, last = at[0], at[-1]
    if bucket in MONTHS:
        count = ((last.year - first.year) * YEAR + last.month - first.month) // MONTHS[bucket]
    else:
        count = (last - first) // LENGTHS[bucket]
    if count >= most:
        return None
    starts = [_moved(first, bucket, steps) for steps in range(count + 1)]
    if bucket is Bucket.DAY and all(each.weekday() < SATURDAY for each in at):
        return [each for each in starts if each.weekday() < SATURDAY]
    return starts


def _moved(at: datetime, bucket: Bucket, steps: int) -> datetime:
    if bucket not in MONTHS:
        return at + steps * LENGTHS[bucket]
    years, month = divmod(at.month - 1 + steps * MONTHS[bucket], YEAR)
    return at.replace(year=at.year + years, month=month + 1)
