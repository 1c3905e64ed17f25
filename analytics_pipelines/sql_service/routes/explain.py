"""HTTP door of plans: how DuckDB would run a query, or ran it."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.sql_service.messages import Ask, Does, Statement
from analytics_pipelines.sql_service.routes.answers import answered
from analytics_pipelines.sql_service.routes.models import ExplainAnswer, ExplainBody
from analytics_pipelines.sql_service.routes.parts import PREFIX, RUNNING, CallerNow, SqlService, asking, body_of, sent

router = APIRouter(prefix=PREFIX, tags=["sql"])


@router.post(
    "/explain",
    response_model=ExplainAnswer,
    dependencies=asking,
    responses=documented(*RUNNING),
    openapi_extra=body_of(ExplainBody),
)
async def explain(
    request: Request, body: Annotated[ExplainBody, sent(ExplainBody)], service: SqlService, caller: CallerNow
) -> Response:
    """The plan of a query. With `analyze` it is run, under the same limits, and its operators are timed."""
    ask = Ask(
        does=Does.EXPLAIN,
        caller=caller,
        statements=(Statement(body.query, body.params),),
        timeout_s=body.timeout_s,
        is_analyzed=body.analyze,
    )
    return await answered(request, service, ask)
