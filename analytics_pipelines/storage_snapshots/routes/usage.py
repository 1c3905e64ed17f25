"""HTTP doors of analytics that sum up: growth and forecast, distribution, owners and groups, costs, hot and cold."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.http_kit.cached import Answers, CachedAnswers, Kind
from analytics_pipelines.http_kit.depends import DuckLease, SettingsNow
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.storage_snapshots.ask.costs import NoPrice, Payer, price_or_refusal, usage_by
from analytics_pipelines.storage_snapshots.ask.distribution import Dimension, distribution
from analytics_pipelines.storage_snapshots.ask.ends import BadRange, ends
from analytics_pipelines.storage_snapshots.ask.growth import By, Growth, Order, growth
from analytics_pipelines.storage_snapshots.ask.temperature import LastUse, temperature
from analytics_pipelines.storage_snapshots.layout import snapshot_date
from analytics_pipelines.storage_snapshots.routes import analytics_bodies as bodies
from analytics_pipelines.storage_snapshots.routes.models import snapshots_of
from analytics_pipelines.storage_snapshots.routes.parameters import (
    ERRORS,
    LATEST,
    MOST_BYTES,
    PAGED_ERRORS,
    Limit,
    PageAsked,
    PathOrNone,
    ShareParameter,
    Where,
    WhereAsked,
)

MOST_DEPTH = 4_096
MOST_PRICE = 1e12
MOST_DAY_CHARACTERS = 20
Price = Annotated[
    float | None,
    Query(
        ge=0,
        le=MOST_PRICE,
        allow_inf_nan=False,
        description="What 10^9 bytes on disk cost a month; absent: STORAGE_COST_PER_GB.",
    ),
]

router = APIRouter(prefix="/api/analytics", tags=["storage"])
reading = [requires(Scope.VIEWER)]


@router.get(
    "/growth", dependencies=reading, response_model=bodies.Growth, responses=documented(*PAGED_ERRORS, BadRange)
)
def read_growth(  # noqa: PLR0917 - what a client may ask
    lease: DuckLease,
    answers: Answers,
    path: PathOrNone,
    page: PageAsked,
    from_day: Annotated[
        str | None,
        Query(
            alias="from",
            max_length=MOST_DAY_CHARACTERS,
            description="First day, YYYY-MM-DD; absent: 30 days before `to`.",
        ),
    ] = None,
    to_day: Annotated[
        str | None,
        Query(alias="to", max_length=MOST_DAY_CHARACTERS, description="Last day, or `latest`; absent: the newest."),
    ] = None,
    share: ShareParameter = None,
    depth: Annotated[int, Query(ge=1, le=MOST_DEPTH, description="Levels below the path, or the shares' roots.")] = 1,
    by: Annotated[By, Query(description="What folders go by.")] = "size_du",
    order: Annotated[Order, Query(description="Those that grew, most first, or those that shrank.")] = "grown",
    capacity: Annotated[
        int | None, Query(ge=0, le=MOST_BYTES, description="Bytes a share may take; absent: its file system's room.")
    ] = None,
) -> Response:
    """Folders that grew between two days, and for each share the days until it is full, if it goes on like that."""
    first, last = _day(from_day), _day(to_day)
    asked = Growth(path, depth, by, order, capacity)

    def made() -> dict[str, Any]:
        both = ends(lease, first, last, share)
        found = growth(both, asked, limit=page.limit, cursor=page.cursor)
        return bodies.answer_of(both.later, found, compared_with=snapshots_of(both.earlier.snapshots))

    parts = {"from": first, "to": last, "share": share, "page": page, "asked": asked}
    return answers.of(Kind.ANALYTICS, lease, parts, made)


@router.get("/distribution", dependencies=reading, response_model=bodies.Distribution, responses=documented(*ERRORS))
def read_distribution(
    lease: DuckLease,
    answers: Answers,
    where: WhereAsked,
    limit: Limit,
    dimension: Annotated[Dimension, Query(description="By what the files are told apart.")] = "size_bin",
) -> Response:
    """How many files there are of each size, age, extension, type, owner or group, and what they hold."""

    def made() -> dict[str, Any]:
        these = where.chosen(lease)
        total, shares = distribution(these, dimension, where.path, limit)
        snapshots = snapshots_of(these.snapshots)
        return {"snapshots": snapshots, "dimension": dimension, "total": total, "shares": shares}

    return answers.of(Kind.ANALYTICS, lease, {"where": where, "limit": limit, "dimension": dimension}, made)


@router.get("/owners", dependencies=reading, response_model=bodies.Costs, responses=documented(*ERRORS))
def read_owners(  # noqa: PLR0917 - what a client may ask
    lease: DuckLease,
    answers: Answers,
    settings: SettingsNow,
    where: WhereAsked,
    limit: Limit,
    cost_per_gb: Price = None,
) -> Response:
    """Whose files take how much, most first, and what that costs where a price is known."""
    price = cost_per_gb if cost_per_gb is not None else settings.storage_cost_per_gb
    return _usages(lease, answers, where, "owner", price, limit)


@router.get("/groups", dependencies=reading, response_model=bodies.Costs, responses=documented(*ERRORS))
def read_groups(  # noqa: PLR0917 - what a client may ask
    lease: DuckLease,
    answers: Answers,
    settings: SettingsNow,
    where: WhereAsked,
    limit: Limit,
    cost_per_gb: Price = None,
) -> Response:
    """Which groups' files take how much, most first, and what that costs where a price is known."""
    price = cost_per_gb if cost_per_gb is not None else settings.storage_cost_per_gb
    return _usages(lease, answers, where, "group", price, limit)


