"""HTTP door of the search: by name or path, and by stackable filters; as JSON pages, or whole as CSV or Parquet."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response, StreamingResponse

from analytics_pipelines.foundation.errors import BadInput, TimedOut, Unavailable
from analytics_pipelines.foundation.generation import Lease, NothingPublished
from analytics_pipelines.http_kit.cached import Answers, Kind
from analytics_pipelines.http_kit.depends import DuckLease, SettingsNow
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.storage_snapshots.ask.advanced import Question, advanced, rows_of_question
from analytics_pipelines.storage_snapshots.ask.chosen import (
    BadShareName,
    BadSnapshotDate,
    NoSnapshots,
    UnknownPath,
    UnknownShare,
    UnknownSnapshot,
    chosen,
)
from analytics_pipelines.storage_snapshots.ask.export import MEDIA_TYPES, MOST_ROWS, Format, export, format_of
from analytics_pipelines.storage_snapshots.ask.fields import FIELDS
from analytics_pipelines.storage_snapshots.ask.filters import (
    LEAF,
    MOST_FILTERS,
    BadFilter,
    FilterTooLarge,
    UnknownField,
    UnknownOperator,
)
from analytics_pipelines.storage_snapshots.ask.order import Sort, SortTooLong
from analytics_pipelines.storage_snapshots.ask.pages import BadCursor, CursorOutdated, CursorTooLong, fingerprint
from analytics_pipelines.storage_snapshots.ask.patterns import BadPattern, Mode, PatternTooLong
from analytics_pipelines.storage_snapshots.ask.search import Search, search
from analytics_pipelines.storage_snapshots.ask.values import BadValue
from analytics_pipelines.storage_snapshots.routes.models import Entry, SnapshotOf
from analytics_pipelines.storage_snapshots.routes.parameters import (
    LATEST,
    BadPath,
    CursorParameter,
    Limit,
    LimitTooHigh,
    PathOrNone,
    ShareParameter,
    SnapshotParameter,
    limit_within,
    path_of,
)


class NoPagesInExports(BadInput):
    """A cursor was given with a format that has no pages."""


NOT_CHOSEN = (BadSnapshotDate, BadShareName, BadPath, NoSnapshots, UnknownSnapshot, UnknownShare, UnknownPath)
PAGED = (BadCursor, CursorOutdated, CursorTooLong, LimitTooHigh, NoPagesInExports)
SEARCH_ERRORS = (BadPattern, PatternTooLong, *PAGED, *NOT_CHOSEN, NothingPublished, TimedOut, Unavailable)
FILTER_ERRORS = (BadFilter, BadValue, UnknownField, UnknownOperator, FilterTooLarge, SortTooLong)

router = APIRouter(prefix="/api/search", tags=["storage"])
reading = [requires(Scope.VIEWER)]

EntryType = Literal["f", "d", "l", "b", "c", "p", "s", "U"]
AcceptHeader = Annotated[str, Header(alias="accept", include_in_schema=False)]
FormatParameter = Annotated[
    Format | None,
    Query(alias="format", description="Absent: by the Accept header. CSV and Parquet have all rows, see X-Truncated."),
]
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A page, or with `format` a file of at most " + format(MOST_ROWS, ",") + " rows.",
        "content": {MEDIA_TYPES[form].split(";")[0]: {} for form in (Format.CSV, Format.PARQUET)},
    }
}


class FoundEntry(Entry):
    """An entry of a search."""

    btime: Any = Field(None, description="Creation, where the producer knows it.")
    date: Any = Field(description="Day of its snapshot.")


class SearchPage(BaseModel):
    """Entries that match, in order."""

    snapshots: list[SnapshotOf]
    order: str = Field(description="`name`: folded name, share, position. `share, folder, name`: folder by folder.")
    total: int | None = Field(description="How many match, where this page tells it.")
    count: int = Field(description="Entries of this page.")
    truncated: bool = Field(description="Whether there are more.")
    next_cursor: str | None
    results: list[FoundEntry]


class Totals(BaseModel):
    """All that passes the filters; a file of several names counts with each of them."""

    count: int
    size: int
    size_du: int


class AdvancedPage(BaseModel):
    """Entries that pass the filters, in the order asked for."""

    snapshots: list[SnapshotOf]
    total: Totals | None = Field(None, description="With `with_totals` alone.")
    count: int
    truncated: bool
    next_cursor: str | None
    results: list[FoundEntry]


class SortBy(BaseModel):
    """A field to sort by; what is not known comes last either way."""

    model_config = ConfigDict(extra="forbid")
    by: str = Field(description="One of " + ", ".join(FIELDS) + ".")
    order: Literal["asc", "desc"] = "asc"


class AdvancedSearch(BaseModel):
    """A question by filters."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "path": "/srv/data",
                "filters": [
                    {"field": "size", "op": "ge", "value": "10MB"},
                    {
                        "or": [
                            {"field": "name", "op": "glob", "value": "*.log", "case_sensitive": False},
                            {"field": "atime_age", "op": "gt", "value": 365},
                        ]
                    },
                ],
                "sort": [{"by": "size", "order": "desc"}],
                "limit": 100,
            }
        },
    )
    filters: Annotated[list[dict[str, Any]], Field(max_length=MOST_FILTERS)] = Field([], description=LEAF)
    sort: Annotated[list[SortBy], Field(max_length=20)] = Field([], description="Absent: by share, in pre-order.")
    snapshot: Annotated[str, Field(max_length=20)] = LATEST
    share: Annotated[str, Field(max_length=100)] | None = None
    path: str | None = Field(None, description="Only what lies below this folder.")
    limit: int | None = Field(None, ge=1)
    cursor: str | None = None
    with_totals: bool = False
    format: Format | None = None

    @property
    def asked(self) -> Question:
        """The same for `ask`."""
        return Question(
            filters=self.filters,
            sort=[Sort(each.by, each.order == "desc") for each in self.sort],
            snapshot=self.snapshot,
            share=self.share,
            path=None if self.path is None else path_of(self.path),
        )


