"""The session rule: which events of a visitor make one visit, and on which day it counts.

A visitor's events are ordered by (time, receipt, event id). An event starts a visit iff its gap exceeds the
limit, or it is the visitor's first event of its UTC day and on the day before the visitor's first event came
within the limit after midnight and no gap exceeded the limit. So no visit outlives two days, a visit belongs
to the day in which it starts, and the visits of a day need that day, the one before and the one after.

Most of the work is not to do any. Few events have others near them, so those that surely have none become visits as
they are read; only the rest is put in order, by numbers and without what only a visit's first event tells; of the
neighbouring days only those visitors are read who come and go around midnight.
"""

from datetime import date, timedelta

from analytics_pipelines.foundation.select import Scan, Select
from analytics_pipelines.foundation.sql import chained, from_file
from analytics_pipelines.web_events.tables import SITES

GAP_LIMIT_S = 1_800
"""Of a site without settings: a gap of exactly so many seconds still joins."""
STEPS = (
    "limits",
    "visitors",
    "early_visitors",
    "names_before",
    "full_days",
    "followers",
    "conversions",
    "lone_visits",
    "close_events",
    "spaced",
    "visits",
    "all_visits",
)
DAY = timedelta(days=1)


def sessionize(events: Scan, sites: Scan, day: date) -> Select:
    """`core_web__sessions` of `day` from core events and sites of the day before, the day, and the day after.

    Partitions of other days in the scans are not read. A derived visitor has another id each day; where core tells
    the id of the day before, the two are one person. Source, country, device and the like are those of the visit's
    first event, also where that event lacks them and a later one has them.
    """
    is_alone = from_file(__package__, "sessionize_is_alone")
    steps = {step: from_file(__package__, "sessionize_" + step).fill(is_alone=is_alone) for step in STEPS}
    reads = {
        "events_before": _of_day(events, day - DAY),
        "events_of_day": _of_day(events, day),
        "events_after": _of_day(events, day + DAY),
        SITES.name: sites,
    }
    return Select(chained(steps, from_file(__package__, "sessionize")), reads, {"day": day, "gap_limit_s": GAP_LIMIT_S})


def _of_day(scan: Scan, day: date) -> Scan:
    found = [(file, version) for file, version in zip(scan.files, scan.versions, strict=True) if version.day == day]
    return Scan(scan.table, tuple(file for file, _ in found), tuple(version for _, version in found))
