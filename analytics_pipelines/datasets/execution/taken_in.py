"""Takes an upload in: read in a process of its own, files first, then the row that makes it a dataset."""

from dataclasses import asdict
from pathlib import Path

from analytics_pipelines.datasets.execution.platform import Platform
from analytics_pipelines.datasets.folders import Place, new_id
from analytics_pipelines.datasets.kept.datasets import DatasetInFull, NewDataset, add_dataset
from analytics_pipelines.datasets.uploads.errors import BrokenParquet
from analytics_pipelines.datasets.uploads.limits import UploadLimits
from analytics_pipelines.datasets.uploads.parquet_upload import is_parquet, read_parquet_upload
from analytics_pipelines.datasets.uploads.upload import UploadedData, read_upload, uploaded_data
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.workers import WorkerDied, WorkerLimits

NOT_OF_THE_READING = frozenset({"columns", "row_count", "column_count", "sha256", "parquet_bytes"})
"""Facts that have columns of their own."""


def take_in(
    platform: Platform,
    database: Database,
    user_id: str,
    received: Path,
    filename: str,
    *,
    keep_original: bool,
    takes_parquet: bool = False,
) -> DatasetInFull:
    """The dataset that the received file, in a folder of its own, becomes; a Parquet file too where one is taken.

    Raises what reading it raises (`datasets.uploads.errors`), `TimedOut`, `MemoryPassed`, `FilePassed`, `DiskFull`.
    """
    data = received.with_name("data.parquet")
    limits = UploadLimits.of(platform.settings.max_upload_size)
    reads = _read_parquet if takes_parquet and is_parquet(received) else _read_text
    read = uploaded_data(reads(platform, str(received), str(data), filename, limits))
    new = _new(new_id(), filename, read, has_original=keep_original)
    platform.folders.publish(Place(user_id, new.id), data=data, original=received if keep_original else None)
    keep_days = platform.settings.dataset_ttl_days
    return add_dataset(database, user_id, new, keep_days=keep_days, clock=platform.clock)


def _read_text(platform: Platform, received: str, data: str, filename: str, limits: UploadLimits) -> bytes:
    return platform.workers.run(read_upload, received, data, filename, limits, limits=_bounds(platform, received))


def _read_parquet(platform: Platform, received: str, data: str, filename: str, limits: UploadLimits) -> bytes:
    """Some broken files end the library's process instead of being told by it."""
    try:
        return platform.workers.run(
            read_parquet_upload, received, data, filename, limits, limits=_bounds(platform, received)
        )
    except WorkerDied:
        raise BrokenParquet("The Parquet file can not be read.", remedy="Write the file again.") from None


def _bounds(platform: Platform, received: str) -> WorkerLimits:
    """The reading sees the received file, and writes beside it."""
    return platform.limits_reading(received, writes=(str(Path(received).parent),))


def _new(dataset_id: str, filename: str, read: UploadedData, *, has_original: bool) -> NewDataset:
    reading = {name: value for name, value in asdict(read).items() if name not in NOT_OF_THE_READING}
    return NewDataset(
        id=dataset_id,
        filename=filename,
        row_count=read.row_count,
        evidence=read.columns,
        sha256=read.sha256,
        parquet_bytes=read.parquet_bytes,
        has_original=has_original,
        reading=reading,
    )
