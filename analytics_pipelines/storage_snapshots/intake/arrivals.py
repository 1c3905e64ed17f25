"""Which snapshot files the lake has not taken in yet, and which later days compare with what was taken in since.

A file is known by its hash, which the lake's manifest has among its inputs. What was asked for and did not arrive is
asked for again, later each time and only some times, so that a file that nobody can read costs nothing; once the file
changes, all begins anew. A file that is gone changes nothing.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analytics_pipelines.foundation.files import sha256_of
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.lake.manifest import FILE_NAME
from analytics_pipelines.foundation.select import Version
from analytics_pipelines.storage_snapshots.differences.last_known import days_to_remake
from analytics_pipelines.storage_snapshots.intake.received import input_name
from analytics_pipelines.storage_snapshots.layout import DAY, SnapshotFile, snapshots_of, told_sha256
from analytics_pipelines.storage_snapshots.tables import CHANGES, ENTRIES

SETTLED = timedelta(seconds=10)
"""How long a file without a manifest of ours must not have changed."""
LONGEST_INGEST = timedelta(hours=1)
"""A file older than that before the lake's partition can not have changed while it was taken in."""
FIRST_RETRY = timedelta(minutes=5)
MOST_TRIES = 6
MOST_DAYS_A_RUN = 92
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Bounds:
    """The days that have partitions, both ends included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Try:
    """A file as it was when its day was asked for, how often, and when it may be asked for again."""

    sign: str
    tries: int
    again_at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look leaves for the next: files asked for, and days whose later days wait to be compared anew."""

    tries: Mapping[str, Try] = field(default_factory=dict)
    waiting: Mapping[date, int] = field(default_factory=dict)
    """How often each day's later days were asked for."""

    @staticmethod
    def from_json(text: str | None) -> "Seen":
        """Of a cursor; of one that can not be read, as if nothing had been seen."""
        try:
            held: dict[str, Any] = json.loads(text or "{}")
            tries = {key: Try(sign, n, datetime.fromisoformat(at)) for key, (sign, n, at) in held["tries"].items()}
            return Seen(tries, {date.fromisoformat(day): n for day, n in held["waiting"].items()})
        except (KeyError, TypeError, ValueError, AttributeError):
            return Seen()

    def to_json(self) -> str:
        """The cursor."""
        tries = {key: (each.sign, each.tries, each.again_at.isoformat()) for key, each in self.tries.items()}
        waiting = {day.isoformat(): n for day, n in self.waiting.items()}
        return json.dumps({"tries": tries, "waiting": waiting}, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """One run: all days from `first` to `last`; `key` is the same for the same files and tries."""

    first: date
    last: date
    key: str
    is_comparison_only: bool = False
    """Whether only what compares with earlier snapshots is made: the day's own files are as they were."""


@dataclass(frozen=True, slots=True)
class Look:
    """What to ask for, what to remember, and a sentence for people."""

    asked: tuple[Asked, ...]
    seen: Seen
    told: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """A snapshot file that the lake does not hold."""

    file: SnapshotFile
    sign: str
    is_settled: bool
    """Whether it is complete, as far as can be told."""

    @property
    def key(self) -> str:
        """Its name in the cursor."""
        return self.file.day.isoformat() + "/" + self.file.share


def look(lake: Lake, snapshots_folder: Path, seen: Seen, now: datetime, *, within: Bounds) -> Look:
    """What is to be made as of `now`: days with new or changed files, and later days that compare with days made.

    Days are asked for as stretches without a gap. Days outside `within` are passed over.
    """
    found = [each for each in arrivals(lake, snapshots_folder, now) if within.first <= each.file.day <= within.last]
    ready = [each for each in found if each.is_settled and _may_ask(seen.tries.get(each.key), each.sign, now)]
    days = {each.file.day for each in ready}
    later, waiting = _later(lake, seen, {each.file.day for each in found if _hopeful(seen, each)})
    tries = {each.key: kept for each in found if (kept := seen.tries.get(each.key)) and kept.sign == each.sign}
    tries |= {each.key: _tried(tries.get(each.key), each.sign, now) for each in ready}
    asked = [Asked(first, last, _key(ready, tries, first, last)) for first, last in stretches(days)]
    # What compares with days that are still to be made waits for them.
    signs = {day: str(number) for day, number in waiting.items()}
    asked += [
        Asked(first, last, _hashed("later", first, last, signs), is_comparison_only=True)
        for first, last in (stretches(later - days) if not days else ())
    ]
    waiting = {**(waiting if not days else dict(seen.waiting) | waiting), **dict.fromkeys(days, 0)}
    return Look(tuple(asked), Seen(tries, waiting), _told(found, ready))


def arrivals(lake: Lake, snapshots_folder: Path, now: datetime) -> list[Arrival]:
    """Files that the lake does not hold as they are now, by day and share."""
    return [
        Arrival(file, sign_of(file), _is_settled(file, now))
        for day in days_of(snapshots_folder)
        for file in _unknown(lake, snapshots_folder, day)
    ]


def days_of(snapshots_folder: Path) -> list[date]:
    """Days that have a folder, in order; other names are passed over."""
    names = [each.name for each in snapshots_folder.iterdir()] if snapshots_folder.is_dir() else []
    return sorted(day for name in names if DAY.fullmatch(name) and (day := _as_day(name)))


def sign_of(file: SnapshotFile) -> str:
    """Changes whenever the file or its manifest does: sizes, times, inodes."""
    parts = []
    for path in (file.parquet, file.manifest):
        try:
            status = path.stat()
            parts.append(f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}")
        except OSError:
            parts.append("none")
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]


