"""Touched days made anew in this process: what the daemon does by and by, at once and without one."""

from contextlib import closing
from datetime import date, timedelta

from analytics_pipelines.cli.materialize import Runs, made_of
from analytics_pipelines.foundation.clock import days_between, today
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.operations.wish import Bounds
from analytics_pipelines.web_events.fence import forget, touched
from analytics_pipelines.web_events.measure import NEW_AFTER_DAYS
from analytics_pipelines.web_events.stretches import Stretch, consecutive, stretches
from analytics_pipelines.web_events.tables import ROOM
from analytics_pipelines.web_events.windows import stale_days


def make_touched(settings: Settings, database: Database, runs: Runs) -> list[Stretch]:
    """Make all touched days in one run a stretch, then the later days whose metrics were made from what they held.

    Days are forgotten once they are made. Raises `RunFailed`; what was made before it stays made.
    """
    wanted, bounds = touched(database), Bounds.of(settings, today())
    within = (bounds.first, bounds.last)
    found = stretches(wanted, wanted, late_event_days=settings.late_event_days, within=within)
    for stretch in found:
        made_of(runs.group(ROOM, stretch.first, stretch.last))
        forget(database, list(stretch.touched))
    _make_stale(settings, runs, {day for stretch in found for day in _depending(stretch)})
    return found


def _depending(stretch: Stretch) -> list[date]:
    """Days on which metrics may have been made from the days of the stretch."""
    first, last = stretch.first - timedelta(days=1), stretch.last + timedelta(days=NEW_AFTER_DAYS)
    return days_between(first, last)


def _make_stale(settings: Settings, runs: Runs, days: set[date]) -> None:
    with closing(Lake.at(settings.home, DuckLimits.of(settings)).duck) as duck:
        stale = stale_days(Lake(settings.home, duck), days)
    for table, of_table in stale.items():
        for first, last in consecutive(of_table):
            made_of(runs.group(ROOM, first, last, [table]))
