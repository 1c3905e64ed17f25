"""Which days and assets a caller asks to be made; everything that is wrong with a wish is found here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.foundation.errors import BadInput, LimitExceeded
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.operations.requests import Wish
from analytics_pipelines.product_export.served import exported_names
from analytics_pipelines.product_export.tables import ROOM as EXPORT

MOST_DAYS = 4000
SERVING = "serving_generation"


class UnknownAssets(BadInput):
    """A name is neither an asset nor a group of assets."""


class DaysOutOfRange(BadInput):
    """The days are in the wrong order, or lie outside of the partitions that there are."""


class TooManyDays(LimitExceeded):
    """More days than one run may have."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The first and the last day that has a partition, and the assets that the export's configuration adds."""

    first: date
    last: date
    exported: tuple[str, ...] = ()

    @staticmethod
    def of(settings: Settings, today: date) -> "Bounds":
        """From `LAKE_START_DATE` to as far ahead of UTC as partitions reach; raises what `export_wishes` raises."""
        last = today + timedelta(days=settings.timezone_ahead_days)
        return Bounds(settings.lake_start_date, last, exported_names(settings))


def wish(first: date, last: date, names: Sequence[str], bounds: Bounds) -> Wish:
    """The checked wish; raises `DaysOutOfRange`, `TooManyDays` or `UnknownAssets`."""
    if last < first:
        raise DaysOutOfRange(f"The last day {last} lies before the first, {first}.", remedy="Give the earlier first.")
    if first < bounds.first or last > bounds.last:
        told = f"{bounds.first} to {bounds.last}"
        raise DaysOutOfRange("There are no partitions for some of these days.", limit=told, remedy="Ask for others.")
    if (last - first).days >= MOST_DAYS:
        raise TooManyDays("Too many days for one run.", limit=f"{MOST_DAYS} days", remedy="Ask for them in parts.")
    return Wish(tuple(expanded(names, bounds.exported)), first, last)


def last_days(days: int, today: date) -> tuple[date, date]:
    """First and last of the `days` days that end today."""
    return today - timedelta(days=days - 1), today


def expanded(names: Iterable[str], exported: Iterable[str] = ()) -> list[str]:
    """Names of assets, each group replaced by its assets, sorted; raises `UnknownAssets`."""
    groups = asset_groups(exported)
    known = {asset for assets in groups.values() for asset in assets}
    asked = set(names)
    if strange := sorted(asked - known - groups.keys()):
        remedy = "Groups: " + ", ".join(groups) + ". Assets: " + ", ".join(sorted(known)) + "."
        raise UnknownAssets("There are no such assets or groups: " + ", ".join(strange[:20]) + ".", remedy=remedy)
    return sorted({asset for name in asked for asset in groups.get(name, [name])})


def asset_groups(exported: Iterable[str] = ()) -> dict[str, list[str]]:
    """The assets of each group, with those that the export's configuration adds."""
    groups: dict[str, list[str]] = {}
    for table in TABLES:
        groups.setdefault(table.room, []).append(table.name)
    groups[EXPORT].extend(exported)
    return {**groups, "serving": [SERVING]}
