"""From events and visits to the figures of a day."""

from analytics_pipelines.foundation.select import Scan, Select
from analytics_pipelines.foundation.sql import from_file


def daily_figures(events: Scan, sessions: Scan) -> Select:
    """`out_web__daily_metrics` of the days scanned.

    Visitors, page views and events count on the day they happened, visits and their durations on the day the visit
    began; so a day that only saw the end of a visit has events and no visits.
    """
    return Select(from_file(__package__, "daily_figures"), {"core_web__events": events, "core_web__sessions": sessions})