@router.get("/costs", dependencies=reading, response_model=bodies.Costs, responses=documented(*ERRORS, NoPrice))
def read_costs(  # noqa: PLR0917 - what a client may ask
    lease: DuckLease,
    answers: Answers,
    settings: SettingsNow,
    where: WhereAsked,
    limit: Limit,
    by: Annotated[Payer, Query(description="Owners, groups, shares, or the folders directly in the path.")] = "folder",
    cost_per_gb: Price = None,
) -> Response:
    """What the space taken costs a month, by who or what takes it, most first."""
    price = price_or_refusal(cost_per_gb, settings.storage_cost_per_gb)
    return _usages(lease, answers, where, by, price, limit)


@router.get("/temperature", dependencies=reading, response_model=bodies.Temperatures, responses=documented(*ERRORS))
def read_temperature(
    lease: DuckLease,
    answers: Answers,
    where: WhereAsked,
    limit: Limit,
    by: Annotated[LastUse, Query(description="Whose cold bytes the folders go by.")] = "atime",
) -> Response:
    """How much lies hot, warm and cold, by last read and last change: of each share or folder, and of those in it."""

    def made() -> dict[str, Any]:
        these = where.chosen(lease)
        total, folders = temperature(these, path=where.path, by=by, limit=limit)
        return {"snapshots": snapshots_of(these.snapshots), "total": total, "folders": folders}

    return answers.of(Kind.ANALYTICS, lease, {"where": where, "limit": limit, "by": by}, made)


def _usages(  # noqa: PLR0917 - the question in parts
    lease: Lease, answers: CachedAnswers, where: Where, by: Payer, price: float | None, limit: int
) -> Response:
    def made() -> dict[str, Any]:
        these = where.chosen(lease)
        found = usage_by(these, by, path=where.path, price=price, limit=limit)
        return bodies.answer_of(these, found, by=by, cost_per_gb=price)

    return answers.of(Kind.ANALYTICS, lease, {"where": where, "by": by, "price": price, "limit": limit}, made)


def _day(text: str | None) -> date | None:
    """The day; None for the usual one. Raises `BadSnapshotDate`."""
    return None if text in {None, LATEST} else snapshot_date(str(text))
