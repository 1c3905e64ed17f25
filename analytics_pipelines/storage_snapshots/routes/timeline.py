"""HTTP door of a folder over time. Its router stands before that of folders, whose last pattern takes any path."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from analytics_pipelines.foundation.errors import TimedOut
from analytics_pipelines.foundation.generation import Lease, NothingPublished
from analytics_pipelines.http_kit.cached import Answers, CachedAnswers, Kind
from analytics_pipelines.http_kit.depends import DuckLease
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.storage_snapshots.ask.chosen import NoSnapshots, UnknownPath, UnknownShare
from analytics_pipelines.storage_snapshots.ask.timeline import TimelineBackwards, timeline
from analytics_pipelines.storage_snapshots.routes.parameters import BadPath, PathOrNone, PathParameter, ShareParameter

router = APIRouter(prefix="/api/folders", tags=["storage"])
ERRORS = (BadPath, NoSnapshots, NothingPublished, TimedOut, TimelineBackwards, UnknownPath, UnknownShare)


class PointInTime(BaseModel):
    """The folder in one snapshot; changes are null at the first snapshot that has it."""

    date: date
    size: int = Field(description="Apparent sizes below, in bytes.")
    size_du: int = Field(description="Space taken, in bytes.")
    files: int
    dirs: int
    size_change: int | None = Field(description="Since the share's snapshot before, inside the range or not.")
    size_du_change: int | None
    files_change: int | None
    dirs_change: int | None


class FolderTimeline(BaseModel):
    """One share's folder, by day; days without a snapshot of the share are absent."""

    share: str
    path: str
    points: list[PointInTime]


class Timelines(BaseModel):
    """The folder in each share that ever had it."""

    timelines: list[FolderTimeline]


class Range(BaseModel):
    """Which days."""

    share: str | None
    start: date | None
    end: date | None


async def _range(
    share: ShareParameter = None,
    start: Annotated[date | None, Query(description="First day; absent: from the first snapshot.")] = None,
    end: Annotated[date | None, Query(description="Last day; absent: up to the newest snapshot.")] = None,
) -> Range:
    return Range(share=share, start=start, end=end)


RangeParameter = Annotated[Range, Depends(_range)]
reading = [requires(Scope.VIEWER)]


@router.get("/timeline", dependencies=reading, response_model=Timelines, responses=documented(*ERRORS))
def read_timeline_by_query(lease: DuckLease, answers: Answers, path: PathOrNone, days: RangeParameter) -> Response:
    """The folder over time; without a path, the roots of the shares."""
    return _timeline(lease, answers, path, days)


@router.get("/{path:any_path}/timeline", dependencies=reading, response_model=Timelines, responses=documented(*ERRORS))
def read_timeline(lease: DuckLease, answers: Answers, path: PathParameter, days: RangeParameter) -> Response:
    """The folder over time: its sums in each snapshot of the range, and what changed since the one before."""
    return _timeline(lease, answers, path, days)


def _timeline(lease: Lease, answers: CachedAnswers, path: str | None, days: Range) -> Response:
    def made() -> dict[str, object]:
        return {"timelines": timeline(lease, path, days.share, days.start, days.end)}

    return answers.of(Kind.FOLDERS, lease, {"path": path, "days": days}, made)
