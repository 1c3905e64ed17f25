"""The application as a whole: every route declared, one error shape, tokens that count, workers that follow."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest
from fastapi.routing import APIRoute
from pydantic import SecretStr

from analytics_pipelines.accounts.tokens import create_token
from analytics_pipelines.app import create_app
from analytics_pipelines.foundation.processes import any_free_port, stop_family
from analytics_pipelines.http_kit.scopes import Scope, declared_scopes
from analytics_pipelines.web_events.routes.segment import PATHS as SEGMENT_PATHS
from analytics_pipelines_tests.apps import logs_as_before, start
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.dashboard.example import publish_house
from analytics_pipelines_tests.waiting import wait_until

__all__ = ["logs_as_before", "start"]
pytestmark = pytest.mark.usefixtures("logs_as_before")

READING_POSTS = {"/api/search/advanced", "/api/v1/web/query"}
"""Questions too long for an address; they change nothing."""
SQL_HEALTH = "/api/v1/duckdb/health"
OPEN = {"/", "/health", "/health/db", "/collect", "/api/auth/register", "/api/auth/login", SQL_HEALTH, *SEGMENT_PATHS}
OWN_ACCOUNT = "/api/auth/"
"""Whoever may log in may leave."""
OF_EVERYBODY = {"/api/analytics/audit/everybody"}
PRODUCT = ("/api/v1/users", "/api/v1/items")
"""The product's rows are written with a scope of their own."""
DOCS = {"/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json"}
ORIGIN = "http://localhost:3000"


def routes_of(routes) -> Iterator[object]:
    """All routes, those of included routers too."""
    for route in routes:
        if hasattr(route, "original_router"):
            yield from routes_of(route.original_router.routes)
        else:
            yield route


@pytest.fixture
def settings(tmp_path):
    """Settings under which no line is written after the test has ended."""
    return settings_in(tmp_path / "home", log_level="WARNING")


@pytest.fixture
def app(settings):
    return create_app(settings)


@pytest.fixture
def client(app, start):
    return start(app)


def test_every_route_declares_exactly_one_scope(app):
    undeclared = [
        route.path
        for route in routes_of(app.routes)
        if route.path not in DOCS and (not isinstance(route, APIRoute) or len(declared_scopes(route)) != 1)
    ]
    assert undeclared == []


def test_the_walk_sees_every_route_of_the_docs(app):
    walked = {
        (route.path_format, method.lower())
        for route in routes_of(app.routes)
        if isinstance(route, APIRoute) and route.include_in_schema
        for method in route.methods
    }
    assert walked == {(path, method) for path, methods in app.openapi()["paths"].items() for method in methods}


def test_scopes_follow_the_contract(app):
    for route in routes_of(app.routes):
        if isinstance(route, APIRoute):
            (scope,) = declared_scopes(route)
            reads = {Scope.VIEWER, Scope.ANALYST, Scope.METRICS_READ}
            if route.path in OPEN:
                assert scope is None, route.path
            elif route.path.startswith(OWN_ACCOUNT):
                assert scope is Scope.VIEWER, route.path
            elif route.path in OF_EVERYBODY:
                assert scope is Scope.ADMIN, route.path
            else:
                is_reading = route.methods == {"GET"} or route.path in READING_POSTS
                writes = {Scope.PRODUCT_WRITE} if route.path.startswith(PRODUCT) else {Scope.ADMIN, Scope.ANALYST}
                assert scope in (reads if is_reading else writes), route.path


def test_the_first_endpoints_are_there(app):
    paths = set(app.openapi()["paths"])
    assert paths >= OPEN | {"/api/snapshots", "/api/v1/analytics/items_by_user", "/etl/status", "/etl/run"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/docs", 200),
        ("/redoc", 200),
        ("/openapi.json", 200),
        ("/api/snapshots", 200),
        ("/api/v1/analytics/items_by_user", 503),
        ("/health", 503),
        ("/nowhere", 404),
    ],
)
def test_without_database_and_generation_every_answer_is_still_an_answer(client, path, status):
    answer = client.get(path)
    assert answer.status_code == status
    assert len(answer.headers["x-request-id"]) == 32
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_allowed_origins_get_credentials_and_any_page_may_post_events(client):
    listed = client.get("/api/snapshots", headers={"Origin": ORIGIN}).headers
    assert (listed["access-control-allow-origin"], listed["access-control-allow-credentials"]) == (ORIGIN, "true")
    other = client.get("/api/snapshots", headers={"Origin": "https://other.example.com"}).headers
    assert "access-control-allow-origin" not in other
    posted = client.post("/collect", content=b"{}", headers={"Origin": "https://other.example.com"})
    assert posted.headers["access-control-allow-origin"] == "*"


def test_an_unexpected_error_keeps_its_cors_headers(settings, start):
    app = create_app(settings)
    app.add_api_route("/broken", lambda: 1 / 0)
    answer = start(app).get("/broken", headers={"Origin": ORIGIN})
    assert answer.status_code == 500
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


@pytest.mark.parametrize(("method", "status"), [("PUT", 405), ("POST", 503)])
def test_collecting_routes_tell_every_error_in_their_own_shape(app, start, monkeypatch, method, status):
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("hunter2")

    for door in ("collect", "segment"):
        monkeypatch.setattr(f"analytics_pipelines.web_events.routes.{door}.body_of", broken)
    client = start(app)
    for path in ("/collect", *SEGMENT_PATHS):
        answer = client.request(method, path, content=b"{}", headers={"Origin": "https://other.example.com"})
        assert (path, answer.status_code) == (path, status)
        assert set(answer.json()) == ({"status", "message"} if path == "/collect" else {"code", "message"})
        assert "hunter2" not in answer.text
        assert answer.headers["access-control-allow-origin"] == "*"


