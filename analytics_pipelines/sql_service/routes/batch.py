"""HTTP door of several statements that run in order on one connection, with tables of their own."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.sql_service.routes.answers import answered
from analytics_pipelines.sql_service.routes.models import BatchAnswer, BatchBody
from analytics_pipelines.sql_service.routes.parts import PREFIX, RUNNING, CallerNow, SqlService, asking, body_of, sent
from analytics_pipelines.sql_service.service import batch_ask

router = APIRouter(prefix=PREFIX, tags=["sql"])


@router.post(
    "/batch",
    response_model=BatchAnswer,
    dependencies=asking,
    responses=documented(*RUNNING),
    openapi_extra=body_of(BatchBody),
)
async def run_batch(
    request: Request, body: Annotated[BatchBody, sent(BatchBody)], service: SqlService, caller: CallerNow
) -> Response:
    """What each statement gives. Tables that they make are the batch's own and are gone with it.

    With a transaction the first failure is that of all, and its pointer (`/queries/3`) names the statement.
    """
    queries = [each if isinstance(each, str) else each.model_dump() for each in body.queries]
    return await answered(request, service, batch_ask(queries, body.use_transaction, body.timeout_s, caller))
