"""HTTP door of what runs and what ran: one's own queries; an admin's are everybody's."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.sql_service.errors import DuckDBConnectionError, QueryNotFound
from analytics_pipelines.sql_service.messages import Ask, Does
from analytics_pipelines.sql_service.routes.answers import json_response
from analytics_pipelines.sql_service.routes.models import QueriesAnswer
from analytics_pipelines.sql_service.routes.parts import PREFIX, CallerNow, ClientNow, asking

MOST_ID_CHARACTERS = 100
QueryId = Annotated[str, Path(max_length=MOST_ID_CHARACTERS, description="`query_id` of an answer, or of the list.")]
router = APIRouter(prefix=PREFIX, tags=["sql"])


@router.get("/queries", response_model=QueriesAnswer, dependencies=asking, responses=documented(DuckDBConnectionError))
async def list_queries(client: ClientNow, caller: CallerNow) -> Response:
    """Queries that wait and run, and the last ones that ended; with their SQL, so that it is not for viewers."""
    return json_response(await client.control(Ask(does=Does.QUERIES, caller=caller)))


@router.delete(
    "/queries/{query_id}",
    status_code=204,
    dependencies=asking,
    responses=documented(QueryNotFound, DuckDBConnectionError),
)
async def cancel_query(query_id: QueryId, client: ClientNow, caller: CallerNow) -> None:
    """Stop a query; its own request is answered with `QueryCancelled`. Another's query is as good as none."""
    await client.control(Ask(does=Does.CANCEL, caller=caller, query_id=query_id))
