"""Local time of moments, worked out from a zone's few changes of offset.

DuckDB's `AT TIME ZONE` asks a calendar about each row, which costs 3.5 s for 10 million of them; comparing each with
few of the changes between the least and the greatest costs a tenth of that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from analytics_pipelines.foundation.sql import Sql

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST, LATEST = datetime(1800, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Before, zones had not begun; after, nobody knows them: the offset of these moments holds."""
EITHER = Sql("CASE WHEN {moment} < MAKE_TIMESTAMPTZ({change}) THEN {before} ELSE {after} END")


@dataclass(frozen=True, slots=True)
class Change:
    """From `at_us` on, local time is `offset_us` ahead of UTC; both in microseconds."""

    at_us: int
    offset_us: int


def offset_of(moment: Sql, zone: ZoneInfo, first_us: int, last_us: int) -> Sql:
    """Microseconds that local time is ahead of UTC at the moment; right from `first_us` to `last_us` since 1970."""
    first, last = _within(first_us), _within(last_us)
    return _chosen(moment, [Change(0, _offset_us(first, zone)), *changes(zone, first, last)])


def changes(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[Change]:
    """The changes of offset after `first` and up to the day after `last`, in order; found by looking at each day."""
    before, offset_us = first.replace(microsecond=0), _offset_us(first, zone)
    while before <= last:
        after = before + DAY
        if _offset_us(after, zone) != offset_us:
            offset_us = _offset_us(after, zone)
            yield Change((_first_with(offset_us, zone, before, after) - EPOCH) // MICROSECOND, offset_us)
        before = after


def _first_with(offset_us: int, zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second of that offset."""
    while after - before > SECOND:
        middle = before + (after - before) // SECOND // 2 * SECOND
        if _offset_us(middle, zone) == offset_us:
            after = middle
        else:
            before = middle
    return after


def _within(us: int) -> datetime:
    earliest, latest = ((each - EPOCH) // MICROSECOND for each in (EARLIEST, LATEST))
    return EPOCH + max(earliest, min(us, latest)) * MICROSECOND


def _offset_us(moment: datetime, zone: ZoneInfo) -> int:
    return (moment.astimezone(zone).utcoffset() or timedelta()) // MICROSECOND


def _chosen(moment: Sql, found: Sequence[Change]) -> Sql:
    """The offset by halving, so that a row is compared with few of the changes."""
    if len(found) == 1:
        return Sql(str(found[0].offset_us))
    middle = len(found) // 2
    return EITHER.fill(
        moment=moment,
        change=Sql(str(found[middle].at_us)),
        before=_chosen(moment, found[:middle]),
        after=_chosen(moment, found[middle:]),
    )
