"""The session rule once more, word by word in plain Python over the whole history, to hold the SQL against."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import md5
from itertools import groupby, pairwise
from typing import Any

from analytics_pipelines.web_events.tables import FROM_WHERE, WITH_WHAT

DAY = timedelta(days=1)
TEN_SECONDS = timedelta(seconds=10)
PLAIN_LIMIT = timedelta(minutes=30)
OF_THE_FIRST_EVENT = ("visitor_id", "visitor_id_before", *(column.name for column in (*FROM_WHERE, *WITH_WHAT)))
Row = Mapping[str, Any]
"""One row of `core_web__events`, `core_web__sites` or `core_web__sessions`."""
Name = tuple[date, str, str]
"""Day, site and visitor id: what one person is called on one day."""


@dataclass(frozen=True)
class Settings:
    """What the rows of `core_web__sites` say, and what holds where they say nothing."""

    sites: Mapping[tuple[date, str], Row]

    def limit(self, site_id: str, day: date) -> timedelta:
        found = self.sites.get((day, site_id))
        return timedelta(seconds=found["gap_limit_s"]) if found else PLAIN_LIMIT

    def is_conversion(self, event: Row) -> bool:
        found = self.sites.get((event["event_date"], event["site_id"]))
        return event["event_type"] in json.loads(found["conversion_events"]) if found else False


def visits_of(events: Iterable[Row], sites: Iterable[Row] = ()) -> list[dict[str, Any]]:
    """All visits of all people, as rows of `core_web__sessions` by site and session."""
    settings = Settings({(site["event_date"], site["site_id"]): site for site in sites})
    rows = list(events)
    people = people_of(rows)

    def person(event: Row) -> Name:
        return people[name_of(event)]

    found = []
    for _, group in groupby(sorted(rows, key=person), key=person):
        found += _visits_of_one(sorted(group, key=_order), settings)
    return sorted(found, key=lambda visit: (visit["site_id"], visit["session_id"]))


def people_of(events: Iterable[Row]) -> dict[Name, Name]:
    """Each name with the first name of the same person.

    A name goes on as that of the day before which its events carry; without one as itself, unless on that day before
    it was the name of somebody who has another name now.
    """
    before: dict[Name, str | None] = {}
    for event in events:
        name = name_of(event)
        before[name] = before.get(name) or event["visitor_id_before"]
    taken = {(day, site, hashed) for (day, site, _), hashed in before.items() if hashed is not None}
    people: dict[Name, Name] = {}
    for name in sorted(before):
        day, site, visitor = name
        earlier = (day - DAY, site, before[name] or visitor)
        goes_on = earlier in people and (before[name] is not None or name not in taken)
        people[name] = people[earlier] if goes_on else name
    return people


def name_of(event: Row) -> Name:
    return event["event_date"], event["site_id"], event["visitor_id"]


def _order(event: Row) -> tuple[Any, ...]:
    return event["event_at"], event["received_at"], event["event_id"]


def _visits_of_one(events: list[Row], settings: Settings) -> list[dict[str, Any]]:
    by_day: dict[date, list[Row]] = {}
    for event in events:
        by_day.setdefault(event["event_date"], []).append(event)
    found: list[tuple[bool, list[Row]]] = []
    for number, event in enumerate(events):
        day = event["event_date"]
        is_after_gap = number == 0 or _gap(events[number - 1], event) > settings.limit(event["site_id"], day)
        is_first_of_day = event is by_day[day][0]
        is_cut = not is_after_gap and is_first_of_day and _is_unbroken(by_day.get(day - DAY, []), settings)
        if is_after_gap or is_cut:
            found.append((is_cut, []))
        found[-1][1].append(event)
    return [_visit(members, is_cut, settings) for is_cut, members in found]


def _gap(before: Row, after: Row) -> timedelta:
    gap: timedelta = after["event_at"] - before["event_at"]
    return gap


def _is_unbroken(events: list[Row], settings: Settings) -> bool:
    """Whether the first event came within the limit after midnight and no gap exceeded the limit."""
    if not events:
        return False
    limit = settings.limit(events[0]["site_id"], events[0]["event_date"])
    midnight = datetime.combine(events[0]["event_date"], time(), UTC)
    return events[0]["event_at"] - midnight <= limit and all(_gap(*pair) <= limit for pair in pairwise(events))


def _visit(events: list[Row], is_cut: bool, settings: Settings) -> dict[str, Any]:
    first, last = events[0], events[-1]
    pages = [event["path"] for event in events if event["is_pageview"]]
    conversions = sum(settings.is_conversion(event) for event in events)
    lasted = _gap(first, last)
    return {
        "visit_date": first["event_date"],
        "site_id": first["site_id"],
        "session_id": _session_id(first),
        "client_session_id": first["session_id"],
        "started_at": first["event_at"],
        "ended_at": last["event_at"],
        "duration_s": lasted // timedelta(seconds=1),
        "pageviews": len(pages),
        "events": len(events),
        "conversions": conversions,
        "entry_page": pages[0] if pages else None,
        "exit_page": pages[-1] if pages else None,
        "is_bounce": sum(event["is_interactive"] for event in events) == 1,
        "is_engaged": len(pages) >= 2 or lasted >= TEN_SECONDS or conversions > 0,
        "is_bot": any(event["is_bot"] for event in events),
        "is_cut": is_cut,
    } | {name: first[name] for name in OF_THE_FIRST_EVENT}


def _session_id(first: Row) -> str:
    site, visitor = first["site_id"], first["visitor_id"]
    text = "".join([str(len(site)), ":", site, str(len(visitor)), ":", visitor, first["event_id"]])
    return md5(text.encode(), usedforsecurity=False).hexdigest()
