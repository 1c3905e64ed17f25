"""From events, visits and visitors to the figures of a site's local day."""

from datetime import date

from analytics_pipelines.foundation.select import Scan, Select
from analytics_pipelines.foundation.sql import Sql, chained, from_file
from analytics_pipelines.web_events.tables import CORE_EVENTS, SESSIONS, SITES, VISITORS

STEPS = {"local_day": "local_day", "hits": "local_hits", "local_visits": "local_visits", "figures": "daily_figures"}
NEW_AFTER_DAYS = 30
"""A visitor is new who was not seen on so many days before."""


def daily_figures(events: Scan, sessions: Scan, visitors: Scan, sites: Scan, day: date) -> Select:
    """`out_web__daily_metrics` of the sites' local `day`.

    Events, sessions and sites are those of the UTC days before, of and after it, visitors those of `day` and the
    `NEW_AFTER_DAYS` before. Visitors, page views and events count on the day they happened, visits and their
    durations on the day the visit began; so a day that only saw the end of a visit has events and no visits.
    """
    steps = {step: from_file(__package__, query) for step, query in STEPS.items()}
    query = chained(steps, Sql("SELECT * FROM figures"))
    reads = {CORE_EVENTS.name: events, SESSIONS.name: sessions, VISITORS.name: visitors, SITES.name: sites}
    return Select(query, reads, {"day": day})
