"""What the routes of the room share: the service, who is calling, bodies, and a client's going away."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from analytics_pipelines.http_kit.json_body import BadJson
from analytics_pipelines.http_kit.principals import Principal
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.http_kit.wiring import Slot
from analytics_pipelines.sql_service.allowance import Caller, Rights
from analytics_pipelines.sql_service.client import BrokerClient
from analytics_pipelines.sql_service.errors import (
    CircuitBreakerOpenException,
    DuckDBConnectionError,
    DuckDBQueryError,
    DuckDBResourceError,
    QueryCancelled,
    QueryFailed,
    QueryRefused,
    QueryTimedOut,
    QueueFull,
    TooManyQueries,
    Uncaged,
)
from analytics_pipelines.sql_service.service import DuckDBService

PREFIX = "/api/v1/duckdb"
SERVICE: Slot[DuckDBService] = Slot("sql_service")
"""Filled by the application for as long as it runs."""
OF_A_SERVICE = "token "
"""Begins the names of service tokens, as no username can: whoever registers as `ci` is not the token `ci`."""
RUNNING = (
    *(BadJson, DuckDBQueryError, QueryRefused, DuckDBResourceError, QueryCancelled, TooManyQueries, QueryTimedOut),
    *(DuckDBConnectionError, QueueFull, CircuitBreakerOpenException, Uncaged, QueryFailed),
)
"""What can become of SQL."""
asking = [requires(Scope.ANALYST, remembered=True)]
"""A look-up costs as much as all else that the API does for a short query."""

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


async def get_duckdb_service(request: Request) -> DuckDBService:
    """The service, for `Depends` of any route; raises `Unavailable` before the application has started."""
    return await SERVICE.of(request)


def caller_of(request: Request) -> Caller:
    """Who is calling; only behind a scope that is never open."""
    principal: Principal = request.state.principal
    name = principal.name if principal.credential else OF_A_SERVICE + principal.name
    return Caller(name, Rights.ADMIN if principal.may(Scope.ADMIN) else Rights.ANALYST)


def owner_of(request: Request) -> str:
    """What the caller's files are kept under: an account's id, since its name is free for others once it is deleted."""
    principal: Principal = request.state.principal
    return (principal.user_id if principal.credential else None) or caller_of(request).name


async def _owner(request: Request) -> str:
    return owner_of(request)


async def _caller(request: Request) -> Caller:
    return caller_of(request)


async def _client(request: Request) -> BrokerClient:
    return (await SERVICE.of(request)).client


SqlService = Annotated[DuckDBService, Depends(get_duckdb_service)]
ClientNow = Annotated[BrokerClient, Depends(_client)]
CallerNow = Annotated[Caller, Depends(_caller)]
OwnerNow = Annotated[str, Depends(_owner)]


async def body_as(request: Request, model: type[M]) -> M:
    """The body as that model; whole numbers keep all their digits, and NaN is no JSON.

    Raises `BadJson`, and FastAPI's own error where the body has another shape.
    """
    content = _json(await request.body())
    try:
        return model.model_validate(content)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in found]) from None


def sent(model: type[M]) -> Any:
    """The same as a dependency."""

    async def read(request: Request) -> M:
        return await body_as(request, model)

    return Depends(read)


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """The `openapi_extra=` of a route that takes the model by `sent` or `body_as`."""
    schema = model.model_json_schema()
    inlined = _inlined(schema, schema.pop("$defs", {}))
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": inlined}}}}


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What the work gives; it is cancelled when the client goes away, with `QueryCancelled`."""
    running = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_gone(request.receive))
    try:
        await asyncio.wait({running, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            raise QueryCancelled("The client has gone away.")
        return running.result()
    finally:
        for each in (running, gone):
            each.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await running


async def _gone(receive: Callable[[], Awaitable[Any]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _json(content: bytes) -> Any:
    """Pydantic's own reader, which makes no float of a long whole number as orjson does."""
    try:
        found = from_json(content, allow_inf_nan=False)
    except ValueError as error:
        raise BadJson("The body is no JSON: " + str(error) + ".", remedy="Send one JSON value in UTF-8.") from None
    if not _is_finite(found):
        raise BadJson("The body has a number that is too large.", remedy="Send it as text, and cast it.")
    return found


def _is_finite(value: Any) -> bool:
    """Whether no number in it has become infinite, as 1e400 does."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    return all(map(_is_finite, value)) if isinstance(value, list) else True


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """FastAPI lists only the models that it reads itself, so nothing may refer to another place."""
    if isinstance(schema, list):
        return [_inlined(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {name: _inlined(each, definitions) for name, each in schema.items()}
