"""What running plans needs of the application: made once, handed to every call."""

from dataclasses import dataclass, replace

from analytics_pipelines.datasets.execution.at_work import WORK
from analytics_pipelines.datasets.folders import Folders
from analytics_pipelines.foundation.clock import Clock, now
from analytics_pipelines.foundation.duck import bytes_of
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.workers import WorkerLimits, Workers

ENGINE_SHARE = 0.75
"""The engine's part of a plan's memory; the rest is for statistics and the answer."""
LARGEST_FILE_SHARE = 40
"""Times the largest upload that its Parquet file may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """Processes to compute in, folders to keep uploads in, and the bounds of both."""

    settings: Settings
    workers: Workers
    folders: Folders
    clock: Clock = now

    @staticmethod
    def of(settings: Settings, *, clock: Clock = now) -> "Platform":
        """That of the settings; no process is started yet. Raises `UploadsMisplaced`."""
        workers = Workers(WORK, most=settings.plan_processes)
        return Platform(settings=settings, workers=workers, folders=Folders.of(settings), clock=clock)

    def close(self) -> None:
        """End the processes; plans that run fail."""
        self.workers.close()

    @property
    def memory_bytes(self) -> int:
        """What one plan, or reading one upload, may take."""
        return bytes_of(self.settings.plan_memory_limit)

    @property
    def engine_memory_bytes(self) -> int:
        """The engine's part of it."""
        return int(self.memory_bytes * ENGINE_SHARE)

    @property
    def limits(self) -> WorkerLimits:
        """The bounds of one process."""
        return WorkerLimits(
            memory_bytes=self.memory_bytes,
            deadline_s=self.settings.plan_timeout_s,
            largest_file_bytes=LARGEST_FILE_SHARE * self.settings.max_upload_size,
        )

    def limits_reading(self, *reads: str, writes: tuple[str, ...] = ()) -> WorkerLimits:
        """The same for a process that reads those files and folders alone, and writes in those folders and its own."""
        return replace(self.limits, reads=reads, writes=writes)
