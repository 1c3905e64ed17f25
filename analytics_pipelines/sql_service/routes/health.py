"""HTTP door of the service's health, for whoever watches it."""

from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response

from analytics_pipelines.http_kit.scopes import open_to_all
from analytics_pipelines.sql_service.routes.answers import json_response
from analytics_pipelines.sql_service.routes.models import Health
from analytics_pipelines.sql_service.routes.parts import PREFIX, SqlService

HEALTHY = "healthy"
RETRY_AFTER_S = "5"
router = APIRouter(prefix=PREFIX, tags=["sql"])


@router.get(
    "/health",
    response_model=Health,
    dependencies=[open_to_all],
    responses={503: {"model": Health, "description": "`degraded`, or not there: the same, as far as it is known."}},
)
async def read_health(service: SqlService) -> Response:
    """Whether a tiny query is answered, how many workers there are, and the circuit breaker's state."""
    told = await service.health_check()
    found = {name: told[name] for name in Health.model_fields}
    if found["status"] == HEALTHY:
        return json_response(found)
    answer = json_response(found, HTTPStatus.SERVICE_UNAVAILABLE)
    answer.headers["retry-after"] = RETRY_AFTER_S
    return answer
