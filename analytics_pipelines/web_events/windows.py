"""Which days of which tables each metrics table is made of, and which of its days are out of date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from analytics_pipelines.foundation.clock import days_between
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import Version
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.web_events.measure import NEW_AFTER_DAYS
from analytics_pipelines.web_events.tables import (
    CORE_EVENTS,
    DAILY_BREAKDOWN,
    DAILY_METRICS,
    SESSIONS,
    SITES,
    VISITORS,
)


@dataclass(frozen=True, slots=True)
class Window:
    """Days of a table around the day that is made of them."""

    table: Table
    days_before: int = 1
    days_after: int = 1

    def around(self, day: date) -> list[date]:
        """The days read to make `day`, in order."""
        return days_between(day - timedelta(days=self.days_before), day + timedelta(days=self.days_after))


OF_VISITORS = (Window(CORE_EVENTS), Window(SITES))
OF_METRICS = (
    Window(CORE_EVENTS),
    Window(SESSIONS),
    Window(VISITORS, days_before=NEW_AFTER_DAYS, days_after=0),
    Window(SITES),
)
OF_BREAKDOWN = (Window(CORE_EVENTS), Window(SESSIONS, days_before=2), Window(SITES))
DERIVED = ((DAILY_METRICS, OF_METRICS), (DAILY_BREAKDOWN, OF_BREAKDOWN))


def stale_days(lake: Lake, days: Iterable[date]) -> dict[str, list[date]]:
    """By metrics table, those of `days` whose partition was made from other versions than the lake holds now.

    Days without a partition are none of them: a day that gets its first events is made by name.
    """
    versions = _Versions(lake)
    wanted = sorted(days)
    return {
        table.name: [day for day in wanted if _is_stale(lake, table, windows, day, versions)]
        for table, windows in DERIVED
    }


class _Versions:
    """Versions in the lake, each asked for once."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._known: dict[tuple[str, date], Version | None] = {}

    def of(self, table: Table, day: date) -> Version | None:
        key = (table.name, day)
        if key not in self._known:
            found = self._lake.manifest(table, day)
            self._known[key] = found.version if found else None
        return self._known[key]


def _is_stale(lake: Lake, table: Table, windows: Iterable[Window], day: date, versions: _Versions) -> bool:
    manifest = lake.manifest(table, day)
    if manifest is None:
        return False
    read = (versions.of(window.table, each) for window in windows for each in window.around(day))
    return set(manifest.inputs) != {version for version in read if version}
