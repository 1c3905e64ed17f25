"""Callers who were good a moment ago: for how long, and on which routes."""

from dataclasses import replace

import pytest
from fastapi import APIRouter

from analytics_pipelines.http_kit import remembered
from analytics_pipelines.http_kit.principals import Principal
from analytics_pipelines.http_kit.remembered import FOR_S, Remembered
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines_tests.apps import small_app, start

__all__ = ["start"]

ANNA = Principal("anna", {"analyst"})
router = APIRouter()
router.add_api_route("/often", lambda: "in", dependencies=[requires(Scope.ANALYST, remembered=True)])
router.add_api_route("/admin", lambda: "in", dependencies=[requires(Scope.ADMIN, remembered=True)])
router.add_api_route("/seldom", lambda: "in", dependencies=[requires(Scope.ANALYST)])


def test_a_token_is_known_for_a_moment_and_then_looked_up():
    now = [100.0]
    callers = Remembered(lambda: now[0])
    assert callers.caller("one") is None
    callers.remember("one", ANNA)
    now[0] += FOR_S / 2
    assert callers.caller("one") is ANNA
    assert callers.caller("another \ud800") is None
    now[0] += FOR_S / 2
    assert callers.caller("one") is None
    assert callers._found == {}


def test_tokens_themselves_are_not_kept_nor_more_than_so_many(monkeypatch):
    monkeypatch.setattr(remembered, "MOST", 3)
    callers = Remembered()
    for number in range(4):
        callers.remember(f"secret{number}", ANNA)
    assert "secret" not in repr(callers._found)
    assert [callers.caller(f"secret{number}") for number in range(4)] == [None, None, None, ANNA]


@pytest.fixture
def asked_of(settings, start):
    """A client and the tokens that were looked up; only `good` is one."""
    looked_up: list[str] = []

    def verify(token: str) -> Principal | None:
        looked_up.append(token)
        return ANNA if token == "good" else None

    app = small_app(settings, router)
    app.state.wiring = replace(app.state.wiring, verifier=verify)
    return start(app), looked_up


def test_only_routes_that_say_so_remember_and_only_good_tokens(asked_of, monkeypatch):
    monkeypatch.setattr(remembered, "FOR_S", 60.0)
    client, looked_up = asked_of

    def status(path: str, token: str) -> int:
        return client.get(path, headers={"Authorization": "Bearer " + token}).status_code

    assert [status("/often", "good") for _ in range(3)] == [200] * 3
    assert looked_up == ["good"]
    assert [status("/often", "bad") for _ in range(2)] == [401] * 2
    assert looked_up == ["good", "bad", "bad"]
    assert status("/seldom", "good") == 200
    assert looked_up[3:] == ["good"]
    assert status("/admin", "good") == 403
    assert client.get("/often").status_code == 401
