"""When the file system of each share is full, if the share grows on as it did."""

import math
from dataclasses import dataclass
from datetime import date, timedelta

from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.storage_snapshots.ask.chosen import ShareSnapshot
from analytics_pipelines.storage_snapshots.ask.ends import Ends
from analytics_pipelines.storage_snapshots.ask.forecast import Forecast, Point, forecast
from analytics_pipelines.storage_snapshots.tables import GROWTH, SNAPSHOTS


@dataclass(frozen=True, slots=True)
class Outlook:
    """When the share's file system is full: days from the last snapshot, and the day; None without a forecast.

    `capacity` and `available` are the file system's, or what was asked with; None where the scan did not tell.
    """

    outlook: str
    points: int
    history_days: int
    bytes_per_day: float | None
    bytes_per_day_range: tuple[float, float] | None
    r_squared: float | None
    capacity: int | None
    available: int | None
    days_until_full: float | None
    days_until_full_range: tuple[float, float] | None
    full_date: date | None


def outlooks(both: Ends, capacity: int | None = None) -> dict[str, Outlook]:
    """The outlook of each share, from the space it took on all days of the range.

    What is left is what was free on the file system at the last snapshot, or with `capacity` what the share may still
    take of so many bytes. Raises `TimedOut`.
    """
    points = _daily_sizes(both)
    query = from_file(__package__, "room_left").fill(snapshots=both.later.scan(SNAPSHOTS))
    rooms = {share: room for share, *room in both.later.lease.tuples(query)}
    return {
        later.share: _outlook(points[later.share], later, capacity, *rooms.get(later.share, (None, None)))
        for later in both.later.snapshots
    }


def outlook_of(found: Forecast, last_day: date, capacity: int | None, available: int | None) -> Outlook:
    """The forecast with the day on which the share is full; None past the calendar's end."""
    days, line = found.days_until_full, found.trend
    is_told = days is not None and math.ceil(days) <= (date.max - last_day).days
    least, most = found.least_days_until_full, found.most_days_until_full
    return Outlook(
        found.outlook.value,
        found.points,
        found.history_days,
        bytes_per_day=line.bytes_per_day if line else None,
        bytes_per_day_range=(line.least_bytes_per_day, line.most_bytes_per_day) if line else None,
        r_squared=line.r_squared if line else None,
        capacity=capacity,
        available=available,
        days_until_full=days,
        days_until_full_range=None if least is None or most is None else (least, most),
        full_date=last_day + timedelta(days=math.ceil(days)) if days is not None and is_told else None,
    )


def _outlook(
    points: list[Point], later: ShareSnapshot, asked: int | None, capacity: int | None, available: int | None
) -> Outlook:
    if asked is not None:
        capacity, available = asked, max(asked - points[-1][1], 0) if points else None
    return outlook_of(forecast(points, available), later.day, capacity, available)


def _daily_sizes(both: Ends) -> dict[str, list[Point]]:
    found: dict[str, list[Point]] = {later.share: [] for _, later in both.pairs}
    lease = both.later.lease
    if not lease.holds(GROWTH.name):
        return found
    ranges = {later.share: (earlier.day, later.day) for earlier, later in both.pairs}
    first, last = min(each[0] for each in ranges.values()), max(each[1] for each in ranges.values())
    query = from_file(__package__, "daily_sizes").fill(growth=lease.scan(GROWTH.name, first, last))
    for share, day, allocated in lease.tuples(query, first=first, last=last):
        if share in ranges and ranges[share][0] <= day <= ranges[share][1]:
            found[share].append((day, allocated))
    return found
