"""The session rule once more, word by word in plain Python, to hold the SQL against."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import md5
from itertools import groupby, pairwise

from analytics_pipelines_tests.web_events.receipts import Receipt

DAY = timedelta(days=1)


@dataclass
class Visit:
    events: list[Receipt]
    is_cut: bool

    @property
    def day(self) -> date:
        return self.events[0].event_at.date()

    @property
    def session_id(self) -> str:
        first = self.events[0]
        parts = (str(len(first.site_id)), ":", first.site_id, str(len(first.visitor_id)), ":", first.visitor_id)
        return md5("".join([*parts, first.event_id]).encode(), usedforsecurity=False).hexdigest()


def visits_of(events: list[Receipt], limit: timedelta) -> list[Visit]:
    """All visits of all visitors, with the whole history at hand."""

    def visitor(event: Receipt) -> tuple[str, str]:
        return event.site_id, event.visitor_id

    found: list[Visit] = []
    for _, group in groupby(sorted(events, key=visitor), key=visitor):
        found += _visits_of_one(
            sorted(group, key=lambda event: (event.event_at, event.received_at, event.event_id)), limit
        )
    return found


def _visits_of_one(events: list[Receipt], limit: timedelta) -> list[Visit]:
    by_day: dict[date, list[Receipt]] = {}
    for event in events:
        by_day.setdefault(event.event_at.date(), []).append(event)
    found: list[Visit] = []
    for number, event in enumerate(events):
        day = event.event_at.date()
        is_after_gap = number == 0 or event.event_at - events[number - 1].event_at > limit
        is_cut = not is_after_gap and event is by_day[day][0] and _is_unbroken(by_day.get(day - DAY, []), limit)
        if is_after_gap or is_cut:
            found.append(Visit([], is_cut))
        found[-1].events.append(event)
    return found


def _is_unbroken(events: list[Receipt], limit: timedelta) -> bool:
    """Whether the first event came within the limit after midnight and no gap exceeded the limit."""
    if not events:
        return False
    midnight = datetime.combine(events[0].event_at.date(), time(), UTC)
    gaps = [after.event_at - before.event_at for before, after in pairwise(events)]
    return events[0].event_at - midnight <= limit and all(gap <= limit for gap in gaps)
