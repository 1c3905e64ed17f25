"""What a finished scan saw, as its caller and its manifest tell it."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """What a finished scan saw; its manifest holds the same.

    `size_bytes` and `allocated_bytes` add up all names, a file of several names each time; the rollup counts it once.
    `errors` are rows whose entry could not be read whole. `mode` is `hashed` when files of one size were compared, else
    `metadata`; `hashed_bytes` is what was read for it. `capacity_bytes` and `available_bytes` are those of the root's
    file system when the scan began.
    """

    share: str
    day: date
    root: str
    mode: str
    workers: int
    entries: int
    files: int
    directories: int
    others: int
    errors: int
    vanished: int
    other_filesystems: int
    size_bytes: int
    allocated_bytes: int
    hashed_files: int
    hashed_bytes: int
    capacity_bytes: int
    available_bytes: int
    columns: tuple[str, ...]
    started_at: datetime
    ended_at: datetime
    sha256: str
    file: Path

    @property
    def duration_s(self) -> float:
        """Seconds from the first name to the last byte."""
        return (self.ended_at - self.started_at).total_seconds()

    def to_json(self) -> bytes:
        """The manifest's text; its place is known from its own, so `file` is left out."""
        told = {key: value for key, value in asdict(self).items() if key != "file"}
        return json.dumps(told, default=_as_text, indent=1, sort_keys=True).encode() + b"\n"


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
