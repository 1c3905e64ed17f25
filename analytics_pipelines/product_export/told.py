"""What a run tells people while it works and afterwards, in words, for a log, a terminal or Dagster's pages."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from threading import Lock

from analytics_pipelines.foundation.lake import Manifest
from analytics_pipelines.product_export.outcome import BASE, Exported, Report
from analytics_pipelines.product_export.wishes import Mode

EACH_S = 10.0
MEGABYTE = 1_000_000


@dataclass(slots=True)
class Pace:
    """How far one table has come."""

    estimated_rows: int
    began_s: float
    rows: int = 0
    size_bytes: int = 0

    @property
    def text(self) -> str:
        """Rows, bytes of Parquet a second, and how long it will take, as far as PostgreSQL's estimate is right."""
        elapsed_s = max(time.monotonic() - self.began_s, 0.001)
        speed = f"{self.rows:,} rows, {self.size_bytes / elapsed_s / MEGABYTE:.1f} MB/s"
        left_rows = self.estimated_rows - self.rows
        return speed + (
            f", about {_seconds(left_rows * elapsed_s / self.rows)} left" if left_rows > 0 and self.rows else ""
        )


@dataclass(slots=True)
class LogLines:
    """A watch that says a line at the start and the end of a table, and each ten seconds between."""

    say: Callable[[str], None]
    each_s: float = EACH_S
    _paces: dict[str, Pace] = field(default_factory=dict)
    _said_s: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def begins(self, table: str, estimated_rows: int) -> None:
        """A line with the estimate."""
        with self._lock:
            self._paces[table] = Pace(estimated_rows, time.monotonic())
            self._said_s = time.monotonic()
            self.say(f"{table}: " + (f"about {estimated_rows:,} rows" if estimated_rows > 0 else "reading"))

    def advances(self, table: str, rows: int, size_bytes: int) -> None:
        """A line, unless there was one a moment ago."""
        with self._lock:
            pace = self._paces[table]
            pace.rows += rows
            pace.size_bytes += size_bytes
            if time.monotonic() - self._said_s >= self.each_s:
                self._said_s = time.monotonic()
                self.say(f"{table}: {pace.text}")

    def ends(self, table: str) -> None:
        """A line with what was read."""
        with self._lock:
            pace = self._paces[table]
            pace.estimated_rows = 0
            self.say(f"{table}: read and compared, {pace.text}")


def lines_of(report: Report) -> Iterator[str]:
    """A line for each partition made or left alone, for each thing to look at, and for the moment; for logs."""
    for each in report.exported:
        what = f"{each.rows:,} rows, {each.size_bytes / MEGABYTE:.1f} MB in {each.duration_s:.1f} s"
        yield f"{each.table.name} of {each.day}: {kind_told(each)}, {what}"
        yield from (f"  {each.table.name}: {told}" for told in notes_of(each))
    yield from left_told(report)
    for name in report.whole_files:
        yield f"{name} is replaced"
    if report.moment:
        yield f"All of one snapshot, taken at {report.moment.taken_at:%Y-%m-%d %H:%M:%S} UTC: {report.moment.snapshot}"


def left_told(report: Report) -> Iterator[str]:
    """A line for each table that was left as it was, with the days and why."""
    left: dict[tuple[str, str], list[date]] = {}
    for each in report.left_alone:
        left.setdefault((each.table, each.reason), []).append(each.day)
    for (table, reason), days in left.items():
        span = f"{min(days)}" if len(days) == 1 else f"{len(days)} days from {min(days)} to {max(days)}"
        yield f"{table} of {span} is left as it is: {reason}"


def kind_told(each: Exported) -> str:
    """Mode and kind in a few words."""
    if each.mode is Mode.INCREMENTAL and each.kind != BASE:
        return f"changes, {each.deleted:,} of them gone"
    return {Mode.INCREMENTAL: "incremental, whole", Mode.FULL: "whole", Mode.APPEND: "of the day"}[each.mode]


def notes_of(each: Exported) -> Iterator[str]:
    """Why a table was copied as a whole, how its columns differ from before, and what to look at."""
    if each.reason:
        yield "copied as a whole: " + each.reason
    yield from each.drift
    yield from each.warnings


def moment_told(manifest: Manifest) -> str:
    """Snapshot and time of the copy; empty for a partition that is none."""
    moment = (manifest.source or {}).get("moment", {})
    return f"{moment['snapshot']} at {moment['taken_at']}" if moment else ""


def columns_told(manifest: Manifest) -> str:
    """How each column came into the lake, as a Markdown table."""
    rows = [("column", "at the source", "in the lake", "masking", "note"), ("---",) * 5]
    rows += [
        (each["name"], each["declared"], each["lake"], each["masking"], each["note"])
        for each in (manifest.source or {}).get("columns", ())
    ]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows)


def _seconds(duration_s: float) -> str:
    minutes, seconds = divmod(round(duration_s), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
