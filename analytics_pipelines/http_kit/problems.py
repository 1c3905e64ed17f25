"""Errors as `application/problem+json` (RFC 9457), all in one shape; one table gives their statuses."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from analytics_pipelines.foundation import errors
from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.foundation.logs import current_request_id
from analytics_pipelines.http_kit.conditional import NotModified
from analytics_pipelines.http_kit.multipart import UploadTooLarge

MEDIA_TYPE = "application/problem+json"
URN = "urn:analytics-pipelines:problem:"
MOST_FAULTS = 20
STATUSES: dict[type[AnalyticsError], HTTPStatus] = {
    errors.BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.LimitExceeded: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    errors.TimedOut: HTTPStatus.GATEWAY_TIMEOUT,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.CheckFailed: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.SetupError: HTTPStatus.INTERNAL_SERVER_ERROR,
    UploadTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}


class Fault(BaseModel):
    """One thing that is wrong with the request."""

    pointer: str = Field(description="Where: `query/days`, `body/events/3/siteId`…")
    message: str
    code: str


class Problem(BaseModel):
    """What every error answer holds; `limit`, `remedy` and `errors` only where there is something to say."""

    type: str
    title: str
    status: int
    detail: str
    instance: str = Field(description="Path of the request.")
    code: str = Field(description="Stable name of the error for programs.")
    limit: str | None = None
    remedy: str | None = None
    request_id: str | None = Field(None, description="Also in the header X-Request-ID and in the logs.")
    errors: list[Fault] | None = None


Shape = Callable[[Problem], Response]
"""Answers a problem in the words that the clients of one path have always been given."""


class ProblemResponse(JSONResponse):
    """A problem on its way out; never cached."""

    media_type = MEDIA_TYPE

    def __init__(self, problem: Problem, headers: dict[str, str] | None = None) -> None:
        super().__init__(
            problem.model_dump(exclude_none=True),
            status_code=problem.status,
            headers={"cache-control": "no-store", **(headers or {})},
        )


def status_of(kind: type[AnalyticsError]) -> HTTPStatus:
    """The status of an error's nearest ancestor in the table."""
    return next((STATUSES[each] for each in kind.__mro__ if each in STATUSES), HTTPStatus.INTERNAL_SERVER_ERROR)


def documented(*kinds: type[AnalyticsError]) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that can answer with these errors."""
    by_status: dict[int | str, list[type[AnalyticsError]]] = {}
    for kind in kinds:
        by_status.setdefault(int(status_of(kind)), []).append(kind)
    return {status: _described(each) for status, each in by_status.items()}


def install_problems(app: FastAPI, shapes: Mapping[str, Shape] | None = None) -> None:
    """Answer our errors, validation errors and HTTP errors in one shape, and `NotModified` with 304.

    `shapes` has the paths whose errors look otherwise.
    """
    app.state.problem_shapes = dict(shapes or {})
    app.add_exception_handler(AnalyticsError, _on_our_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(NotModified, _on_not_modified)


def answer_of(scope: Scope, problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """The problem in the shape of the request's path."""
    shapes: dict[str, Shape] = getattr(scope["app"].state, "problem_shapes", {})
    shape = shapes.get(scope["path"])
    if shape is None:
        return ProblemResponse(problem, headers)
    answer = shape(problem)
    answer.headers.update(headers or {})
    return answer


def problem_of(error: AnalyticsError, instance: str) -> Problem:
    """The problem that tells a client of our error."""
    return Problem(
        type=URN + error.code,
        title=error.title,
        status=status_of(type(error)),
        detail=_printable(error.detail),
        instance=instance,
        code=error.code,
        limit=error.limit,
        remedy=error.remedy,
        request_id=current_request_id(),
        errors=_faults_of(error),
    )


def unexpected(instance: str) -> Problem:
    """The problem of a mistake of ours, which says nothing of its cause."""
    return Problem(
        type=URN + "Unexpected",
        title="Something went wrong here",
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        detail="The request failed for a reason that is in our log.",
        instance=instance,
        code="Unexpected",
        remedy="Tell the operator the request id.",
        request_id=current_request_id(),
    )


async def _on_our_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AnalyticsError)  # noqa: S101 - registered for it
    problem = problem_of(error, request.url.path)
    return answer_of(request.scope, problem, _headers_of(error, problem.status))


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    """The input is not echoed: NaN, 1e400 and lone surrogates in it can not be written as JSON."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    problem = Problem(
        type=URN + "InvalidRequest",
        title="The request is not valid",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        detail="The request does not have the shape that this route needs.",
        instance=request.url.path,
        code="InvalidRequest",
        remedy="/docs shows what each route takes.",
        request_id=current_request_id(),
        errors=[_fault(each) for each in error.errors()[:MOST_FAULTS]],
    )
    return answer_of(request.scope, problem)


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    status = HTTPStatus(error.status_code)
    problem = Problem(
        type="about:blank",
        title=status.phrase,
        status=status,
        detail=error.detail if error.detail != status.phrase else status.description or status.phrase,
        instance=request.url.path,
        code="".join(word.capitalize() for word in status.phrase.split()),
        remedy="/docs lists the routes and their methods.",
        request_id=current_request_id(),
    )
    return answer_of(request.scope, problem, dict(error.headers or {}))


async def _on_not_modified(_: Request, answer: Exception) -> Response:
    assert isinstance(answer, NotModified)  # noqa: S101 - registered for it
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=answer.headers)


def _headers_of(error: AnalyticsError, status: int) -> dict[str, str]:
    retry_after_s: int | None = getattr(error, "retry_after_s", None)
    if retry_after_s is not None:
        return {"retry-after": str(retry_after_s)}
    return {
        HTTPStatus.UNAUTHORIZED: {"www-authenticate": 'Bearer realm="analytics_pipelines"'},
        HTTPStatus.SERVICE_UNAVAILABLE: {"retry-after": "5"},
    }.get(HTTPStatus(status), {})


def _fault(error: dict[str, Any]) -> Fault:
    return Fault(
        pointer=_printable("/".join(str(part) for part in error["loc"])),
        message=_printable(str(error["msg"])),
        code=str(error["type"]),
    )


def _faults_of(error: AnalyticsError) -> list[Fault] | None:
    told = error.faults[:MOST_FAULTS] if isinstance(error, errors.BadInput) else ()
    faults = [
        Fault(pointer=_printable(each.pointer), message=_printable(each.message), code=each.code) for each in told
    ]
    return faults or None


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()[:500]


def _described(kinds: Sequence[type[AnalyticsError]]) -> dict[str, Any]:
    told = "; ".join("`" + kind.__name__ + "`: " + _sentence(kind) for kind in kinds)
    return {"description": told, "content": {MEDIA_TYPE: {"schema": _schema()}}}


def _sentence(kind: type[AnalyticsError]) -> str:
    lines: Iterable[str] = (kind.__doc__ or kind.title).strip().splitlines()
    return next(iter(lines))


def _schema() -> dict[str, Any]:
    """The problem's schema in place, since FastAPI lists only models that routes answer with."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions = schema.pop("$defs")
    schema["properties"]["errors"]["anyOf"][0]["items"] = definitions["Fault"]
    return schema
