"""Who visited a site on one of its local days."""

from datetime import date

from analytics_pipelines.foundation.select import Scan, Select
from analytics_pipelines.foundation.sql import chained, from_file
from analytics_pipelines.web_events.tables import CORE_EVENTS, SITES

STEPS = {"local_day": "local_day", "hits": "local_hits", "links": "visitor_links", "named_hits": "named_hits"}


def daily_visitors(events: Scan, sites: Scan, day: date) -> Select:
    """`core_web__visitors` of the sites' local `day`, from the UTC days before, of and after it; robots are left out.

    A site whose settings are not among `sites` counts in UTC; of several the newest hold.
    """
    steps = {step: from_file(__package__, query) for step, query in STEPS.items()}
    query = chained(steps, from_file(__package__, "daily_visitors"))
    return Select(query, {CORE_EVENTS.name: events, SITES.name: sites}, {"day": day})
