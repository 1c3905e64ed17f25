"""HTTP door of the product's numbers."""

from fastapi import APIRouter

from analytics_pipelines.foundation.errors import TimedOut
from analytics_pipelines.foundation.generation import NothingPublished
from analytics_pipelines.http_kit.depends import DuckLease
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.product_export import queries
from analytics_pipelines.product_export.queries import ActiveUser, UserItemCount

router = APIRouter(prefix="/api/v1/analytics", tags=["product"])


@router.get(
    "/items_by_user",
    dependencies=[requires(Scope.VIEWER)],
    responses=documented(NothingPublished, TimedOut),
)
def read_items_by_user(lease: DuckLease) -> list[UserItemCount]:
    """Users who own items, with how many, most first, ties by e-mail."""
    return queries.items_by_user(lease)


@router.get(
    "/active_users",
    dependencies=[requires(Scope.VIEWER)],
    responses=documented(NothingPublished, TimedOut),
)
def read_active_users(lease: DuckLease) -> list[ActiveUser]:
    """The ten active users with the most items, ties by e-mail."""
    return queries.active_users(lease)
