"""What all doors of analytics take and refuse: which snapshots, below which folder."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from analytics_pipelines.foundation.errors import TimedOut
from analytics_pipelines.foundation.generation import Lease, NothingPublished
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.storage_snapshots.ask.chosen import (
    BadShareName,
    BadSnapshotDate,
    Chosen,
    NoSnapshots,
    UnknownPath,
    UnknownShare,
    UnknownSnapshot,
    chosen,
)
from analytics_pipelines.storage_snapshots.ask.pages import BadCursor, CursorOutdated
from analytics_pipelines.storage_snapshots.routes.parameters import (
    LATEST,
    BadPath,
    CursorParameter,
    Limit,
    LimitTooHigh,
    PathText,
    ShareParameter,
    SnapshotParameter,
    path_of,
)

ERRORS = (
    BadPath,
    BadShareName,
    BadSnapshotDate,
    LimitTooHigh,
    NoSnapshots,
    NothingPublished,
    TimedOut,
    UnknownPath,
    UnknownShare,
    UnknownSnapshot,
)
PAGED_ERRORS = (*ERRORS, BadCursor, CursorOutdated)
MOST_DAYS = 36_500
MOST_BYTES = 2**63 - 1
READING = [requires(Scope.VIEWER)]


@dataclass(frozen=True, slots=True)
class Where:
    """Which snapshots, and below which folder; path None stands for everything."""

    path: str | None
    snapshot: str
    share: str | None

    def chosen(self, lease: Lease) -> Chosen:
        """The snapshots; raises the errors of `ask.chosen.chosen`."""
        return chosen(lease, self.snapshot, self.share)


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list."""

    limit: int
    cursor: str | None


async def _where(path: PathText = None, snapshot: SnapshotParameter = LATEST, share: ShareParameter = None) -> Where:
    return Where(None if path is None else path_of(path), snapshot, share)


async def _page(limit: Limit, cursor: CursorParameter = None) -> Page:
    return Page(limit, cursor)


WhereAsked = Annotated[Where, Depends(_where)]
PageAsked = Annotated[Page, Depends(_page)]
