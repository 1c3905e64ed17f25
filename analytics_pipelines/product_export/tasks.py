"""Which partitions a run makes: the tables asked for, and of each the days that can still be known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.product_export.outcome import LeftAlone
from analytics_pipelines.product_export.wishes import Mode, TableWish

PAST = "the source keeps no history, so a past day stays as it was exported"
AHEAD = "the day has not begun"


class UnknownTable(BadInput):
    """No exported table has that name."""


@dataclass(frozen=True, slots=True)
class Task:
    """One partition to be made."""

    wish: TableWish
    day: date


def chosen(wishes: Sequence[TableWish], names: Sequence[str] | None) -> list[TableWish]:
    """The tables named as in the lake, in short, or as `schema.table`; all for None. Raises `UnknownTable`."""
    if names is None:
        return list(wishes)
    known = {name: wish for wish in wishes for name in (wish.lake_name, wish.name, wish.source_name)}
    if strange := sorted(set(names) - set(known)):
        remedy = "Exported are " + ", ".join(wish.name for wish in wishes) + "."
        raise UnknownTable("No exported table is called " + ", ".join(strange) + ".", remedy=remedy)
    asked = {known[name].lake_name for name in names}
    return [wish for wish in wishes if wish.lake_name in asked]


def shared_out(wishes: Iterable[TableWish], days: Sequence[date], today: date) -> tuple[list[Task], list[LeftAlone]]:
    """What to make of these days, and what to leave with the reason.

    A copy of a whole table is of now, and therefore today's; rows that carry their day can be read for any day that
    has begun, and for the days before it whose rows may have come late.
    """
    tasks: list[Task] = []
    left: list[LeftAlone] = []
    for wish in wishes:
        late = wish.late_days if wish.mode is Mode.APPEND else 0
        wanted = {day - timedelta(days=back) for day in days if day <= today for back in range(late + 1)}
        for day in sorted(wanted | set(days)):
            if day > today:
                left.append(LeftAlone(wish.lake_name, day, AHEAD))
            elif day < today and wish.mode is not Mode.APPEND:
                left.append(LeftAlone(wish.lake_name, day, PAST))
            else:
                tasks.append(Task(wish, day))
    return tasks, left
