"""The manifest of a partition: what the file holds and of what it was made; swapped last.

It names no time and no run, so that the same input gives the same manifest; Dagster knows both.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from analytics_pipelines.foundation.select import Version

FILE_NAME = "_manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Rows, size and hash of `data.parquet`, its schema, and the partitions it was computed from."""

    table: str
    day: date
    rows: int
    size_bytes: int
    sha256: str
    schema: tuple[tuple[str, str], ...]
    table_version: str
    engine: str
    inputs: tuple[Version, ...] = ()

    def to_json(self) -> bytes:
        """Stable text: same manifest, same bytes."""
        return json.dumps(asdict(self), default=str, indent=1, sort_keys=True).encode() + b"\n"

    @property
    def version(self) -> Version:
        """The partition as others name it among their inputs."""
        return Version(self.table, self.day, self.sha256)


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a partition's folder, or None where none was ever published."""
    try:
        content: dict[str, Any] = json.loads((folder / FILE_NAME).read_bytes())
    except FileNotFoundError:
        return None
    content["day"] = date.fromisoformat(content["day"])
    content["schema"] = tuple((name, kind) for name, kind in content["schema"])
    content["inputs"] = tuple(
        Version(each["table"], date.fromisoformat(each["day"]), each["sha256"]) for each in content["inputs"]
    )
    return Manifest(**content)
