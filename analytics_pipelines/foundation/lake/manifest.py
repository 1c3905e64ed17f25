"""The manifest of a partition: what the file holds and of what it was made; swapped last.

It names no time and no run, so that the same input gives the same manifest; Dagster knows both. What was copied from
a database says in `source` of which moment it is, since that is its input.
"""

import json
from collections.abc import Mapping
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
    source: Mapping[str, Any] | None = None
    """Of a copy: the source's snapshot, how columns were read, and sums that both sides were compared by."""

    def to_json(self) -> bytes:
        """Stable text: same manifest, same bytes."""
        content = asdict(self)
        if self.source is None:
            del content["source"]
        return json.dumps(content, default=str, indent=1, sort_keys=True).encode() + b"\n"

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


def as_kept(source: Mapping[str, Any]) -> dict[str, Any]:
    """`source` as it is once it was written and read, so that a manifest equals itself."""
    kept: dict[str, Any] = json.loads(json.dumps(source, default=str))
    return kept
