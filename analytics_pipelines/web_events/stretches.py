"""From days that were touched to the days that are made anew, in as few runs as the order of the work allows.

An event changes the visits of its own day and of the two around it, a receipt the day on which it came. The events of
a day are read from its own day of receipt and those after it: where one of these was touched too, both go into one run,
which exports first. So a run may hold a day between the two that nothing touched; it comes out as it was.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from analytics_pipelines.web_events.fence import Touched

EVENT = "event"
RECEIVED = "received"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive days to make in one run, and the touched days that they answer."""

    first: date
    last: date
    touched: tuple[Touched, ...] = ()

    def overlaps(self, first: date, last: date) -> bool:
        """Whether the two have a day in common."""
        return self.first <= last and first <= self.last


def stretches(
    wanted: Iterable[Touched],
    everything: Iterable[Touched],
    *,
    late_event_days: int,
    within: tuple[date, date],
) -> list[Stretch]:
    """The stretches that answer the `wanted` days, in order; `everything` is all that was touched, them among it.

    Days that lie not `within` the first and the last partition are left out, and so is what was touched there.
    """
    asked = [each for each in wanted if within[0] <= each.day <= within[1]]
    received = {each.day for each in everything if each.kind == RECEIVED}
    days = {day for each in asked for day in _days(each, received, late_event_days)}
    return [
        Stretch(first, last, tuple(each for each in asked if first <= each.day <= last))
        for first, last in consecutive(day for day in days if within[0] <= day <= within[1])
    ]


def consecutive(days: Iterable[date]) -> list[tuple[date, date]]:
    """First and last of each run of consecutive days, in order."""
    found: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if found and day - found[-1][1] == DAY:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _days(touched: Touched, received: set[date], late_event_days: int) -> list[date]:
    if touched.kind == RECEIVED:
        return [touched.day]
    back = (days for days in range(late_event_days, 1, -1) if touched.day + days * DAY in received)
    reach = next(back, 1)
    return [touched.day + days * DAY for days in range(-1, reach + 1)]
