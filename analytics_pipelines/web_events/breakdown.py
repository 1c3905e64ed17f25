"""From events and visits to the figures of a site's local day by page, source, device and so on."""

from datetime import date

from analytics_pipelines.foundation.select import Scan, Select
from analytics_pipelines.foundation.sql import Sql, chained, from_file, joined, literal, name
from analytics_pipelines.web_events.tables import CORE_EVENTS, DIMENSIONS, SESSIONS, SITES

STEPS = {
    "local_day": "local_day",
    "hits": "local_hits",
    "links": "visitor_links",
    "named_hits": "named_hits",
    "visits": "breakdown_visits",
    "visit_keys": "visit_keys",
    "placed_hits": "placed_hits",
    "placed_visits": "placed_visits",
    "local_visits": "local_visits",
}
OF_EVENTS = {"page": "path", "event_name": "event_type"}
"""Dimensions that an event holds itself, and their columns; all others are its visit's."""
OF_VISITS = {each: {"referrer": "referrer_host"}.get(each, each) for each in DIMENSIONS if each not in OF_EVENTS}


def daily_breakdown(events: Scan, sessions: Scan, sites: Scan, day: date) -> Select:
    """`out_web__daily_breakdown` of the sites' local `day`.

    Events and sites are those of the UTC days before, of and after it; sessions reach one day further back, since an
    event of the first day may belong to a visit that began before it. Visitors, page views and events count on the day
    they happened, visits with their bounces and durations on the day the visit began; only by what an event holds
    itself every visit counts that had such an event on the day.
    """
    steps = {step: from_file(__package__, query) for step, query in STEPS.items()}
    query = chained(steps | {"counted": _by_each_dimension()}, from_file(__package__, "daily_breakdown"))
    return Select(query, {CORE_EVENTS.name: events, SESSIONS.name: sessions, SITES.name: sites}, {"day": day})


def _by_each_dimension() -> Sql:
    by_event, by_visit = (from_file(__package__, "breakdown_by_" + each) for each in ("event", "visit"))
    parts = [by_event.fill(dimension=literal(each), column=name(column)) for each, column in OF_EVENTS.items()]
    parts += [by_visit.fill(dimension=literal(each), column=name(column)) for each, column in OF_VISITS.items()]
    return joined(parts, "\nUNION ALL\n")
