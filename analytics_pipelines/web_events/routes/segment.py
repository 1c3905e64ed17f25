"""HTTP door of the Segment API: what its libraries send is stored as our own events are.

Exactly 200 says that all that is not rejected is durable; the libraries send again after 5xx and never after 4xx.
"""

from collections.abc import Awaitable, Callable, Sequence
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
from analytics_pipelines.web_events.intake.read_event import SENT_AT, Body, read_body
from analytics_pipelines.web_events.intake.segment import LIST, TYPES, event_of, sender_of, write_key_of
from analytics_pipelines.web_events.routes.parts import DIRECTORY
from analytics_pipelines.web_events.routes.receiving import (
    RETRY_AFTER,
    Told,
    arrival_of,
    aside,
    body_of,
    hand_in,
    json_answer,
    keep_body,
)

PREFIX = "/v1/"
BATCH = "batch"
PATHS = tuple(PREFIX + name for name in (BATCH, *TYPES))
STATUSES: dict[str | None, int] = {Reason.TOO_LARGE: 413, Reason.MANY_EVENTS: 413, Reason.WRONG_KEY: 401}
REJECTED = 400
MESSAGE_SCHEMA = {"type": "object", "additionalProperties": True}


class SegmentSuccess(BaseModel):
    """All messages are durable, rejected ones among the rejects."""

    success: Literal[True] = True


class SegmentError(BaseModel):
    """Why nothing was taken."""

    code: str
    message: str


router = APIRouter(tags=["segment"])


def segment_problem(problem: Problem) -> Response:
    """The problem as the libraries know errors; a mistake of ours means that they shall try again."""
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _unable()
    return _error(problem.status, problem.code, problem.detail)


async def _take(request: Request, kind: str | None) -> Response:
    headers = dict(request.scope["headers"])
    arrival = arrival_of(request, headers, "segment")
    body = b""
    try:
        try:
            body = await body_of(request, headers)
            found = await aside(len(body), _read, body, kind)
        except Rejected as rejected:
            await keep_body(request, rejected, body, arrival)
            return _error(STATUSES.get(rejected.reason, REJECTED), rejected.reason, str(rejected))
        told = await _handed_in(request, found, kind, arrival, headers.get(b"authorization", b"").decode("latin-1"))
    except (Unavailable, TimedOut):
        return _unable()
    except ClientDisconnect:
        return _error(HTTPStatus.BAD_REQUEST, Reason.BROKEN_JSON, "The body was cut off.")
    return _answer(told, kind)


def _read(body: bytes, kind: str | None) -> Body:
    found = read_body(body, name=LIST)
    if found.is_batch is (kind is None):
        return found
    wanted = "{" + '"' + LIST + '": [...]}' if kind is None else "one message"
    raise Rejected(Reason.NOT_AN_OBJECT, "This route takes " + wanted + ".")


async def _handed_in(request: Request, found: Body, kind: str | None, arrival: Arrival, given: str) -> list[Told]:
    """Hand the messages in as events of the key's site; one outcome each."""
    around = found.around if kind is None else found.events[0].content or {}
    site_id = await _site_of(request, write_key_of(given, around))
    for each in found.events:
        if each.content is not None:
            each.sender = sender_of(each.content, arrival.sender)
            each.content, each.raw = event_of(each.content, kind, site_id or "", around.get(SENT_AT)), None
        if site_id is None:
            each.rejected = Rejected(Reason.WRONG_KEY, "No site has this write key.")
    return await hand_in(request, found.events, arrival)


async def _site_of(request: Request, write_key: str | None) -> str | None:
    """The id of the site; None when no site has the key. Raises `Unavailable` when nobody knows that now."""
    directory = await DIRECTORY.of(request)
    if write_key is None:
        return None
    if directory.book.site_of_key(write_key) is None:
        await directory.learn([write_key])
    site = directory.book.site_of_key(write_key)
    if site is None and not directory.book.is_complete:
        raise Unavailable("The sites are not known.", remedy="Try again in a moment.")
    return site.site_id if site else None


def _answer(told: Sequence[Told], kind: str | None) -> Response:
    """A batch is taken as a whole; only when its key is wrong none of it could be stored, and that can be mended."""
    first = next((each for each in told if each.is_rejected), None)
    is_refused = first is not None and (kind is not None or first.reason == Reason.WRONG_KEY)
    if first is None or not is_refused:
        return json_answer({"success": True}, HTTPStatus.OK)
    return _error(STATUSES.get(first.reason, REJECTED), str(first.reason), str(first.detail))


def _error(status: int, code: str, message: str) -> Response:
    return json_answer({"code": code, "message": message}, status)


def _unable() -> Response:
    return json_answer({"code": "unavailable", "message": "Event processing failed"}, 503, RETRY_AFTER)


def _route(name: str) -> Callable[[Request], Awaitable[Response]]:
    kind = None if name == BATCH else name

    async def take(request: Request) -> Response:
        return await _take(request, kind)

    take.__name__ = name
    take.__doc__ = "Store " + ("a batch of messages." if kind is None else "one message of type " + name + ".")
    return take


def _declared(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


BATCH_SCHEMA = {"type": "object", "properties": {LIST: {"type": "array", "items": MESSAGE_SCHEMA}}, "required": [LIST]}
for path in PATHS:
    router.add_api_route(
        path,
        _route(path.removeprefix(PREFIX)),
        methods=["POST"],
        dependencies=[open_to_all],
        response_model=SegmentSuccess,
        responses={status: {"model": SegmentError} for status in (400, 401, 413, 503)},
        openapi_extra=_declared(BATCH_SCHEMA if path == PREFIX + BATCH else MESSAGE_SCHEMA),
    )
