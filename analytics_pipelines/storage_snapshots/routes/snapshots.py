"""HTTP door of the storage snapshots, under the names that the storage backend's clients know."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from analytics_pipelines.foundation.errors import TimedOut
from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.http_kit.cached import Answers, Kind
from analytics_pipelines.http_kit.depends import DuckLeaseOrNone
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.storage_snapshots import queries
from analytics_pipelines.storage_snapshots.ask.chosen import LATEST, BadSnapshotDate, NoSnapshots, UnknownSnapshot
from analytics_pipelines.storage_snapshots.layout import snapshot_date
from analytics_pipelines.storage_snapshots.queries import SnapshotOfShare, SnapshotSummary

MOST_CHARACTERS = 100

router = APIRouter(prefix="/api", tags=["storage"])
reading = [requires(Scope.VIEWER)]
DateParameter = Annotated[str, Path(max_length=MOST_CHARACTERS, description="Day of the snapshot as YYYY-MM-DD.")]


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


class ShareDetail(BaseModel):
    """One share's snapshot, as its producer told of the scan, with its totals; null is what nobody told."""

    share: str
    date: date
    root: str = Field(description="Folder that was scanned.")
    taken_at: datetime = Field(description="The snapshot's own time, from which ages are measured.")
    ended_at: datetime | None
    mode: str = Field(description="`metadata`, `hashed`, or `received` from another producer.")
    entries: int = Field(description="Rows, the root among them.")
    errors: int = Field(description="Rows that could not be read whole.")
    vanished: int | None = Field(description="Names that went away while the scan ran.")
    other_filesystems: int | None = Field(description="Mount points left out.")
    implied_dirs: int = Field(description="Folders that the producer left out although something lies in them.")
    capacity: int | None = Field(description="Size of the file system in bytes.")
    available: int | None = Field(description="Bytes of it that were free to users.")
    absent_columns: list[str] = Field(description="Columns that the producer did not give.")
    unknown_columns: list[str] = Field(description="Columns of the producer that are not known here.")
    sha256: str = Field(description="Hash of the producer's file.")
    files: int | None = Field(description="All but folders; one of several names once.")
    dirs: int | None = Field(description="Folders, the root not counted.")
    size: int | None = Field(description="Apparent size in bytes.")
    size_du: int | None = Field(description="Space taken on the disk in bytes.")

    @staticmethod
    def of(each: SnapshotOfShare) -> "ShareDetail":
        """The snapshot under the contract's names."""
        return ShareDetail(
            share=each.share,
            date=each.snapshot_date,
            root=each.root_path,
            taken_at=each.taken_at,
            ended_at=each.ended_at,
            mode=each.mode,
            entries=each.entry_count,
            errors=each.error_count,
            vanished=each.vanished_count,
            other_filesystems=each.other_filesystem_count,
            implied_dirs=each.implied_dir_count,
            capacity=each.capacity_bytes,
            available=each.available_bytes,
            absent_columns=_words(each.absent_columns),
            unknown_columns=_words(each.unknown_columns),
            sha256=each.sha256,
            files=each.file_count,
            dirs=each.dir_count,
            size=each.size_bytes,
            size_du=each.allocated_bytes,
        )


class SnapshotDetail(Snapshot):
    """A snapshot and its shares."""

    snapshots: list[ShareDetail] = Field(description="By share; of `latest` each share's newest, whatever its day.")

    @staticmethod
    def of_shares(found: list[SnapshotOfShare]) -> "SnapshotDetail":
        """The shares' snapshots together, under the newest of their days."""
        return SnapshotDetail(
            date=max(each.snapshot_date for each in found),
            shares=[each.share for each in found],
            files=sum(each.file_count or 0 for each in found),
            dirs=sum(each.dir_count or 0 for each in found),
            size=sum(each.size_bytes or 0 for each in found),
            size_du=sum(each.allocated_bytes or 0 for each in found),
            errors=sum(each.error_count for each in found),
            snapshots=[ShareDetail.of(each) for each in found],
        )


@router.get("/snapshots", dependencies=reading, response_model=list[Snapshot], responses=documented(TimedOut))
def read_snapshots(lease: DuckLeaseOrNone, answers: Answers) -> Response:
    """Snapshots that can be asked about, newest first; none before the first publication."""
    if lease is None:
        return Response(b"[]", media_type="application/json")
    return answers.of(Kind.SNAPSHOTS, lease, {}, lambda: [Snapshot.of(summary) for summary in queries.snapshots(lease)])


@router.get(
    "/snapshots/latest",
    dependencies=reading,
    response_model=SnapshotDetail,
    responses=documented(NoSnapshots, TimedOut),
)
def read_latest(lease: DuckLeaseOrNone, answers: Answers) -> Response:
    """The newest snapshot of each share, as every route takes them for `snapshot=latest`."""
    if lease is None:
        raise _none_yet()
    return _detail(lease, answers, LATEST)


@router.get(
    "/snapshots/{date}",
    dependencies=reading,
    response_model=SnapshotDetail,
    responses=documented(BadSnapshotDate, NoSnapshots, TimedOut, UnknownSnapshot),
)
def read_snapshot(lease: DuckLeaseOrNone, answers: Answers, date: DateParameter) -> Response:
    """The shares that were scanned for that day, and what is known of each scan."""
    day = snapshot_date(date).isoformat()
    if lease is None:
        raise _none_yet()
    return _detail(lease, answers, day)


def _detail(lease: Lease, answers: Answers, snapshot: str) -> Response:
    def made() -> SnapshotDetail:
        try:
            return SnapshotDetail.of_shares(queries.snapshots_of_shares(lease, snapshot))
        except NoSnapshots:
            raise _none_yet() from None

    return answers.of(Kind.SNAPSHOTS, lease, {"snapshot": snapshot}, made)


def _none_yet() -> NoSnapshots:
    return NoSnapshots(
        "There is no snapshot yet.",
        remedy="Scan a tree with `analytics scan`, or put snapshots into the folder that SNAPSHOTS_PATH names.",
    )


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
