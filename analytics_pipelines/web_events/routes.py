"""HTTP door of the event collection: one open route, whose answers and errors have a shape of their own."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from analytics_pipelines.foundation.errors import TimedOut, Unavailable
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.http_kit.depends import DbDoor, Now, SettingsNow
from analytics_pipelines.http_kit.problems import Problem
from analytics_pipelines.http_kit.scopes import open_to_all
from analytics_pipelines.web_events.collect import keep_rejected, store
from analytics_pipelines.web_events.event import MOST_EVENT_BYTES, Reason, Rejected, Sender
from analytics_pipelines.web_events.parse_event import TEXT_FIELDS, TIME_FIELDS, parse_event

MOST_AGENT_CHARACTERS = 1_000
STATUSES = {Reason.BROKEN_JSON: 400, Reason.TOO_LARGE: 413}
REJECTED = 422
EVENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in TEXT_FIELDS},
        **{name: {"type": "string", "format": "date-time"} for name in TIME_FIELDS},
        "attribution": {"type": "object"},
        "properties": {"type": "object"},
    },
    "additionalProperties": True,
}
EVENT_BODY = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": EVENT_SCHEMA} for kind in ("application/json", "text/plain")},
    }
}


class Collected(BaseModel):
    """The event is durable: stored now, or under this id before."""

    status: Literal["success"] = "success"
    message: Literal["Event received and stored", "Event already stored"]
    event_id: str
    timestamp: str


class NotCollected(BaseModel):
    """The event is not stored."""

    status: Literal["error"] = "error"
    message: str


router = APIRouter(tags=["collect"])
UNABLE = NotCollected(message="Event processing failed")


def collect_problem(problem: Problem) -> JSONResponse:
    """The problem as the clients of `/collect` know errors; a mistake of ours means that they shall try again."""
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _answer(UNABLE, 503)
    return _answer(NotCollected(message=problem.detail), problem.status)


async def raw_body(request: Request) -> bytes:
    """The body as it came; of one that is too large only so much that this shows."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_EVENT_BYTES:
            break
    return bytes(body[: MOST_EVENT_BYTES + 1])


@router.post(
    "/collect",
    dependencies=[open_to_all],
    response_model=Collected,
    responses={status: {"model": NotCollected} for status in (400, 413, 422, 503)},
    openapi_extra=EVENT_BODY,
)
def collect(
    body: Annotated[bytes, Depends(raw_body)], request: Request, database: DbDoor, now: Now, settings: SettingsNow
) -> JSONResponse:
    """Store one event, sent as JSON or as text/plain; on 200 it is committed in PostgreSQL."""
    try:
        return _collected(database(), body, _sender(request), now, registers_sites=settings.auto_registers_sites)
    except (Unavailable, TimedOut, SQLAlchemyError):
        return _answer(UNABLE, 503)


def _collected(
    database: Database, body: bytes, sender: Sender, now: datetime, *, registers_sites: bool
) -> JSONResponse:
    try:
        stored = store(database, parse_event(body, sender, now), registers_sites=registers_sites)
    except Rejected as rejected:
        keep_rejected(database, rejected, body, now)
        return _answer(NotCollected(message=str(rejected)), STATUSES.get(rejected.reason, REJECTED))
    message: Any = "Event already stored" if stored.is_duplicate else "Event received and stored"
    timestamp = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return _answer(Collected(message=message, event_id=stored.event_id, timestamp=timestamp), 200)


def _sender(request: Request) -> Sender:
    agent = request.headers.get("user-agent", "").replace("\x00", "")[:MOST_AGENT_CHARACTERS]
    return Sender(request.client.host if request.client else None, agent or None)


def _answer(content: BaseModel, status: int) -> JSONResponse:
    return JSONResponse(content.model_dump(), status)
