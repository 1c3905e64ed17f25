"""HTTP door of one query: SQL in, rows out, as JSON or as a stream of Arrow, CSV or Parquet."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.sql_service.routes.answers import MEDIA_TYPES, answered
from analytics_pipelines.sql_service.routes.models import QueryAnswer, QueryBody
from analytics_pipelines.sql_service.routes.parts import (
    PREFIX,
    RUNNING,
    asking,
    body_as,
    body_of,
    caller_of,
    get_duckdb_service,
)
from analytics_pipelines.sql_service.service import FetchMode, Question

MODES = {MEDIA_TYPES[mode.written]: mode for mode in (FetchMode.ARROW, FetchMode.CSV, FetchMode.PARQUET)}
BINARY = {"schema": {"type": "string", "format": "binary"}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": dict.fromkeys(MODES, BINARY),
        "description": "Rows; `X-Query-Id` and `X-Generation` say of what, and what repeats has an `ETag`.",
    },
    304: {"description": "`If-None-Match` names the answer."},
}
router = APIRouter(prefix=PREFIX, tags=["sql"])


@router.post(
    "/query",
    response_model=QueryAnswer,
    dependencies=asking,
    responses=ANSWERS | documented(*RUNNING),
    openapi_extra=body_of(QueryBody),
)
async def run_query(request: Request) -> Response:
    """The rows that one SELECT gives. A stream that breaks off is cut off: it is never ended as if it were whole."""
    # By calls: on this route the time that dependencies take is worth saving.
    service = await get_duckdb_service(request)
    body = await body_as(request, QueryBody)
    mode = body.fetch_mode or accepted(request.headers.get("accept", ""))
    question = Question(body.query, body.params, mode, body.limit, body.timeout_s)
    return await answered(request, service, service.ask_for(question, caller_of(request)))


def accepted(accept: str) -> FetchMode:
    """The mode that `Accept` prefers: the first of those with the largest weight; JSON unless another is named."""
    weighted = [_weighed(each) for each in accept.split(",")]
    known = [(weight, name) for name, weight in weighted if name in MODES or name == "application/json"]
    best = max(known, key=lambda each: each[0], default=(1.0, ""))
    return MODES.get(best[1], FetchMode.ALL) if best[0] > 0 else FetchMode.ALL


def _weighed(part: str) -> tuple[str, float]:
    name, *parameters = (each.strip().lower() for each in part.split(";"))
    weights = [each.removeprefix("q=") for each in parameters if each.startswith("q=")]
    try:
        return name, float(weights[0]) if weights else 1.0
    except ValueError:
        return name, 0.0
