"""Parameters that several doors of the storage snapshots take, checked and in one form.

    def read_folder(snapshot: SnapshotParameter, share: ShareParameter, path: PathInQuery, limit: Limit) -> Response:

`LimitParameter` is checked against the settings in force; a path comes out absolute and without a slash at its end.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from starlette.convertors import PathConvertor, register_url_convertor

from analytics_pipelines.foundation.errors import LimitExceeded, TimedOut
from analytics_pipelines.foundation.generation import Lease, NothingPublished
from analytics_pipelines.http_kit.wiring import wiring_of
from analytics_pipelines.storage_snapshots.ask.chosen import (
    LATEST,
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
from analytics_pipelines.storage_snapshots.ask.paths import BadPath, normal_path

MOST_PATH_CHARACTERS = 16_384
"""Four times the longest path that Linux takes, since a byte that is not UTF-8 is spelt with three characters."""
MOST_SHARE_CHARACTERS = 100
MOST_BYTES = 2**63 - 1
MOST_CURSOR_CHARACTERS = 32_768


class AnyPath(PathConvertor):
    """The convertor `any_path` of routes: as `path`, for names with a line break too."""

    regex = r"[\s\S]*"


register_url_convertor("any_path", AnyPath())


class LimitTooHigh(LimitExceeded):
    """More rows were asked for than one answer may have."""


SnapshotParameter = Annotated[
    str,
    Query(max_length=20, description="Day of the snapshot as YYYY-MM-DD; `latest`: the newest of each share."),
]
"""Use with the default `LATEST`; `ask.chosen.chosen` checks the day."""
ShareParameter = Annotated[
    str | None, Query(max_length=MOST_SHARE_CHARACTERS, description="Only this share; absent: all of them.")
]
CursorParameter = Annotated[
    str | None,
    Query(max_length=MOST_CURSOR_CHARACTERS, description="`next_cursor` of the page before; absent: the first page."),
]


def path_of(text: str) -> str:
    """The path as snapshots have it: with a slash before it and none behind; raises `BadPath`.

    A name that is not UTF-8 is spelt as answers spell it: each such byte as U+FFFD and two hex digits.
    """
    if len(text) > MOST_PATH_CHARACTERS:
        raise BadPath("The path is too long.", limit=str(MOST_PATH_CHARACTERS) + " characters")
    return normal_path(text)


async def _path_in_query(
    path: Annotated[str, Query(description="Path in the snapshot, with or without a slash before it.")],
) -> str:
    return path_of(path)


PathText = Annotated[
    str | None, Query(description="Path in the snapshot, with or without a slash before it; absent: everything.")
]
"""`?path=` as it was written, for dependencies that put it through `path_of` themselves."""


async def _path_in_query_or_none(path: PathText = None) -> str | None:
    return None if path is None else path_of(path)


async def _path_in_route(
    path: Annotated[str, Path(description="Path in the snapshot; odd characters percent-encoded.")],
) -> str:
    return path_of(path)


PathInQuery = Annotated[str, Depends(_path_in_query)]
"""`?path=`, which must be given."""
PathOrNone = Annotated[str | None, Depends(_path_in_query_or_none)]
"""`?path=`, None where it is absent."""
PathParameter = Annotated[str, Depends(_path_in_route)]
"""`{path:any_path}` of the route."""


async def _limit(
    request: Request,
    limit: Annotated[
        int | None, Query(ge=1, description="Most rows; absent: DEFAULT_SEARCH_LIMIT, at most MAX_SEARCH_LIMIT.")
    ] = None,
) -> int:
    settings = wiring_of(request).settings  # a dependency of its own would cost each request 0.05 ms
    most = settings.max_search_limit
    if limit is None:
        return min(settings.default_search_limit, most)
    return limit_within(limit, most)


def limit_within(limit: int, most: int) -> int:
    """The limit, if it is no more than that; raises `LimitTooHigh`, which names MAX_SEARCH_LIMIT."""
    if limit <= most:
        return limit
    raise LimitTooHigh(
        "One answer has no more rows than MAX_SEARCH_LIMIT.",
        limit="MAX_SEARCH_LIMIT = " + str(most),
        remedy="Ask for fewer and follow next_cursor, or raise the setting.",
    )


Limit = Annotated[int, Depends(_limit)]
"""`?limit=`, by default DEFAULT_SEARCH_LIMIT; raises `LimitTooHigh` past MAX_SEARCH_LIMIT."""

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


@dataclass(frozen=True, slots=True)
class Where:
    """Which snapshots, and below which folder; path None stands for everything."""

    path: str | None
    snapshot: str
    share: str | None

    def chosen(self, lease: Lease) -> Chosen:
        """The snapshots; raises the errors of `ask.chosen.chosen`."""
        return chosen(lease, self.snapshot, self.share)


async def _where(path: PathText = None, snapshot: SnapshotParameter = LATEST, share: ShareParameter = None) -> Where:
    return Where(None if path is None else path_of(path), snapshot, share)


WhereAsked = Annotated[Where, Depends(_where)]


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list."""

    limit: int
    cursor: str | None


async def _page(limit: Limit, cursor: CursorParameter = None) -> Page:
    return Page(limit, cursor)


PageAsked = Annotated[Page, Depends(_page)]

__all__ = [
    "ERRORS",
    "LATEST",
    "MOST_BYTES",
    "PAGED_ERRORS",
    "BadPath",
    "CursorParameter",
    "Limit",
    "LimitTooHigh",
    "Page",
    "PageAsked",
    "PathInQuery",
    "PathOrNone",
    "PathParameter",
    "PathText",
    "ShareParameter",
    "SnapshotParameter",
    "Where",
    "WhereAsked",
    "limit_within",
    "path_of",
]
