"""With which earlier snapshot a snapshot is compared, and what was last known of folders that could not be read.

A folder that can not be read looks empty. Nothing below it is called removed; in the first snapshot that can read it
again, what is below is compared with what was last seen there, however many snapshots before. Where several snapshots
in a row could read nothing of it, each of them is passed over.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.storage_snapshots.tables import DIRECTORIES, ENTRIES, SNAPSHOTS

MOST_DAYS_BETWEEN = 366
Shares = Mapping[str, frozenset[str]]
"""For each share of a snapshot's day the folders that could not be read, the topmost of them."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Entries of an earlier snapshot below folders that no snapshot after it could read: `first_pre..last_pre`."""

    day: date
    first_pre: int
    last_pre: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A share's snapshot and the one that it is compared with; None for its first."""

    share: str
    previous: date | None
    absent_columns: frozenset[str] = frozenset()
    """Columns that the producer of either did not give."""
    unreadable: frozenset[str] = frozenset()
    gaps: tuple[Gap, ...] = ()


def pairs(lake: Lake, day: date) -> tuple[Pair, ...]:
    """One for each share that has a snapshot on the day, by name; none without a snapshot.

    An earlier snapshot counts for `MOST_DAYS_BETWEEN` days.
    """
    return Earlier(lake, day).pairs()


def days_read(found: Iterable[Pair], day: date) -> list[date]:
    """The day itself and all that its pairs compare it with, in order."""
    days = {day}
    for pair in found:
        days |= {gap.day for gap in pair.gaps} | ({pair.previous} if pair.previous else set())
    return sorted(days)


def days_to_remake(lake: Lake, day: date) -> list[date]:
    """Later days whose changes depend on the day's snapshots, in order.

    The next snapshot of each share; those after it only as long as folders stay unreadable.
    """
    held = [each for each in lake.days(SNAPSHOTS) if day < each <= day + timedelta(days=MOST_DAYS_BETWEEN)]
    open_shares = dict.fromkeys(_shares(lake, day), frozenset({"/"}))
    touched = []
    for later in held:
        shares = _shares(lake, later).keys() & open_shares.keys()
        if shares:
            touched.append(later)
        hidden = unreadable(lake, later) if shares else {}
        for share in shares:
            region = both(open_shares[share], hidden.get(share, frozenset()))
            open_shares[share] = _told_by(lake, day, share, region)
        open_shares = {share: region for share, region in open_shares.items() if region}
    return touched


def unreadable(lake: Lake, day: date) -> Shares:
    """Folders of the day that could not be read, by share."""
    found: dict[str, set[str]] = {}
    with lake.duck.cursor() as cursor:
        lake.scan(ENTRIES, [day]).mount(cursor, "entries")
        for share, path in cursor.execute(from_file(__package__, "unreadable_folders").text).fetchall():
            found.setdefault(share, set()).add(path)
    return {share: topmost(paths) for share, paths in found.items()}


def topmost(paths: Iterable[str]) -> frozenset[str]:
    """Those that lie in none of the others."""
    known = frozenset(paths)
    return frozenset(path for path in known if not any(above in known for above in folders_above(path)))


def both(some: frozenset[str], others: frozenset[str]) -> frozenset[str]:
    """The topmost folders that lie in (or are) one of `some` and one of `others`."""
    inner = {path for path in some if path in others or any(above in others for above in folders_above(path))}
    return topmost(inner | {path for path in others if any(above in some for above in folders_above(path))})


def folders_above(path: str) -> list[str]:
    """`/a/b/c` → `/`, `/a`, `/a/b`."""
    parts = path.split("/")[1:-1] if path != "/" else []
    inner = ["/" + "/".join(parts[: number + 1]) for number in range(len(parts))]
    return ["/", *inner] if path != "/" else []


class Earlier:
    """Looks back from a day, one snapshot at a time and only as far as something is not known."""

    def __init__(self, lake: Lake, day: date) -> None:
        self._lake = lake
        self._day = day
        oldest = day - timedelta(days=MOST_DAYS_BETWEEN)
        self._days = [each for each in reversed(lake.days(SNAPSHOTS)) if oldest <= each < day]
        self._told: dict[date, Mapping[str, frozenset[str]]] = {}
        self._hidden: dict[date, Shares] = {}

    def pairs(self) -> tuple[Pair, ...]:
        """The pair of each share of the day."""
        return tuple(self._pair(share, absent) for share, absent in sorted(self._shares(self._day).items()))

    def _pair(self, share: str, absent: frozenset[str]) -> Pair:
        days = (day for day in self._days if share in self._shares(day))
        previous = next(days, None)
        if previous is None:
            return Pair(share, None)
        lacking = absent | self._shares(previous)[share]
        return Pair(share, previous, lacking, self._unreadable(self._day, share), self._gaps(share, previous, days))

    def _gaps(self, share: str, previous: date, days: Iterator[date]) -> tuple[Gap, ...]:
        region = self._unreadable(previous, share)
        found = tuple(_inside(self._lake, previous, share, region).values())
        while region and (day := next(days, None)):
            found += tuple(_inside(self._lake, day, share, region).values())
            region = both(region, self._unreadable(day, share))
        return found if any(gap.day < previous for gap in found) else ()

    def _shares(self, day: date) -> Mapping[str, frozenset[str]]:
        if day not in self._told:
            self._told[day] = _shares(self._lake, day)
        return self._told[day]

    def _unreadable(self, day: date, share: str) -> frozenset[str]:
        if day not in self._hidden:
            self._hidden[day] = unreadable(self._lake, day)
        return self._hidden[day].get(share, frozenset())


def _told_by(lake: Lake, day: date, share: str, region: frozenset[str]) -> frozenset[str]:
    """The folders of which the day says anything: what is in them, or that they are away or empty."""
    silent = both(region, unreadable(lake, day).get(share, frozenset())) if region else frozenset()
    return region - (silent - _inside(lake, day, share, silent).keys())


def _inside(lake: Lake, day: date, share: str, paths: frozenset[str]) -> dict[str, Gap]:
    """The entries of the day that lie below each of the folders, where there are any."""
    if not paths:
        return {}
    with lake.duck.cursor() as cursor:
        lake.scan(DIRECTORIES, [day]).mount(cursor, "directories")
        asked = {"share": share, "paths": sorted(paths)}
        rows = cursor.execute(from_file(__package__, "inside_folders").text, asked).fetchall()
    return {path: Gap(day, pre + 1, last_pre) for path, pre, last_pre in rows}


def _shares(lake: Lake, day: date) -> Mapping[str, frozenset[str]]:
    """The day's shares with the columns that their producers did not give."""
    rows = lake.lazy(SNAPSHOTS, [day]).select("share", "absent_columns").collect().rows()
    return {share: frozenset(filter(None, absent.split(","))) for share, absent in rows}
