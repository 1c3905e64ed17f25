"""The session rule: which events of a visitor make one visit, and on which day it counts.

A visitor's events are ordered by (time, receipt, event id). An event starts a visit iff its gap exceeds the
limit, or it is the visitor's first event of its UTC day and on the day before the visitor's first event came
within the limit after midnight and no gap exceeded the limit. So no visit outlives two days, a visit belongs
to the day in which it starts, and the visits of a day need that day, the one before and the one after.
"""

from datetime import date

from analytics_pipelines.foundation.select import Scan, Select
from analytics_pipelines.foundation.sql import from_file

GAP_LIMIT_S = 1_800


def sessionize(events: Scan, day: date, *, gap_limit_s: int = GAP_LIMIT_S) -> Select:
    """`core_web__sessions` of `day` from the core events of the day before, the day, and the day after.

    A gap of exactly `gap_limit_s` seconds still joins; the limit is below 24 hours.
    """
    values = {"day": day, "gap_limit_s": gap_limit_s}
    return Select(from_file(__package__, "sessionize"), {"core_web__events": events}, values)
