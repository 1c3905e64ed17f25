"""The step of a series: how far apart its times lie, by the clock, by working days or by months."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from analytics_pipelines.foundation.errors import BadInput, LimitExceeded

Times = npt.NDArray[np.datetime64]
Places = npt.NDArray[np.int64]
SECOND = 1_000_000
UNITS = {
    "week": 604_800 * SECOND,
    "day": 86_400 * SECOND,
    "hour": 3600 * SECOND,
    "minute": 60 * SECOND,
    "second": SECOND,
    "millisecond": 1000,
    "microsecond": 1,
}
"""In microseconds, longest first."""
YEAR = 12
MONTHS = {"year": YEAR, "quarter": 3, "month": 1}
REPEATING = (60 * SECOND, UNITS["hour"], UNITS["day"], UNITS["week"])
"""Spans after which things that happen within days repeat."""
LONGEST_SEASON = 2000


class TimesNotRising(BadInput):
    """A time is not later than the one before it, or some times have a zone and others none."""

    title = "The times do not rise"


class TooFarAhead(LimitExceeded):
    """The horizon reaches past the last year that a date can name."""

    title = "The horizon lies beyond the calendar"


class StepKind(StrEnum):
    """What a step is counted in."""

    FIXED = "fixed"
    WORKING_DAY = "working_day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Step:
    """`size` microseconds, working days (always one) or months."""

    kind: StepKind
    size: int

    @property
    def name(self) -> str:
        """For people: `day`, `15 minutes`, `working day`, `quarter`."""
        if self.kind is StepKind.WORKING_DAY:
            return "working day"
        units = MONTHS if self.kind is StepKind.MONTH else UNITS
        unit, length = next((unit, length) for unit, length in units.items() if self.size % length == 0)
        count = self.size // length
        return unit if count == 1 else f"{count:,} {unit}s"

    @property
    def seasons(self) -> tuple[int, ...]:
        """After how many steps such a series may repeat."""
        if self.kind is StepKind.WORKING_DAY:
            return (5,)
        if self.kind is StepKind.MONTH:
            return (YEAR // self.size,) if self.size < YEAR and YEAR % self.size == 0 else ()
        if self.size == UNITS["week"]:
            return (52,)
        if self.size == UNITS["day"]:
            return (7, 365)
        counts = (span // self.size for span in REPEATING if span % self.size == 0)
        return tuple(count for count in counts if 1 < count <= LONGEST_SEASON)

    def places(self, moments: "Moments") -> Places:
        """How many steps each time lies after the first; to the nearest whole one."""
        if self.kind is StepKind.WORKING_DAY:
            days = moments.wall.astype("datetime64[D]")
            return np.asarray(np.busday_count(days[0], days), dtype=np.int64)
        if self.kind is StepKind.MONTH:
            return np.asarray((moments.months - moments.months[0]) // self.size, dtype=np.int64)
        ways = np.rint(np.diff(moments.by(self.size)) / self.size)
        return np.asarray(np.r_[0, np.cumsum(ways)], dtype=np.int64)

    def after(self, moments: "Moments", count: int) -> list[datetime]:
        """The `count` times that follow the last one; raises `TooFarAhead`."""
        try:
            return [self._moved(moments, steps) for steps in range(1, count + 1)]
        except (OverflowError, ValueError) as error:
            raise TooFarAhead(
                f"{count:,} steps of one {self.name} end after the year 9999.", remedy="Shorten the horizon."
            ) from error

    def _moved(self, moments: "Moments", steps: int) -> datetime:
        last = moments.last
        if self.kind is StepKind.MONTH:
            years, month = divmod(last.month - 1 + steps * self.size, 12)
            year = last.year + years
            return last.replace(year=year, month=month + 1, day=min(moments.anchor, monthrange(year, month + 1)[1]))
        if self.kind is StepKind.WORKING_DAY:
            weeks, days = divmod(last.weekday() + steps, 5)
            return last + timedelta(days=7 * weeks + days - last.weekday())
        way = timedelta(microseconds=steps * self.size)
        if self.size >= UNITS["day"] or last.tzinfo is None:
            return last + way
        return (last.astimezone(UTC) + way).astimezone(last.tzinfo)


@dataclass(frozen=True, slots=True)
class Moments:
    """The times of a series twice over, in microseconds: as the clock on the wall reads, and as time passes."""

    wall: Times
    passed: Times
    last: datetime

    def by(self, size: int) -> Places:
        """Microseconds by which steps of that size are counted: days by the wall, shorter ones as they pass."""
        return (self.wall if size >= UNITS["day"] else self.passed).astype(np.int64)

    @property
    def months(self) -> Places:
        """Months since 1970."""
        return self.wall.astype("datetime64[M]").astype(np.int64)

    @property
    def days_of_month(self) -> Places:
        """1 to 31."""
        days = self.wall.astype("datetime64[D]") - self.wall.astype("datetime64[M]")
        return np.asarray(days.astype(np.int64) + 1, dtype=np.int64)

    @property
    def anchor(self) -> int:
        """The day of the month that months are counted by; a shorter month ends before it."""
        return int(self.days_of_month.max())


def moments_of(at: Sequence[datetime]) -> Moments:
    """The times, each later than the one before; at least two. Raises `TimesNotRising`."""
    zones: set[tzinfo | None] = {each.tzinfo for each in at}
    if len(zones) > 1 and None in zones:
        raise TimesNotRising("Some times have a zone and others have none.", remedy="Give all of them one.")
    wall = np.array([each.replace(tzinfo=None) for each in at], dtype="datetime64[us]")
    passed = wall
    if None not in zones:
        passed = np.array([each.astimezone(UTC).replace(tzinfo=None) for each in at], dtype="datetime64[us]")
    falls = np.flatnonzero(np.diff(passed) <= np.timedelta64(0))
    if falls.size:
        before, after = at[falls[0]], at[falls[0] + 1]
        raise TimesNotRising(
            f"{after.isoformat()} comes after {before.isoformat()}; a series has one value a time, in order.",
            remedy="Give a bucket, such as day, so that values of one span of time become one.",
        )
    return Moments(wall, passed, at[-1])
