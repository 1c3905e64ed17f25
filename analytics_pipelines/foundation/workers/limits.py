"""What a worker's process may use of the machine."""

import math
import resource
from dataclasses import dataclass
from pathlib import Path

PAGE_BYTES = resource.getpagesize()
SPARE_CPU_S = 2


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What one job may use; `deadline_s` counts from when its process has begun."""

    memory_bytes: int
    """Address space beyond what the process has before the job: libraries reserve more than they fill."""
    deadline_s: float
    largest_file_bytes: int | None = None
    """Largest file that it may write."""
    reads: tuple[str, ...] | None = None
    """Files and folders that it may read: it is caged then (`foundation.cage`). None leaves it free."""
    writes: tuple[str, ...] = ()
    """Folders that a caged one may write in, beside its own."""

    def impose(self) -> None:
        """Bind this process for good: memory, processor time past the deadline, files, no core dump."""
        taken_bytes = address_space_bytes()
        if taken_bytes:
            _bind(resource.RLIMIT_AS, taken_bytes + self.memory_bytes)
        _bind(resource.RLIMIT_CPU, math.ceil(self.deadline_s) + SPARE_CPU_S)
        _bind(resource.RLIMIT_CORE, 0)
        if self.largest_file_bytes is not None:
            _bind(resource.RLIMIT_FSIZE, self.largest_file_bytes)


def address_space_bytes() -> int:
    """The size of this process's address space; 0 where the system does not tell (it is Linux that does)."""
    try:
        told = Path("/proc/self/statm").read_text(encoding="ascii")
    except OSError:
        return 0
    return int(told.split()[0]) * PAGE_BYTES


def _bind(kind: int, most: int) -> None:
    """Never more than the process has been given already."""
    given = resource.getrlimit(kind)[1]
    bound = most if given == resource.RLIM_INFINITY else min(most, given)
    resource.setrlimit(kind, (bound, bound))
