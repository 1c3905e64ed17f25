"""HTTP door for logging in, by JSON or by the form of OAuth2 (RFC 6749, section 4.3)."""

from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

import orjson
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from analytics_pipelines.accounts.access_tokens import AccessToken
from analytics_pipelines.accounts.log_in import AccountDisabled, LogIn, WrongLogIn, log_in
from analytics_pipelines.accounts.passwords import TooManyPasswords
from analytics_pipelines.accounts.routes.parts import PREFIX, Address, ThrottleNow, private
from analytics_pipelines.accounts.throttle import TooManyLogIns
from analytics_pipelines.foundation.errors import BadInput, Unavailable
from analytics_pipelines.foundation.postgres.failures import TextNotStorable
from analytics_pipelines.http_kit.depends import DbDoor, Now, SettingsNow
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import open_to_all

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 20
TEXT = {"type": "string"}
PASSWORD = {"type": "string", "format": "password"}
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["password"],
                    "properties": {"email": TEXT, "username": TEXT, "password": PASSWORD},
                    "description": "Either `email` or `username`, each of which may hold the other.",
                }
            },
            FORM: {
                "schema": {
                    "type": "object",
                    "required": ["username", "password"],
                    "properties": {"username": TEXT, "password": PASSWORD},
                }
            },
        },
    }
}

router = APIRouter(prefix=PREFIX, tags=["accounts"], dependencies=[private])


class BadLogInBody(BadInput):
    """The body names no account, or no password."""


class Token(BaseModel):
    """What is sent as `Authorization: Bearer <access_token>` from now on."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - a kind of token, as OAuth2 names it
    expires_in: int = Field(description="Seconds until it ends.")


async def _given(request: Request, address: Address) -> LogIn:
    """Who logs in, from a body of either kind."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    fields = _form(await request.body()) if kind == FORM else _json(await request.body())
    identifier, password = fields.get("email") or fields.get("username"), fields.get("password")
    if not (isinstance(identifier, str) and isinstance(password, str) and identifier and password):
        raise BadLogInBody(
            "The body names no account, or no password.",
            remedy="Send JSON with `email` or `username`, and `password`; or a form with `username` and `password`.",
        )
    return LogIn(identifier, password, address)


@router.post(
    "/login",
    dependencies=[open_to_all],
    openapi_extra=BODY,
    responses=documented(
        BadLogInBody, TextNotStorable, WrongLogIn, AccountDisabled, TooManyLogIns, TooManyPasswords, Unavailable
    ),
)
async def get_token(
    given: Annotated[LogIn, Depends(_given)], database: DbDoor, settings: SettingsNow, now: Now, throttle: ThrottleNow
) -> Token:
    """An access token for an e-mail address or username and its password."""

    def made() -> AccessToken:
        return log_in(database(), settings, given, throttle=throttle, at=now)

    token = await run_in_threadpool(made)
    return Token(access_token=token.text, expires_in=token.expires_in_s)


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _form(body: bytes) -> dict[str, Any]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS))
    except ValueError:
        return {}
