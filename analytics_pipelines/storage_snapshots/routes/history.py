"""HTTP door of one path's history."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from analytics_pipelines.foundation.errors import TimedOut
from analytics_pipelines.foundation.generation import NothingPublished
from analytics_pipelines.http_kit.cached import Answers, Kind
from analytics_pipelines.http_kit.depends import DuckLease
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.storage_snapshots.ask.chosen import NoSnapshots, UnknownShare
from analytics_pipelines.storage_snapshots.ask.history import UnknownHistory, Version, folder_history, history
from analytics_pipelines.storage_snapshots.routes.models import CONTRACT_NAMES
from analytics_pipelines.storage_snapshots.routes.parameters import BadPath, PathInQuery, ShareParameter

router = APIRouter(prefix="/api/search", tags=["storage"])
ERRORS = (BadPath, NoSnapshots, NothingPublished, TimedOut, UnknownHistory, UnknownShare)


class PathVersion(BaseModel):
    """A path as it was from one snapshot to another; `removed` says from when it was away."""

    share: str
    path: str
    valid_from: date = Field(description="Day of the snapshot in which it began.")
    valid_to: date | None = Field(description="Day of the snapshot in which it was no longer so; null while it holds.")
    change: str = Field(description="first, added, changed or removed.")
    changed: list[str] = Field(description="What differs from the version before, or from the path it moved from.")
    type: str | None
    size: int | None
    size_du: int | None
    mtime: datetime | None
    ctime: datetime | None
    mode: int | None
    uid: int | None
    gid: int | None
    owner: str | None
    group: str | None
    inode: int | None
    nlink: int | None
    linkname: str | None
    content_hash: str | None
    moved_from: str | None
    moved_to: str | None
    error: str | None


class FolderSumsVersion(BaseModel):
    """A folder's sums, from one snapshot to another."""

    share: str
    path: str
    valid_from: date
    valid_to: date | None
    change: str
    changed: list[str]
    size: int | None
    size_du: int | None
    files: int | None
    dirs: int | None
    moved_from: str | None
    moved_to: str | None


class PathHistory(BaseModel):
    """Every version of the path, by share and day; `folder` has its sums where it was ever a folder."""

    path: str
    versions: list[PathVersion]
    folder: list[FolderSumsVersion]


@router.get(
    "/history", dependencies=[requires(Scope.VIEWER)], response_model=PathHistory, responses=documented(*ERRORS)
)
def read_history(
    lease: DuckLease,
    answers: Answers,
    path: PathInQuery,
    share: ShareParameter = None,
    follow_moves: Annotated[
        bool, Query(description="Also the versions under the paths that it had before a move and got by one.")
    ] = False,
) -> Response:
    """Every version of a path: from when to when it was so, and what changed at each."""

    def made() -> dict[str, Any]:
        versions = history(lease, path, share, follows_moves=follow_moves)
        try:
            sums = folder_history(lease, path, share, follows_moves=follow_moves)
        except UnknownHistory:
            sums = []
        return {
            "path": path,
            "versions": [_told(each) for each in versions],
            "folder": [_told(each) for each in sums],
        }

    return answers.of(Kind.SEARCH, lease, {"path": path, "share": share, "follows": follow_moves}, made)


def _told(version: Version) -> dict[str, Any]:
    row = {CONTRACT_NAMES.get(column, column): value for column, value in version.row.items()}
    return row | {"changed": [CONTRACT_NAMES.get(column, column) for column in version.changed]}
