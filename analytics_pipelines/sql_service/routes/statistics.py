"""HTTP door of what was asked and how it went, and of the circuit breaker's reset."""

from fastapi import APIRouter
from starlette.responses import Response

from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.sql_service.errors import DuckDBConnectionError
from analytics_pipelines.sql_service.messages import Ask, Does
from analytics_pipelines.sql_service.routes.answers import json_response
from analytics_pipelines.sql_service.routes.models import Breaker, Statistics
from analytics_pipelines.sql_service.routes.parts import PREFIX, CallerNow, ClientNow, SqlService

router = APIRouter(prefix=PREFIX, tags=["sql"])


@router.get(
    "/statistics",
    response_model=Statistics,
    dependencies=[requires(Scope.ANALYST, or_else=Scope.VIEWER)],
    responses=documented(DuckDBConnectionError),
)
async def read_statistics(service: SqlService, caller: CallerNow) -> Response:
    """Queries, times, memory, cache and queue since the broker started; an admin sees all users, others themselves."""
    return json_response(await service.get_statistics(caller=caller))


@router.post(
    "/circuit-breaker/reset",
    response_model=Breaker,
    dependencies=[requires(Scope.ADMIN)],
    responses=documented(DuckDBConnectionError),
)
async def reset_breaker(client: ClientNow, caller: CallerNow) -> Response:
    """Close the circuit breaker and forget what it counted; its state after that."""
    return json_response(await client.control(Ask(does=Does.RESET, caller=caller)))
