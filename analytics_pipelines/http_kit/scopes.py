"""What a route asks of its caller.

    @router.post("/run", dependencies=[requires(Scope.ADMIN)])
    @router.post("/collect", dependencies=[open_to_all])
    @router.get("/me", dependencies=[requires(Scope.VIEWER, account=True)])
    def read_me(account: Account) -> Me: ...

A route that declares nothing fails a test.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute

from analytics_pipelines.foundation.errors import Forbidden, Unauthenticated
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.http_kit.principals import Principal, Scope, Verifier
from analytics_pipelines.http_kit.remembered import remembered_in
from analytics_pipelines.http_kit.wiring import wiring_of

__all__ = [
    "Account",
    "AccountNeeded",
    "Authorise",
    "Principal",
    "Scope",
    "Verifier",
    "caller_may",
    "declared_scopes",
    "open_to_all",
    "requires",
]

REMEDY = "Send `Authorization: Bearer <token>`; POST /api/auth/login gives one, `analytics token create` another."
ACCOUNT_REMEDY = "Log in at POST /api/auth/login, or make a token with `analytics token create --account EMAIL`."


class MissingToken(Unauthenticated):
    """The route needs a bearer token and none was sent."""


class UnknownToken(Unauthenticated):
    """The token is malformed, unknown, expired or revoked."""


class MissingScope(Forbidden):
    """The token is good and does not carry the scope that the route needs."""


class AccountNeeded(Forbidden):
    """The token is good and belongs to no account, and what the route answers with belongs to one."""


@dataclass(frozen=True, slots=True)
class Authorise:
    """Lets a caller with the scope through; None lets everybody through."""

    scope: Scope | None
    or_else: Scope | None = None
    """Who has only this one comes in too; the route shows such a caller less."""
    needs_account: bool = False
    """Whether the caller has to be one with an account, also where reads are open."""
    remembers: bool = False
    """Whether a token that was good a moment ago is taken for good, without looking it up."""

    async def __call__(self, request: Request) -> None:
        """Raise `MissingToken`, `UnknownToken`, `MissingScope` or `AccountNeeded` unless the caller may pass."""
        wiring = wiring_of(request)
        if self.scope is None or (is_open(self.scope, wiring.settings) and not self.needs_account):
            return
        caller = await (self._remembered(request) if self.remembers else _looked_up(request))
        if not (caller.may(self.scope) or (self.or_else and caller.may(self.or_else))):
            needed = "The token lacks the scope " + self.scope.value + "."
            raise MissingScope(needed, remedy="Ask an admin for a token with that scope.")
        if self.needs_account and caller.user_id is None:
            raise AccountNeeded("The token belongs to no account.", remedy=ACCOUNT_REMEDY)
        request.state.principal = caller

    async def _remembered(self, request: Request) -> Principal:
        token, callers = _token(request), remembered_in(request.app)
        found = callers.caller(token)
        if found is None:
            found = await _looked_up(request)
            callers.remember(token, found)
        return found


def requires(scope: Scope, *, or_else: Scope | None = None, account: bool = False, remembered: bool = False) -> Any:
    """A route dependency that asks for the scope, or for another one from callers to whom the route shows less.

    With `account` the caller must be one with an account, and is asked for even where reads are open. With
    `remembered` a token is not looked up again for a second (`http_kit.remembered`).
    """
    return Depends(Authorise(scope, or_else, account, remembered))


open_to_all: Any = Depends(Authorise(None))
"""A route dependency that says aloud that anybody may call."""


def is_open(scope: Scope, settings: Settings) -> bool:
    """Whether reads need no token here, as in development."""
    return scope is Scope.VIEWER and not settings.reads_need_auth


def caller_may(request: Request, scope: Scope) -> bool:
    """Whether a caller whom the route let in for less may also do what needs this scope; without a good token, no."""
    try:
        found: Principal = getattr(request.state, "principal", None) or _caller(request, wiring_of(request).verifier)
    except Unauthenticated:
        return False
    return found.may(scope)


def declared_scopes(route: BaseRoute) -> list[Scope | None]:
    """The scopes that a route's own declaration asks for; empty when it declares nothing."""
    if not isinstance(route, APIRoute):
        return []
    return [asked.call.scope for asked in route.dependant.dependencies if isinstance(asked.call, Authorise)]


async def _account(request: Request) -> Principal:
    found: Principal = request.state.principal
    return found


Account = Annotated[Principal, Depends(_account)]
"""The caller, whose `user_id` is there; only behind `requires(…, account=True)`."""


async def _looked_up(request: Request) -> Principal:
    return await run_in_threadpool(_caller, request, wiring_of(request).verifier)


def _token(request: Request) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise MissingToken("This needs a token.", remedy=REMEDY)
    return token.strip()


def _caller(request: Request, verifier: Verifier) -> Principal:
    found = verifier(_token(request))
    if found is None:
        raise UnknownToken("The token is unknown, expired or revoked.", remedy=REMEDY)
    return found
