"""Events that came too late to count, as the published generation holds them."""

from dataclasses import dataclass
from datetime import date, timedelta

from analytics_pipelines.foundation.generation import Generation
from analytics_pipelines.web_events.tables import LATE_EVENTS

DAYS_TOLD = 30


@dataclass(frozen=True, slots=True)
class LateEvents:
    """How many there are of all days, and of each of the last 30 UTC days of receipt that has some."""

    total: int
    by_day: dict[date, int]


def late_events(generation: Generation | None, today: date) -> LateEvents:
    """What the generation holds of them; nothing before the first one."""
    tables = generation.tables if generation else ()
    days = [each for table in tables if table.name == LATE_EVENTS.name for each in table.partitions]
    recent = today - timedelta(days=DAYS_TOLD - 1)
    by_day = {each.day: each.rows for each in days if each.rows and each.day >= recent}
    return LateEvents(sum(each.rows for each in days), by_day)
