"""HTTP door of the event collection: one open path, whose answers and errors have a shape of their own."""

from collections import Counter
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from analytics_pipelines.foundation.errors import TimedOut, Unavailable
from analytics_pipelines.http_kit.problems import Problem
from analytics_pipelines.http_kit.scopes import open_to_all
from analytics_pipelines.web_events.event import Reason, Rejected
from analytics_pipelines.web_events.intake.judge import Arrival
from analytics_pipelines.web_events.intake.pixel import GIF, pixel_event
from analytics_pipelines.web_events.intake.read_event import (
    SENT_AT,
    TEXT_FIELDS,
    TIME_FIELDS,
    Body,
    must_not_be_large,
    read_body,
)
from analytics_pipelines.web_events.intake.receipts import Outcome
from analytics_pipelines.web_events.routes.receiving import (
    RETRY_AFTER,
    Prepared,
    Told,
    arrival_of,
    aside,
    body_of,
    hand_in,
    json_answer,
    keep_body,
    shown,
)

PATH = "/collect"
STATUSES: dict[str | None, int] = {Reason.BROKEN_JSON: 400, Reason.TOO_LARGE: 413, Reason.MANY_EVENTS: 413}
REJECTED = 422
MESSAGES = {
    Outcome.STORED: "Event received and stored",
    Outcome.DUPLICATE: "Event already stored",
    Outcome.ACCEPTED: "Event accepted",
}
EVENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in TEXT_FIELDS},
        **{name: {"type": "string", "format": "date-time"} for name in TIME_FIELDS},
        "attribution": {"type": "object", "properties": {"utmParams": {"type": "object"}}},
        "properties": {"type": "object"},
    },
    "additionalProperties": True,
}
EVENTS_SCHEMA = {"type": "array", "items": EVENT_SCHEMA}
BODY_SCHEMA = {
    "anyOf": [EVENT_SCHEMA, EVENTS_SCHEMA, {"type": "object", "properties": {"events": EVENTS_SCHEMA}}],
}
EVENT_BODY = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": BODY_SCHEMA} for kind in ("application/json", "text/plain")},
    }
}
PIXEL_PARAMETERS = {
    "parameters": [
        {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}
        for name in (*TEXT_FIELDS, *TIME_FIELDS, "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
    ]
}
GIF_HEADERS = ((b"content-type", b"image/gif"), (b"cache-control", b"no-store"))


class Collected(BaseModel):
    """The event is durable: stored now, under this id before, or on the disk of the machine that took it."""

    status: Literal["success"] = "success"
    message: Literal["Event received and stored", "Event already stored", "Event accepted"]
    event_id: str
    timestamp: str


class EventOutcome(BaseModel):
    """What became of one event of a batch; a rejected one is kept with its reason, and need not have an id."""

    event_id: str | None
    status: Outcome
    reason: Reason | None = None
    message: str | None = None


class CollectedBatch(BaseModel):
    """One outcome an event, in the order in which they were sent; `status` is error when all were rejected."""

    status: Literal["success", "error"]
    message: str
    events: list[EventOutcome]
    timestamp: str


class NotCollected(BaseModel):
    """The event is not stored."""

    status: Literal["error"] = "error"
    message: str


router = APIRouter(tags=["collect"])


def collect_problem(problem: Problem) -> Response:
    """The problem as the clients of `/collect` know errors; a mistake of ours means that they shall try again."""
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _unable()
    return _error(problem.status, problem.detail)


@router.post(
    PATH,
    dependencies=[open_to_all],
    response_model=Collected | CollectedBatch,
    responses={status: {"model": NotCollected} for status in (400, 413, 422, 503)},
    openapi_extra=EVENT_BODY,
)
async def collect(request: Request) -> Response:
    """Store one event or a batch, sent as JSON or as text/plain; on 200 all that is not rejected is durable."""
    headers = dict(request.scope["headers"])
    arrival = arrival_of(request, headers, "collect")
    body = b""
    try:
        try:
            body = await body_of(request, headers)
            found = await aside(len(body), read_body, body)
        except Rejected as rejected:
            await keep_body(request, rejected, body, arrival)
            return _error(STATUSES.get(rejected.reason, REJECTED), str(rejected))
        _inherit(found)
        told = await hand_in(request, found.events, arrival, len(body))
    except (Unavailable, TimedOut):
        return _unable()
    except ClientDisconnect:
        return _error(HTTPStatus.BAD_REQUEST, "The body was cut off.")
    return _batch(told, arrival) if found.is_batch else _single(told[0], arrival)


@router.get(
    PATH,
    dependencies=[open_to_all],
    response_class=Response,
    responses={200: {"content": {"image/gif": {}}}, 503: {"model": NotCollected}},
    openapi_extra=PIXEL_PARAMETERS,
)
async def pixel(request: Request) -> Response:
    """Store the event in the address and answer a picture of one transparent pixel, for a rejected and kept one too."""
    headers = dict(request.scope["headers"])
    arrival = arrival_of(request, headers, "pixel")
    query = request.scope["query_string"]
    page = headers.get(b"referer", b"").decode("latin-1")
    try:
        try:
            must_not_be_large(query)
        except Rejected as rejected:
            await keep_body(request, rejected, query, arrival)
        else:
            await hand_in(request, [pixel_event(query, page)], arrival)
    except (Unavailable, TimedOut):
        return _unable()
    return Prepared(GIF, HTTPStatus.OK, *GIF_HEADERS)


def _inherit(body: Body) -> None:
    """When a batch was sent holds for its events."""
    sent_at = body.around.get(SENT_AT)
    if sent_at:
        for each in body.events:
            if each.content is not None:
                each.content.setdefault(SENT_AT, sent_at)


def _single(told: Told, arrival: Arrival) -> Response:
    if told.is_rejected:
        return _error(STATUSES.get(told.reason, REJECTED), str(told.detail))
    content = {
        "status": "success",
        "message": MESSAGES[told.taken.outcome],
        "event_id": told.verdict.event_id,
        "timestamp": shown(arrival.received_at),
    }
    return json_answer(content, HTTPStatus.OK)


def _batch(told: Sequence[Told], arrival: Arrival) -> Response:
    counts = Counter(each.taken.outcome for each in told)
    parts = ", ".join(str(counts[outcome]) + " " + outcome for outcome in Outcome if counts[outcome])
    content = {
        "status": "error" if told and counts[Outcome.REJECTED] == len(told) else "success",
        "message": str(len(told)) + " events" + (": " + parts if parts else ""),
        "events": [_outcome(each) for each in told],
        "timestamp": shown(arrival.received_at),
    }
    return json_answer(content, HTTPStatus.OK)


def _outcome(told: Told) -> dict[str, str | None]:
    outcome: dict[str, str | None] = {"event_id": told.verdict.event_id, "status": told.taken.outcome}
    if told.is_rejected:
        outcome |= {"reason": told.reason, "message": told.detail}
    return outcome


def _error(status: int, message: str) -> Response:
    return json_answer({"status": "error", "message": message}, status)


def _unable() -> Response:
    return json_answer({"status": "error", "message": "Event processing failed"}, 503, RETRY_AFTER)