@router.get(
    "",
    response_model=SearchPage,
    dependencies=reading,
    responses=documented(*SEARCH_ERRORS) | FILES,
)
def search_entries(
    *,
    lease: DuckLease,
    answers: Answers,
    limit: Limit,
    path: PathOrNone,
    q: Annotated[str, Query(description="What to look for; one with a slash is looked for in paths.")],
    mode: Annotated[Mode, Query(description="`regex` is RE2 and matches anywhere, `glob` the whole name.")] = (
        Mode.SUBSTRING
    ),
    case_sensitive: Annotated[bool, Query()] = False,
    column: Annotated[Literal["name", "path"] | None, Query(alias="in", description="Where to look.")] = None,
    kind: Annotated[EntryType | None, Query(alias="type", description="As find's %y.")] = None,
    snapshot: SnapshotParameter = LATEST,
    share: ShareParameter = None,
    cursor: CursorParameter = None,
    form: FormatParameter = None,
    accept: AcceptHeader = "",
) -> Response:
    """Entries by name or path: a part of it, a glob or a regular expression; case is ignored unless told."""
    asked = Search(
        pattern=q,
        mode=mode,
        is_case_sensitive=case_sensitive,
        column=column,
        snapshot=snapshot,
        share=share,
        path=path,
        type=kind,
    )
    wanted = format_of(form, accept)
    if wanted is not Format.JSON:
        return _file(lease, asked.as_question, wanted, cursor)
    key = {"asked": fingerprint(asdict(asked)), "limit": limit, "cursor": cursor}
    return answers.of(Kind.SEARCH, lease, key, lambda: search(lease, asked, limit=limit, cursor=cursor))


@router.post(
    "/advanced",
    response_model=AdvancedPage,
    dependencies=reading,
    responses=documented(*SEARCH_ERRORS, *FILTER_ERRORS) | FILES,
)
def search_by_filters(
    given: AdvancedSearch, lease: DuckLease, answers: Answers, settings: SettingsNow, accept: AcceptHeader = ""
) -> Response:
    """Entries by stackable filters, sorted by any fields."""
    asked = given.asked
    wanted = format_of(given.format, accept)
    if wanted is not Format.JSON:
        return _file(lease, asked, wanted, given.cursor)
    most = settings.max_search_limit
    limit = limit_within(given.limit or min(settings.default_search_limit, most), most)
    page = {"limit": limit, "cursor": given.cursor, "has_totals": given.with_totals}
    key = {"asked": fingerprint(asdict(asked)), **page}
    return answers.of(
        Kind.SEARCH,
        lease,
        key,
        lambda: advanced(lease, asked, limit=limit, cursor=given.cursor, has_totals=given.with_totals),
    )


def _file(lease: Lease, asked: Question, form: Format, cursor: str | None) -> Response:
    if cursor is not None:
        raise NoPagesInExports("CSV and Parquet hold all rows at once.", remedy="Leave `cursor` out.")
    these = chosen(lease, asked.snapshot, asked.share)
    with lease.cursor() as duck:
        made = export(duck, rows_of_question(duck, these, asked), form)
    headers = {
        "content-disposition": 'attachment; filename="search.' + form + '"',
        "content-length": str(made.size_bytes),
        "x-row-count": str(made.row_count),
        "x-truncated": str(made.is_truncated).lower(),
    }
    return StreamingResponse(made.chunks(), media_type=MEDIA_TYPES[form], headers=headers)
