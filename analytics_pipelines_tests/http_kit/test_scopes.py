"""Who passes which door, and what the others are told."""

import asyncio
from dataclasses import replace

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request

from analytics_pipelines.http_kit.scopes import (
    Account,
    Principal,
    Scope,
    caller_may,
    declared_scopes,
    open_to_all,
    requires,
)
from analytics_pipelines.http_kit.wiring import wire
from analytics_pipelines_tests.apps import small_app
from analytics_pipelines_tests.conftest import settings_in

PRODUCTION = {"environment": "production", "secret_key": "k" * 32}

router = APIRouter()
for each in Scope:
    router.add_api_route("/" + each.name.lower(), lambda: "in", dependencies=[requires(each)])
router.add_api_route("/open", lambda: "in", dependencies=[open_to_all])
router.add_api_route("/either", lambda: "in", dependencies=[requires(Scope.VIEWER, or_else=Scope.METRICS_READ)])
router.add_api_route("/undeclared", lambda: "in")


def guarded_app(tmp_path, *, guarded: bool) -> FastAPI:
    return small_app(settings_in(tmp_path, auth_required_for_reads=guarded), router)


@pytest.fixture
def guarded(tmp_path, start):
    return start(guarded_app(tmp_path, guarded=True))


@pytest.mark.parametrize(
    ("path", "header", "status", "code"),
    [
        pytest.param("/open", None, 200, None, id="open doors ask nobody"),
        pytest.param("/open", "Bearer nonsense", 200, None, id="open doors do not mind a bad token"),
        pytest.param("/viewer", None, 401, "MissingToken", id="no token"),
        pytest.param("/viewer", "Basic dXNlcjpwYXNz", 401, "MissingToken", id="another kind of credential"),
        pytest.param("/viewer", "Bearer", 401, "MissingToken", id="an empty token"),
        pytest.param("/viewer", "Bearer nonsense", 401, "UnknownToken", id="an unknown token"),
        pytest.param("/viewer", "bearer viewer", 200, None, id="the kind in any case"),
        pytest.param("/admin", "Bearer viewer", 403, "MissingScope", id="a token without the scope"),
        pytest.param("/admin", "Bearer admin", 200, None, id="a token with the scope"),
        pytest.param("/either", "Bearer viewer", 200, None, id="one of two scopes"),
        pytest.param("/either", "Bearer metrics:read", 200, None, id="the other one"),
        pytest.param("/either", "Bearer admin", 403, "MissingScope", id="neither of them"),
        pytest.param("/either", None, 401, "MissingToken", id="no token for either"),
        pytest.param("/metrics_read", "Bearer metrics:read", 200, None, id="metrics have a scope of their own"),
    ],
)
def test_each_door_lets_the_right_callers_in(guarded, path, header, status, code):
    answer = guarded.get(path, headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.json()["code"] if code else None) == (status, code)
    assert ("www-authenticate" in answer.headers) == (status == 401)


@pytest.mark.parametrize(
    ("path", "status"), [("/viewer", 200), ("/analyst", 401), ("/admin", 401), ("/metrics_read", 401)]
)
def test_where_reads_are_open_only_viewer_doors_are(tmp_path, start, path, status):
    assert start(guarded_app(tmp_path, guarded=False)).get(path).status_code == status


@pytest.mark.parametrize(
    ("given", "needs"),
    [
        pytest.param({}, False, id="development"),
        pytest.param(PRODUCTION, True, id="production"),
        pytest.param({"auth_required_for_reads": True}, True, id="an explicit yes"),
        pytest.param(PRODUCTION | {"auth_required_for_reads": False}, False, id="an explicit no"),
    ],
)
def test_production_guards_reads_unless_told_otherwise(tmp_path, given, needs):
    assert settings_in(tmp_path, **given).reads_need_auth is needs


def test_a_route_tells_what_it_declares(tmp_path):
    declared = {route.path: declared_scopes(route) for route in router.routes}
    assert declared["/admin"] == [Scope.ADMIN]
    assert declared["/open"] == [None]
    assert declared["/undeclared"] == []


def tell_admin(request: Request) -> bool:
    return caller_may(request, Scope.ADMIN)


telling = APIRouter()
telling.add_api_route("/told", tell_admin, dependencies=[requires(Scope.VIEWER)])


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize(
    ("token", "may"),
    [
        pytest.param("admin", True, id="a token with the scope"),
        pytest.param("viewer", False, id="a token without it"),
        pytest.param("nonsense", False, id="an unknown token"),
        pytest.param(None, False, id="no token"),
    ],
)
def test_a_route_learns_whether_its_caller_may_do_more(tmp_path, start, token, may, guarded):
    everybody = {"viewer": Principal("viewer", {"viewer"}), "admin": Principal("admin", {"viewer", "admin"})}
    app = small_app(settings_in(tmp_path, auth_required_for_reads=guarded), telling)
    wire(app, replace(app.state.wiring, verifier=everybody.get))
    answer = start(app).get("/told", headers={"Authorization": "Bearer " + token} if token else {})
    if guarded and token not in everybody:
        assert answer.status_code == 401
    else:
        assert answer.json() is may


async def asked(app: FastAPI, path: str, token: str | None) -> httpx.Response:
    headers = {"authorization": "Bearer " + token} if token else {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return await client.get(path, headers=headers)


def tell_account(account: Account) -> str | None:
    return account.user_id


personal = APIRouter()
for each in (Scope.VIEWER, Scope.ANALYST):
    personal.add_api_route("/" + each, tell_account, dependencies=[requires(each, account=True)])


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize(
    ("path", "token", "expected"),
    [
        pytest.param("/viewer", "ada", (200, "the id of ada"), id="an account"),
        pytest.param("/viewer", None, (401, "MissingToken"), id="no token, not even where reads are open"),
        pytest.param("/viewer", "nonsense", (401, "UnknownToken"), id="an unknown token"),
        pytest.param("/viewer", "machine", (403, "AccountNeeded"), id="a token without an account"),
        pytest.param("/analyst", "ada", (403, "MissingScope"), id="an account without the scope"),
        pytest.param("/analyst", "machine", (403, "AccountNeeded"), id="the scope without an account"),
    ],
)
def test_what_belongs_to_an_account_is_asked_for_by_one(tmp_path, path, token, expected, guarded):
    everybody = {
        "ada": Principal("ada", {"viewer"}, user_id="the id of ada"),
        "machine": Principal("machine", {"viewer", "analyst", "admin"}),
    }
    app = small_app(settings_in(tmp_path, auth_required_for_reads=guarded), personal)
    wire(app, replace(app.state.wiring, verifier=everybody.get))
    answer = asyncio.run(asked(app, path, token))
    told = answer.json() if answer.is_success else answer.json()["code"]
    assert (answer.status_code, told) == expected


def test_what_belongs_to_an_account_declares_its_scope_too():
    assert {route.path: declared_scopes(route) for route in personal.routes} == {
        "/viewer": [Scope.VIEWER],
        "/analyst": [Scope.ANALYST],
    }
