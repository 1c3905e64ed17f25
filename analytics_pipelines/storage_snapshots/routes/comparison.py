"""HTTP door of the comparison of two snapshots."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from analytics_pipelines.foundation.errors import TimedOut
from analytics_pipelines.foundation.generation import NothingPublished
from analytics_pipelines.http_kit.cached import Answers, Kind
from analytics_pipelines.http_kit.depends import DuckLease
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.storage_snapshots.ask.between import Between, ComparedBackwards, between
from analytics_pipelines.storage_snapshots.ask.chosen import (
    BadShareName,
    BadSnapshotDate,
    NoSnapshots,
    UnknownShare,
    UnknownSnapshot,
)
from analytics_pipelines.storage_snapshots.ask.comparison import (
    Asked,
    ChangeKind,
    ComparedLevel,
    ComparedOrder,
    compare,
)
from analytics_pipelines.storage_snapshots.ask.pages import BadCursor, CursorOutdated
from analytics_pipelines.storage_snapshots.routes.parameters import (
    LATEST,
    MOST_BYTES,
    BadPath,
    CursorParameter,
    Limit,
    LimitTooHigh,
    PathOrNone,
    ShareParameter,
)

router = APIRouter(prefix="/api/snapshots", tags=["storage"])
MOST_DEPTH = 10_000
ERRORS = (
    BadCursor,
    BadPath,
    BadShareName,
    BadSnapshotDate,
    ComparedBackwards,
    CursorOutdated,
    LimitTooHigh,
    NoSnapshots,
    NothingPublished,
    TimedOut,
    UnknownShare,
    UnknownSnapshot,
)


class ComparedSnapshots(BaseModel):
    """The two snapshots of a share that are compared."""

    share: str
    date_from: date
    taken_at_from: datetime
    date: date
    taken_at: datetime


class MissingSnapshots(BaseModel):
    """A share that is not compared: it has no snapshot of a day. Nothing of it is called removed."""

    share: str
    dates: list[date] = Field(description="Days without a snapshot; none where the share has no earlier one at all.")


class OfKind(BaseModel):
    """All differences of one kind; each name of a file of several names counts for itself."""

    kind: ChangeKind
    files: int
    dirs: int
    size: int = Field(description="Apparent sizes now, in bytes.")
    size_before: int
    size_du: int = Field(description="Space now, in bytes.")
    size_du_before: int


class Sums(BaseModel):
    """What the folder, or all roots together, held; a file of several names counts once, as `du` counts it."""

    files: int
    dirs: int
    size: int
    size_du: int


class Unexplained(BaseModel):
    """What `summary` does not explain: further names of one file, and contents of folders that could not be read."""

    size: int
    size_du: int


class Totals(BaseModel):
    """The two snapshots' own sums."""

    before: Sums
    after: Sums
    change: Sums
    unexplained: Unexplained


class Difference(BaseModel):
    """A path that differs; the counts are those of folders, with all below them."""

    share: str
    path: str
    kind: ChangeKind
    type: str | None = Field(description="Now; null where it is gone.")
    size: int
    size_before: int
    size_du: int
    size_du_before: int
    files: int | None
    files_before: int | None
    dirs: int | None
    dirs_before: int | None
    mtime: datetime | None
    mtime_before: datetime | None
    moved_from: str | None


class ComparisonOfSnapshots(BaseModel):
    """What differs between two snapshots of each share."""

    snapshots: list[ComparedSnapshots]
    missing: list[MissingSnapshots]
    totals: Totals
    summary: list[OfKind] = Field(
        description="Files and folders of each kind that occurs, whatever rows are asked for."
    )
    rows: list[Difference]
    next_cursor: str | None


async def _asked(
    *,
    limit: Limit,
    path: PathOrNone,
    kind: Annotated[list[ChangeKind] | None, Query(description="Only rows of these kinds; repeatable.")] = None,
    level: Annotated[
        ComparedLevel, Query(description="Files, or folders with all that is below them.")
    ] = ComparedLevel.FILES,
    min_size: Annotated[
        int, Query(ge=0, le=MOST_BYTES, description="Bytes that came, went, moved or make the difference.")
    ] = 0,
    depth: Annotated[
        int | None, Query(ge=0, le=MOST_DEPTH, description="Levels below `path`, or below the root; absent: all.")
    ] = None,
    show_new_dirs: Annotated[
        bool, Query(description="One row for a folder that came, went or moved; false: a row for each file in it.")
    ] = True,
    sort: Annotated[
        ComparedOrder, Query(description="`-size`: weightiest first; `path`: by share and path.")
    ] = ComparedOrder.WEIGHT,
    cursor: CursorParameter = None,
) -> Asked:
    return Asked(
        path=path,
        kinds=tuple(kind or ()),
        level=level,
        min_size=min_size,
        depth=depth,
        shows_new_dirs=show_new_dirs,
        order=sort,
        limit=limit,
        cursor=cursor,
    )


@dataclass(frozen=True, slots=True)
class Ends:
    """Which snapshots, of which share."""

    share: str | None
    first: str | None
    last: str


async def _ends(
    share: ShareParameter = None,
    first: Annotated[
        str | None,
        Query(alias="from", max_length=20, description="The earlier day; absent: of each share the one before `to`."),
    ] = None,
    last: Annotated[str, Query(alias="to", max_length=20, description="The later day, or `latest`.")] = LATEST,
) -> Ends:
    return Ends(share, first, last)


AskedOf = Annotated[Asked, Depends(_asked)]
EndsOf = Annotated[Ends, Depends(_ends)]


@router.get(
    "/compare",
    dependencies=[requires(Scope.VIEWER)],
    response_model=ComparisonOfSnapshots,
    responses=documented(*ERRORS),
)
def compare_snapshots(lease: DuckLease, answers: Answers, ends: EndsOf, asked: AskedOf) -> Response:
    """What was added, removed, moved, has grown, shrunk or changed otherwise from one snapshot to another.

    Between days that are no neighbours the steps are netted: what came and went is not told, a move of several steps is
    one. A share without a snapshot of one of the days is told in `missing`.
    """

    def made() -> dict[str, Any]:
        these = between(lease, ends.first, ends.last, ends.share)
        found = compare(these, asked)
        return _places(these) | {
            "totals": found.totals,
            "summary": found.summary,
            "rows": found.rows,
            "next_cursor": found.next_cursor,
        }

    return answers.of(Kind.SNAPSHOTS, lease, {"asked": asked, "ends": ends}, made)


def _places(these: Between) -> dict[str, Any]:
    return {
        "snapshots": [
            {
                "share": span.share,
                "date_from": span.first.day,
                "taken_at_from": span.first.taken_at,
                "date": span.last.day,
                "taken_at": span.last.taken_at,
            }
            for span in these.spans
        ],
        "missing": [{"share": each.share, "dates": each.dates} for each in these.missing],
    }