def test_events_are_collected_while_the_database_is_away(client):
    answer = client.post("/collect", json={"eventId": "a"})
    assert (answer.status_code, answer.json()["message"]) == (200, "Event accepted")
    assert len(answer.headers["x-request-id"]) == 32
    assert answer.headers["cache-control"] == "private, no-store"
    assert client.get("/collect").headers["cache-control"] == "no-store"
    assert client.post("/v1/batch", json={"batch": [], "writeKey": "k"}).status_code == 503


def test_proxies_that_are_trusted_say_who_is_in_the_access_log(settings, start, tmp_path):
    log = tmp_path / "access.log"
    chosen = settings.model_copy(update={"access_log_path": log, "trusted_proxies": ("127.0.0.1",)})
    start(create_app(chosen)).get("/nowhere", headers={"X-Forwarded-For": "1.2.3.4, 192.0.2.7"})
    wait_until(lambda: log.read_text().startswith("192.0.2.7 - - ["))


@pytest.mark.parametrize("path", ["/etl/runs/%00", "/etl/runs/a%00b"])
def test_a_text_that_postgresql_can_not_hold_is_the_callers_mistake(settings, database_urls, start, path):
    embedded = settings.model_copy(update={"database_url": SecretStr(database_urls.app)})
    answer = start(create_app(embedded)).get(path)
    assert (answer.status_code, answer.json()["code"]) == (422, "TextNotStorable")


def test_tokens_of_the_database_open_the_doors_of_their_scope(settings, database, database_urls, start):
    guarded = settings.model_copy(
        update={"database_url": SecretStr(database_urls.app), "auth_required_for_reads": True}
    )
    client = start(create_app(guarded))
    tokens = {scope: create_token(database, name=scope, scopes=[scope]) for scope in ("viewer", "admin")}

    def status(method: str, path: str, scope: str | None) -> int:
        headers = {"Authorization": "Bearer " + tokens[scope]} if scope else {}
        return client.request(method, path, headers=headers, json={"days": 1}).status_code

    assert [status("GET", "/api/snapshots", scope) for scope in (None, "viewer", "admin")] == [401, 200, 200]
    assert [status("POST", "/etl/run", scope) for scope in (None, "viewer", "admin")] == [401, 403, 202]


def test_a_token_writes_the_product_as_the_user_for_whom_it_speaks(settings, database, database_urls, start):
    client = start(create_app(settings.model_copy(update={"database_url": SecretStr(database_urls.app)})))
    token = create_token(database, name="ada", scopes=["product:write"], subject="Ada@example.com")
    headers = {"Authorization": "Bearer " + token}

    def made(path: str, **body: object) -> httpx.Response:
        return client.post("/api/v1/" + path, headers=headers, json=body)

    assert made("users", email="bob@example.com").status_code == 403
    user = made("users", email="ada@example.com").json()
    assert made("items", title="lamp").json()["owner_id"] == user["id"]
    listed = client.get("/api/v1/items")
    assert [item["title"] for item in listed.json()["items"]] == ["lamp"]
    assert listed.headers["cache-control"] == "private, no-store"
    assert "etag" not in listed.headers


def test_a_published_generation_is_answered_from_with_its_tag(settings, lake, client):
    built = publish_house(settings, lake)
    tag = '"' + built.generation.id + '"'
    wait_until(lambda: client.get("/api/snapshots").headers.get("etag") == tag, seconds=4)
    assert client.get("/api/snapshots", headers={"If-None-Match": tag}).status_code == 304


def test_the_access_log_has_a_combined_line_a_request(settings, start, tmp_path):
    log = tmp_path / "access.log"
    start(create_app(settings.model_copy(update={"access_log_path": log}))).get("/nowhere?q=1")
    wait_until(lambda: '"GET /nowhere?q=1 HTTP/1.1" 404' in log.read_text())


def test_importing_the_application_loads_no_dagster():
    program = "import sys, analytics_pipelines.app; print([name for name in sys.modules if name.startswith('dagster')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_two_workers_pick_a_generation_up_within_two_seconds(settings, lake, tmp_path):
    port = any_free_port("127.0.0.1")
    command = [
        "-m",
        "uvicorn",
        "analytics_pipelines.app:create_app",
        "--factory",
        "--no-access-log",
        "--workers",
        "2",
        "--port",
    ]
    environment = {"ANALYTICS_HOME": str(settings.home.path), "DUCKDB_MEMORY_LIMIT": "512MB", "PATH": "/usr/bin:/bin"}
    with (tmp_path / "log").open("wb") as log:
        api = subprocess.Popen(
            [sys.executable, *command, str(port)], env=environment, stderr=log, stdout=log, start_new_session=True
        )
    try:
        _wait_for_both_workers(port)
        built = publish_house(settings, lake)
        time.sleep(2)
        assert {_generation(port) for _ in range(30)} == {built.generation.id}
    finally:
        stop_family(api, wait_s=10)


def _generation(port: int) -> str | None:
    answer = httpx.get(f"http://127.0.0.1:{port}/", headers={"Accept": "application/json"})
    return json.loads(answer.content)["generation"]


def _wait_for_both_workers(port: int) -> None:
    def is_up() -> bool:
        try:
            return _generation(port) is None
        except httpx.TransportError:
            return False

    wait_until(is_up, seconds=60)
    time.sleep(2)  # the second worker listens on the same socket and can not be told apart from outside
