"""The doors of accounts over a socket, with tokens that are checked as in the application."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI

from analytics_pipelines.accounts.caller import caller_of
from analytics_pipelines.accounts.routes.routers import ROUTERS
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.http_kit.principals import Credential, Principal
from analytics_pipelines.http_kit.rate_limits import LIMITER, Limiter
from analytics_pipelines.http_kit.wiring import wire
from analytics_pipelines_tests.accounts.conftest import PASSWORD
from analytics_pipelines_tests.apps import NOW, small_app, start
from analytics_pipelines_tests.conftest import settings_in

__all__ = ["start"]
ADA = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}


class Hands:
    """A clock that a test moves."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Doors:
    """A client, and what stands behind the doors."""

    client: httpx.Client
    clock: Hands

    def post(self, path: str, token: str | None = None, **given: object) -> httpx.Response:
        return self.ask("POST", path, token, **given)

    def ask(self, method: str, path: str, token: str | None = None, **given: object) -> httpx.Response:
        if token:
            given["headers"] = {"authorization": "Bearer " + token}
        answer = self.client.request(method, "/api/auth/" + path, **given)
        assert "no-store" in answer.headers["cache-control"]
        assert answer.headers["cache-control"] == "private, no-store" or answer.status_code >= 400
        return answer

    def token(self, username: str = "ada", password: str = PASSWORD) -> str:
        answer = self.post("login", json={"username": username, "password": password})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def codes(self, *answers: httpx.Response) -> list[tuple[int, str | None]]:
        return [(each.status_code, each.json()["code"] if each.status_code >= 400 else None) for each in answers]


def app_of(settings: Settings, database: Database, throttle: Limiter, clock: Hands) -> FastAPI:
    app = small_app(settings, ROUTERS[0])
    for router in ROUTERS[1:]:
        app.include_router(router)

    def verify(token: str) -> Principal | None:
        found = caller_of(lambda: database, settings, token, clock())
        if found is None:
            return None
        credential = Credential(found.claims.jti, found.claims.expires_at) if found.claims else None
        return Principal(found.name, found.scopes, found.subject, found.user_id, credential)

    wire(app, replace(app.state.wiring, database=lambda: database, verifier=verify, clock=clock))
    LIMITER.fill(app, throttle)
    return app


Open = Callable[..., Doors]


@pytest.fixture
def open_doors(tmp_path, database, throttle, start) -> Open:
    """Opens the doors under settings of one's own."""

    def opened(**given: object) -> Doors:
        clock = Hands()
        settings = settings_in(tmp_path / "home", **given)
        return Doors(start(app_of(settings, database, throttle, clock)), clock)

    return opened


@pytest.fixture
def doors(open_doors) -> Doors:
    """The doors as in development."""
    return open_doors()
