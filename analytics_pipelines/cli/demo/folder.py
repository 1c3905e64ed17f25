"""The folder that the demo owns: it changes between the two scans, so that growth is something to see."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from analytics_pipelines.foundation.errors import Conflict

NAME = "analytics-demo"
MARKER = ".made-by-analytics-demo"
KIB = 1024


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """Where the demo's own files lie, and whether that is inside the scanned tree."""

    path: Path
    is_inside: bool

    def first_state(self) -> None:
        """A few small files, one of which will grow and one will go."""
        self._write("reports/january.csv", 40)
        self._write("reports/february.csv", 55)
        self._write("logs/service.log", 300)
        self._write("to-delete.tmp", 80)

    def second_state(self) -> None:
        """The same folder a day later: one file grown, one new, one gone."""
        self._write("reports/march.csv", 70)
        self._write("logs/service.log", 900)
        self._write("backups/monday.bin", 2 * KIB)
        (self.path / "to-delete.tmp").unlink(missing_ok=True)

    def _write(self, name: str, kib: int) -> None:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode() * (kib * KIB // len(name)))


@contextmanager
def demo_folder(scanned: Path, beside: Path) -> Iterator[DemoFolder]:
    """The folder inside `scanned`, or below `beside` when that is read-only; emptied before and removed after."""
    inside = scanned / NAME
    is_inside = os.access(scanned, os.W_OK)
    folder = DemoFolder(inside if is_inside else beside / NAME, is_inside)
    _remove(folder.path)
    folder.path.mkdir(parents=True)
    (folder.path / MARKER).touch()
    try:
        yield folder
    finally:
        _remove(folder.path)


def _remove(path: Path) -> None:
    if not path.exists():
        return
    if not (path / MARKER).is_file():
        raise Conflict(f"{path} exists and was not made by the demo.", remedy="Move it away, or choose another --path.")
    shutil.rmtree(path)
