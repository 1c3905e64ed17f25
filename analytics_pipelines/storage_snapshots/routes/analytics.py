"""HTTP doors of analytics that list files: the largest, the idle, the lately changed, those that are there twice."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from analytics_pipelines.http_kit.cached import Answers, Kind
from analytics_pipelines.http_kit.depends import DuckLease
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.storage_snapshots.ask.duplicates import Duplicates, Level, duplicate_groups
from analytics_pipelines.storage_snapshots.ask.heavy import Heavy, Measure, heavy_files
from analytics_pipelines.storage_snapshots.ask.idle import Idle, LastUse, idle_files
from analytics_pipelines.storage_snapshots.ask.recent import Recent, recent_activity
from analytics_pipelines.storage_snapshots.routes import analytics_bodies as bodies
from analytics_pipelines.storage_snapshots.routes.parameters import MOST_BYTES, PAGED_ERRORS, PageAsked, WhereAsked

MOST_DAYS = 36_500
MOST_COPIES = 1_000
MOST_EXTENSION_CHARACTERS = 255
Days = Annotated[int, Query(ge=1, le=MOST_DAYS, description="Days before the snapshot's own time.")]

router = APIRouter(prefix="/api/analytics", tags=["storage"])
reading = [requires(Scope.VIEWER)]


@router.get("/heavy-files", dependencies=reading, response_model=bodies.HeavyFiles, responses=documented(*PAGED_ERRORS))
def read_heavy_files(  # noqa: PLR0917 - what a client may ask
    lease: DuckLease,
    answers: Answers,
    where: WhereAsked,
    page: PageAsked,
    by: Annotated[Measure, Query(description="Apparent size, or space taken on the disk.")] = "allocated",
    extension: Annotated[
        str | None,
        Query(
            max_length=MOST_EXTENSION_CHARACTERS, description="Only these, without the dot; empty: files without one."
        ),
    ] = None,
) -> Response:
    """The largest files, each of several names once, under the first of them that is asked about."""
    ending = None if extension is None else extension.removeprefix(".").lower()
    asked = Heavy(by, where.path, ending)

    def made() -> dict[str, Any]:
        these = where.chosen(lease)
        return bodies.answer_of(these, heavy_files(these, asked, limit=page.limit, cursor=page.cursor))

    return answers.of(Kind.ANALYTICS, lease, {"where": where, "page": page, "asked": asked}, made)


@router.get(
    "/inactive-files", dependencies=reading, response_model=bodies.InactiveFiles, responses=documented(*PAGED_ERRORS)
)
def read_inactive_files(  # noqa: PLR0917 - what a client may ask
    lease: DuckLease,
    answers: Answers,
    where: WhereAsked,
    page: PageAsked,
    days: Days = 365,
    by: Annotated[LastUse, Query(description="Last use is the later of atime and mtime, or one of them.")] = "both",
    sort: Annotated[Measure, Query(description="Largest first by apparent size, or by space taken.")] = "allocated",
) -> Response:
    """Files that were not used in the days before their snapshot, largest first, and what all of them hold."""
    asked = Idle(days, by, sort, where.path)

    def made() -> dict[str, Any]:
        these = where.chosen(lease)
        return bodies.answer_of(these, idle_files(these, asked, limit=page.limit, cursor=page.cursor))

    return answers.of(Kind.ANALYTICS, lease, {"where": where, "page": page, "asked": asked}, made)


@router.get(
    "/recent-activity", dependencies=reading, response_model=bodies.RecentActivity, responses=documented(*PAGED_ERRORS)
)
def read_recent_activity(
    lease: DuckLease, answers: Answers, where: WhereAsked, page: PageAsked, days: Days = 30
) -> Response:
    """Files that were changed in the days before their snapshot, newest first; how much on which day and where."""
    asked = Recent(days, where.path)

    def made() -> dict[str, Any]:
        these = where.chosen(lease)
        return bodies.answer_of(these, recent_activity(these, asked, limit=page.limit, cursor=page.cursor))

    return answers.of(Kind.ANALYTICS, lease, {"where": where, "page": page, "asked": asked}, made)


@router.get("/duplicates", dependencies=reading, response_model=bodies.Duplicates, responses=documented(*PAGED_ERRORS))
def read_duplicates(  # noqa: PLR0917 - what a client may ask
    lease: DuckLease,
    answers: Answers,
    where: WhereAsked,
    page: PageAsked,
    min_size: Annotated[int, Query(ge=0, le=MOST_BYTES, description="Least apparent size in bytes.")] = 1,
    level: Annotated[Level | None, Query(description="Only groups of this level; absent: both.")] = None,
    copies: Annotated[int, Query(ge=1, le=MOST_COPIES, description="Most files of a group that are named.")] = 20,
) -> Response:
    """Files that are there more than once: identical by hash, potential by size and name where no hash is known."""
    asked = Duplicates(min_size, level, where.path)

    def made() -> dict[str, Any]:
        these = where.chosen(lease)
        found = duplicate_groups(these, asked, limit=page.limit, most_copies=copies, cursor=page.cursor)
        return bodies.answer_of(these, found)

    return answers.of(Kind.ANALYTICS, lease, {"where": where, "page": page, "asked": asked, "copies": copies}, made)
