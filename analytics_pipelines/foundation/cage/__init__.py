"""A cage for a process that works on what strangers sent: the kernel itself refuses what the work does not need.

Here: `Cage`, which a process enters for good: Landlock (which files), seccomp (which calls), a user of its own, no new
privileges. Not here: what is worked on, and limits of memory and time (`foundation.workers`). Enter it with one
thread, before an engine starts threads of its own, and import everything before: nothing else can be read afterwards.

    cage = Cage(read=(generation,), write=(spill,), user=free_account())
    lacking = cage.enter()
"""

from analytics_pipelines.foundation.cage.account import free_account
from analytics_pipelines.foundation.cage.cage import (
    LANDLOCK,
    PARTS,
    SECCOMP,
    USER,
    Cage,
    CageMissing,
    get_ready,
    supported,
)

__all__ = ["LANDLOCK", "PARTS", "SECCOMP", "USER", "Cage", "CageMissing", "free_account", "get_ready", "supported"]