def stretches(days: Iterable[date]) -> list[tuple[date, date]]:
    """The days as ranges without a gap, each of at most `MOST_DAYS_A_RUN` days."""
    found: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if found and day - found[-1][1] == timedelta(days=1) and (day - found[-1][0]).days < MOST_DAYS_A_RUN:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _unknown(lake: Lake, snapshots_folder: Path, day: date) -> Iterator[SnapshotFile]:
    made = lake.manifest(ENTRIES, day)
    held = {each.table: each.sha256 for each in made.inputs} if made else {}
    published = _changed_at(lake.folder(ENTRIES, day) / FILE_NAME) if made else None
    for file in snapshots_of(snapshots_folder, day):
        if not _is_held(file, held.get(input_name(file.share)), published):
            yield file


def _is_held(file: SnapshotFile, sha256: str | None, published: datetime | None) -> bool:
    """Whether the lake holds the file as it is: by its manifest's word, else by its age, else by its bytes."""
    if sha256 is None or published is None:
        return False
    promised = told_sha256(file)
    if promised is not None:
        return promised == sha256
    changed = _changed_at(file.parquet)
    if changed is not None and changed < published - LONGEST_INGEST:
        return True
    try:
        return sha256_of(file.parquet) == sha256
    except OSError:
        return False


def _changed_at(path: Path) -> datetime | None:
    """When the file was last written or renamed (ctime, which nobody can set back)."""
    try:
        return datetime.fromtimestamp(path.stat().st_ctime, UTC)
    except OSError:
        return None


def _is_settled(file: SnapshotFile, now: datetime) -> bool:
    """A manifest that promises a hash is written last; without one, the file must rest and have a footer."""
    if told_sha256(file) is not None:
        return True
    changed = _changed_at(file.parquet)
    if changed is None or now - changed < SETTLED:
        return False
    try:
        pq.read_metadata(file.parquet)
    except (pa.ArrowException, OSError):
        return False
    return True


def _may_ask(tried: Try | None, sign: str, now: datetime) -> bool:
    return tried is None or tried.sign != sign or (tried.tries < MOST_TRIES and tried.again_at <= now)


def _hopeful(seen: Seen, arrival: Arrival) -> bool:
    """Whether a file that is not in the lake may still come into it by itself."""
    tried = seen.tries.get(arrival.key)
    return tried is None or tried.sign != arrival.sign or tried.tries < MOST_TRIES


def _tried(before: Try | None, sign: str, now: datetime) -> Try:
    tries = before.tries + 1 if before else 1
    return Try(sign, tries, now + FIRST_RETRY * 2 ** (tries - 1))


def _later(lake: Lake, seen: Seen, unmade: set[date]) -> tuple[set[date], dict[date, int]]:
    """Later days whose comparison was made of what days in waiting held before; and those days, while any is left."""
    later: set[date] = set()
    waiting: dict[date, int] = {}
    for day, tries in seen.waiting.items():
        made = lake.manifest(ENTRIES, day)
        stale = _stale(lake, made.version) if made else set()
        if tries < MOST_TRIES and (stale or day in unmade):
            waiting[day] = tries + 1 if stale else tries
            later |= stale
    return later, waiting


def _stale(lake: Lake, entries: Version) -> set[date]:
    """Later days that compare with that day and were not made of these entries."""
    later = {day: lake.manifest(CHANGES, day) for day in days_to_remake(lake, entries.day)}
    return {day for day, made in later.items() if made and entries not in made.inputs}


def _key(ready: Iterable[Arrival], tries: Mapping[str, Try], first: date, last: date) -> str:
    signs = {each.key: f"{each.sign}.{tries[each.key].tries}" for each in ready if first <= each.file.day <= last}
    return _hashed("arrivals", first, last, signs)


def _hashed(what: str, first: date, last: date, signs: Mapping[Any, str]) -> str:
    text = json.dumps({str(key): sign for key, sign in signs.items()}, sort_keys=True)
    return f"{what}:{first}:{last}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _told(found: Iterable[Arrival], ready: Iterable[Arrival]) -> str:
    asked = {each.key for each in ready}
    left = [each.key for each in found if each.key not in asked]
    if not left:
        return "No snapshot file is new."
    more = f" and {len(left) - MOST_NAMED} more" if len(left) > MOST_NAMED else ""
    return "Not complete, or not readable: " + ", ".join(left[:MOST_NAMED]) + more + "."


def _as_day(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None
