"""How the machine is divided among workers."""

import shutil
from dataclasses import dataclass

import psutil

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.settings import Settings

MOST_SLOTS = 8
SPILL_SHARE = 0.5
"""Part of the free disk that all workers together may fill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Workers, the part of each, and how many long queries run at once: about one for each core."""

    slots: int
    long_places: int
    threads: int
    worker_memory_bytes: int
    worker_spill_bytes: int

    @staticmethod
    def of(settings: Settings) -> "Sizes":
        """What `DUCKDB_WORKER_THREADS` and `DUCKDB_MEMORY_LIMIT` give on this machine."""
        limits = DuckLimits.of(settings)
        slots = max(2, min(2 * limits.threads, MOST_SLOTS))
        free_bytes = shutil.disk_usage(_existing(settings)).free
        return Sizes(
            slots=slots,
            long_places=max(1, min(psutil.cpu_count() or 1, slots - 1)),
            threads=limits.threads,
            worker_memory_bytes=limits.memory_bytes // slots,
            worker_spill_bytes=int(free_bytes * SPILL_SHARE) // slots,
        )


def _existing(settings: Settings) -> str:
    """The home, or the folder above it that is there."""
    folder = settings.home.path
    while not folder.exists():
        folder = folder.parent
    return str(folder)
