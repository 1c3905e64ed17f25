"""How much memory this process holds, read through descriptors that were opened before the cage."""

import os
import re
import resource

PAGE_BYTES = resource.getpagesize()
MOST_RESIDENT = re.compile(rb"VmHWM:\s+(\d+) kB")
FORGET = b"5"
"""What resets the high-water mark."""
SOME = 4096


class Memory:
    """Of this process; the paths are closed to it once it is caged."""

    def __init__(self) -> None:
        self._sizes = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
        self._status = os.open("/proc/self/status", os.O_RDONLY | os.O_CLOEXEC)
        self._reset = _writable("/proc/self/clear_refs")
        self._before_bytes = 0

    @property
    def address_space_bytes(self) -> int:
        """What `RLIMIT_AS` bounds."""
        return self._size(0)

    @property
    def resident_bytes(self) -> int:
        """What the process fills of it."""
        return self._size(1)

    def begin(self) -> None:
        """From now on `taken_bytes` counts."""
        if self._reset is not None:
            os.pwrite(self._reset, FORGET, 0)
        self._before_bytes = self.resident_bytes

    def taken_bytes(self) -> int:
        """The most that was held since `begin` beyond what was held then.

        Of a kernel that does not forget the high-water mark, less where the process has held as much before.
        """
        found = MOST_RESIDENT.search(os.pread(self._status, SOME, 0))
        return max(0, int(found[1]) * 1024 - self._before_bytes) if found else 0

    def _size(self, place: int) -> int:
        return int(os.pread(self._sizes, SOME, 0).split()[place]) * PAGE_BYTES


def bind_memory(most_bytes: int, largest_file_bytes: int) -> None:
    """Bound the address space and each file for good; there are no core dumps."""
    _bind(resource.RLIMIT_AS, most_bytes)
    _bind(resource.RLIMIT_FSIZE, largest_file_bytes)
    _bind(resource.RLIMIT_CORE, 0)


def _bind(kind: int, most: int) -> None:
    """Never more than the process has been given already."""
    given = resource.getrlimit(kind)[1]
    bound = most if given == resource.RLIM_INFINITY else min(most, given)
    resource.setrlimit(kind, (bound, bound))


def _writable(path: str) -> int | None:
    try:
        return os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return None
