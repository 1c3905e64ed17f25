"""HTTP door of the figures: questions in the shape of Plausible's stats API, and who is there now."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from analytics_pipelines.foundation.errors import TimedOut, Unavailable
from analytics_pipelines.http_kit.depends import Db, DuckLease, Now
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.web_events.ask.answer import Answer, answer
from analytics_pipelines.web_events.ask.errors import (
    BadDateRange,
    BadFilter,
    BadInclude,
    BadOrder,
    BadPattern,
    MetricNotDefined,
    QueryTooLarge,
    TooManyDays,
    UnknownDimension,
    UnknownMetric,
    UnknownOperator,
)
from analytics_pipelines.web_events.ask.parse import MOST_ROWS, Asked
from analytics_pipelines.web_events.ask.spans import bounds
from analytics_pipelines.web_events.ask.vocabulary import DIMENSIONS, METRICS
from analytics_pipelines.web_events.realtime import realtime
from analytics_pipelines.web_events.sites import UnknownSite

MOST_PARTS = 100
MOST_OFFSET = 10_000_000
PRIVATE = "private, no-store"
ERRORS = (
    BadDateRange,
    BadFilter,
    BadInclude,
    BadOrder,
    BadPattern,
    MetricNotDefined,
    QueryTooLarge,
    TimedOut,
    TooManyDays,
    UnknownDimension,
    UnknownMetric,
    UnknownOperator,
    UnknownSite,
)
Words = Annotated[list[str], Field(max_length=MOST_PARTS)]
SiteId = Annotated[str, Query(max_length=255, description="The site.")]

router = APIRouter(prefix="/api/v1/web", tags=["web figures"])
reading = [requires(Scope.VIEWER)]


class Pagination(BaseModel):
    """Which of the rows."""

    model_config = ConfigDict(extra="forbid")
    limit: int = Field(MOST_ROWS, ge=1, le=MOST_ROWS)
    offset: int = Field(0, ge=0, le=MOST_OFFSET)


class Include(BaseModel):
    """What else to answer; nothing was ever imported from other statistics, so `imports` changes nothing."""

    model_config = ConfigDict(extra="forbid")
    bots: bool = Field(False, description="Count robots too.")
    time_labels: bool = Field(False, description="All labels of the time dimension, quiet ones too.")
    total_rows: bool = Field(False, description="How many rows there are without a limit.")
    imports: bool = False


class WebQuery(BaseModel):
    """A question about one site."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "site_id": "example.org",
                "metrics": ["visitors", "bounce_rate"],
                "date_range": "7d",
                "dimensions": ["visit:source"],
                "filters": [["contains", "event:page", ["/blog"]]],
                "order_by": [["visitors", "desc"]],
                "pagination": {"limit": 10},
            }
        },
    )
    site_id: Annotated[str, Field(max_length=255)]
    metrics: Words = Field(description="Some of " + ", ".join(METRICS) + ".")
    date_range: str | Words = Field(description="`7d`, `month`… or two dates, or two times with their offsets.")
    dimensions: Words = Field([], description="Some of " + ", ".join(DIMENSIONS) + ".")
    filters: Annotated[list[Any], Field(max_length=MOST_PARTS)] = Field(
        [], description="`[operator, dimension, clauses]`; with `and`, `or`, `not` around them."
    )
    order_by: Annotated[list[Any], Field(max_length=MOST_PARTS)] | None = None
    pagination: Pagination = Pagination()
    include: Include = Include()

    @property
    def asked(self) -> Asked:
        """The same for `ask`."""
        return Asked(
            site_id=self.site_id,
            metrics=self.metrics,
            date_range=self.date_range,
            dimensions=self.dimensions,
            filters=self.filters,
            order_by=self.order_by,
            limit=self.pagination.limit,
            offset=self.pagination.offset,
            has_bots=self.include.bots,
            has_time_labels=self.include.time_labels,
            has_total_rows=self.include.total_rows,
        )


class Row(BaseModel):
    """Figures and values, each in the order asked for; figures of visits are null without a visit."""

    metrics: list[int | float | None]
    dimensions: list[str]


class Answered(BaseModel):
    """The rows, what was asked for besides, and the question as it was understood."""

    results: list[Row]
    meta: dict[str, Any]
    query: dict[str, Any]


class LiveMinutes(BaseModel):
    """What was received in the last minutes."""

    visitors: int
    pageviews: int
    events: int


class LivePage(BaseModel):
    """A page of the last 30 minutes."""

    page: str
    visitors: int
    pageviews: int


class LiveTraffic(BaseModel):
    """Who is on the site now."""

    site_id: str
    asked_at: datetime
    last_5_minutes: LiveMinutes
    last_30_minutes: LiveMinutes
    top_pages: list[LivePage] = Field(description="Most viewed in the last 30 minutes, most first.")


@router.post("/query", dependencies=reading, responses=documented(*ERRORS))
def query_traffic(asked: WebQuery, lease: DuckLease, now: Now) -> Answered:
    """Figures of a site over any days, by any dimensions, in the shape of Plausible's stats API v2."""
    found = answer(lease, asked.asked, now)
    return Answered(
        results=[Row(metrics=each.metrics, dimensions=each.dimensions) for each in found.results],
        meta=_meta(asked, found),
        query=_understood(asked, found),
    )


@router.get("/realtime", dependencies=reading, responses=documented(UnknownSite, Unavailable, TimedOut))
def read_realtime(site_id: SiteId, database: Db, now: Now, response: Response) -> LiveTraffic:
    """Visitors, page views and events of the last 5 and 30 minutes, and the pages most viewed; robots are left out."""
    response.headers["cache-control"] = PRIVATE
    found = realtime(database, site_id, now)
    return LiveTraffic(
        site_id=site_id,
        asked_at=now,
        last_5_minutes=LiveMinutes(**asdict(found.few)),
        last_30_minutes=LiveMinutes(**asdict(found.many)),
        top_pages=[LivePage(**asdict(each)) for each in found.pages],
    )


def _meta(asked: WebQuery, found: Answer) -> dict[str, Any]:
    imports = {"imports_included": False} if asked.include.imports else {}
    counted = {"total_rows": found.total_rows} if found.total_rows is not None else {}
    return imports | counted | ({"time_labels": found.time_labels} if found.time_labels is not None else {})


def _understood(asked: WebQuery, found: Answer) -> dict[str, Any]:
    """The query with what stood open in it: days as times, steps of time, order, page."""
    return {
        "site_id": asked.site_id,
        "metrics": asked.metrics,
        "date_range": [each.isoformat() for each in bounds(found.span)],
        "filters": asked.filters,
        "dimensions": list(found.question.dimensions),
        "order_by": [[each.by, "desc" if each.is_descending else "asc"] for each in found.question.order_by],
        "include": {name: True for name, is_asked in asked.include.model_dump().items() if is_asked},
        "pagination": asked.pagination.model_dump(),
    }
