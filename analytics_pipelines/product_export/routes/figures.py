"""HTTP door of the product's figures."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from analytics_pipelines.foundation.errors import TimedOut
from analytics_pipelines.foundation.generation import NothingPublished
from analytics_pipelines.http_kit.depends import DuckLease
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.product_export import queries
from analytics_pipelines.product_export.queries import (
    MOST_ACTIVE_USERS,
    ActiveUser,
    DaysBackwards,
    DayTooEarly,
    GrowthDay,
    TooManyDays,
    UserItemCount,
)
from analytics_pipelines.product_export.retention import MOST_PERIODS, USUAL_PERIODS, Cohort, Unit, retention

MOST_ROWS = 10_000

router = APIRouter(prefix="/api/v1/analytics", tags=["product"])
reading = [requires(Scope.VIEWER)]
Most = Annotated[int, Query(alias="limit", ge=1, le=MOST_ROWS, description="Most rows of the answer.")]
MostOrAll = Annotated[int | None, Query(alias="limit", ge=1, le=MOST_ROWS, description="By default all.")]
First = Annotated[date | None, Query(alias="from", description="First UTC day; by default 30 days to the last.")]
Last = Annotated[date | None, Query(alias="to", description="Last UTC day; by default the latest exported one.")]
Periods = Annotated[int, Query(ge=1, le=MOST_PERIODS)]


@router.get("/items_by_user", dependencies=reading, responses=documented(NothingPublished, TimedOut))
def read_items_by_user(lease: DuckLease, most: MostOrAll = None) -> list[UserItemCount]:
    """Users who own items, with how many, most first, ties by e-mail."""
    return queries.items_by_user(lease, most=most)


@router.get("/active_users", dependencies=reading, responses=documented(NothingPublished, TimedOut))
def read_active_users(lease: DuckLease, most: Most = MOST_ACTIVE_USERS) -> list[ActiveUser]:
    """The active users with the most items, ties by e-mail."""
    return queries.active_users(lease, most=most)


@router.get(
    "/growth",
    dependencies=reading,
    responses=documented(DayTooEarly, DaysBackwards, TooManyDays, NothingPublished, TimedOut),
)
def read_growth(lease: DuckLease, first: First = None, last: Last = None) -> list[GrowthDay]:
    """New users and items of each UTC day and how many there were at its end, of those that are still there."""
    return queries.growth(lease, first, last)


@router.get("/retention", dependencies=reading, responses=documented(NothingPublished, TimedOut))
def read_retention(
    lease: DuckLease, unit: Unit = Unit.WEEK, cohorts: Periods = USUAL_PERIODS, periods: Periods = USUAL_PERIODS
) -> list[Cohort]:
    """Of those who signed up in each unit, how many made an item in it and in each later one."""
    return retention(lease, unit=unit, cohorts=cohorts, periods=periods)
