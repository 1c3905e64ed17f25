"""HTTP door of the storage snapshots, under the names that the storage backend's clients know."""

from datetime import date

from fastapi import APIRouter
from pydantic import BaseModel, Field

from analytics_pipelines.foundation.errors import TimedOut
from analytics_pipelines.http_kit.depends import DuckLeaseOrNone
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.storage_snapshots import queries
from analytics_pipelines.storage_snapshots.queries import SnapshotSummary

router = APIRouter(prefix="/api", tags=["storage"])


class Snapshot(BaseModel):
    """The snapshot of one day."""

    date: date
    shares: list[str] = Field(description="Scanned trees, by name.")
    files: int = Field(description="Files, links and other names that are no folders; one of several names once.")
    dirs: int = Field(description="Folders, the shares' roots not counted.")
    size: int = Field(description="Apparent size in bytes.")
    size_du: int = Field(description="Space taken on the disks in bytes, as `du` counts it.")
    errors: int = Field(description="Entries that could not be read whole.")

    @staticmethod
    def of(summary: SnapshotSummary) -> "Snapshot":
        """The summary under the contract's names."""
        return Snapshot(
            date=summary.snapshot_date,
            shares=summary.shares,
            files=summary.file_count,
            dirs=summary.dir_count,
            size=summary.size_bytes,
            size_du=summary.allocated_bytes,
            errors=summary.error_count,
        )


@router.get("/snapshots", dependencies=[requires(Scope.VIEWER)], responses=documented(TimedOut))
def read_snapshots(lease: DuckLeaseOrNone) -> list[Snapshot]:
    """Snapshots that can be asked about, newest first; none before the first publication."""
    return [Snapshot.of(summary) for summary in queries.snapshots(lease)] if lease else []
