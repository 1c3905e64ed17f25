"""A process that walks: takes folders from the one that scans, and hands over full sheets in shared memory.

Its standard input brings one order a line, its standard output tells in lines too; both are JSON. The memory begins
with a page of two numbers: whether somebody is idle, and how many entries were seen; then come the sheets.
"""

import ctypes
import gc
import json
import mmap
import os
import signal
import struct
import sys
from typing import Any

from analytics_pipelines.storage_snapshots.scanner.sheet import SHEET_BYTES, Sheet
from analytics_pipelines.storage_snapshots.scanner.walk import RootGone, Walk, told

SHEETS = 4
"""One is filled while others wait to be taken: at the start until pyarrow is imported."""
PAGE_BYTES = 4096
MEMORY_BYTES = PAGE_BYTES + SHEETS * SHEET_BYTES
HUNGRY_AT = 0
SEEN_AT = 8
SEEN = struct.Struct("=q")
PARENT_DEATH_SIGNAL = 1
DIES_WITH_ITS_PARENT = (PARENT_DEATH_SIGNAL, signal.SIGKILL)


class Walker:
    """Carries out orders until told to finish: `visit` folders, take a sheet as `free`, `finish`."""

    def __init__(self, root: int, memory: mmap.mmap, *, is_crossing: bool, most_per_second: float | None) -> None:
        self._memory = memory
        whole = memoryview(memory)
        starts = [PAGE_BYTES + number * SHEET_BYTES for number in range(SHEETS)]
        self._places = [whole[start : start + SHEET_BYTES] for start in starts]
        self._free = set(range(SHEETS))
        self._current = 0
        first = self._take_sheet()
        self.walk = Walk(root, self._hand_over, first, is_crossing=is_crossing, most_per_second=most_per_second)

    def work(self) -> None:
        """All of it; returns when told to finish."""
        while self._obey():
            self._walk()
            tell({"idle": True})
        self.walk.finish()
        tell({"done": {"vanished": self.walk.vanished, "other_filesystems": self.walk.other_filesystems}})

    def _walk(self) -> None:
        pending, memory, visit = self.walk.pending, self._memory, self.walk.visit
        while pending:
            visit()
            SEEN.pack_into(memory, SEEN_AT, self.walk.seen)
            if memory[HUNGRY_AT] and len(pending) > 1:
                self._share()

    def _share(self) -> None:
        """Half of what is pending, the half nearest to the root: it tends to hold the most."""
        half = len(self.walk.pending) // 2
        self._memory[HUNGRY_AT] = 0
        tell({"share": self.walk.pending[:half]})
        del self.walk.pending[:half]

    def _obey(self) -> bool:
        """Take orders until there is something to visit; False when it is over."""
        while not self.walk.pending:
            order = heard()
            if "finish" in order:
                return False
            self.walk.pending.extend(order.get("visit", ()))
            self._free.update(order.get("free", ()))
        return True

    def _hand_over(self, sheet: Sheet) -> Sheet:
        tell(
            {
                "sheet": self._current,
                "rows": sheet.rows,
                "name_bytes": sheet.name_bytes,
                "runs": sheet.runs,
                "links": sheet.links,
                "errors": sheet.errors,
            }
        )
        return self._take_sheet()

    def _take_sheet(self) -> Sheet:
        while not self._free:
            self._free.update(heard().get("free", ()))
        self._current = self._free.pop()
        return Sheet(self._places[self._current])


def tell(message: dict[str, Any]) -> None:
    """One line to the process that scans."""
    rest = memoryview(json.dumps(message).encode() + b"\n")
    while rest:
        rest = rest[os.write(sys.stdout.fileno(), rest) :]


def heard() -> dict[str, Any]:
    """The next order; ends the process when nobody is left to give one."""
    line = sys.stdin.buffer.readline()
    if not line:
        raise SystemExit(0)
    order: dict[str, Any] = json.loads(line)
    return order


def main(options: str) -> None:
    """Walk as the options say, in JSON; what goes wrong is told before the process ends."""
    ctypes.CDLL(None).prctl(*DIES_WITH_ITS_PARENT)
    gc.disable()
    given = json.loads(options)
    memory = mmap.mmap(given.pop("memory"), MEMORY_BYTES)
    try:
        Walker(given.pop("root"), memory, **given).work()
    except RootGone as failure:
        tell({"root_gone": str(failure)})
    except OSError as failure:
        tell({"failed": told(failure)})
