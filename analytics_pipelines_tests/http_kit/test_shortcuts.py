"""The quick way answers as the usual one does, and takes only routes that need no more."""

import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse

from analytics_pipelines.http_kit.scopes import Scope, open_to_all, requires
from analytics_pipelines.http_kit.shortcuts import Shortcuts
from analytics_pipelines_tests.apps import small_app

quick = APIRouter()
slow = APIRouter()


@quick.post("/count", dependencies=[open_to_all])
async def count(request: Request) -> Response:
    is_quick = "router" not in request.scope
    return PlainTextResponse(str(len(await request.body())) + (" quick" if is_quick else " slow"))


@slow.get("/count", dependencies=[open_to_all])
def read_count() -> int:
    return 1


@pytest.fixture
def app(settings) -> FastAPI:
    app = small_app(settings, quick)
    app.include_router(slow)
    return app


def test_a_request_of_the_route_goes_straight_to_its_function(app, start):
    app.add_middleware(Shortcuts, routers=[quick])
    client = start(app)
    assert client.post("/count", content=b"abc").text == "3 quick"
    assert client.get("/count").json() == 1
    assert client.put("/count").status_code == 405


def test_without_shortcuts_the_route_works_all_the_same(app, start):
    assert start(app).post("/count", content=b"abc").text == "3 slow"


def guarded() -> APIRouter:
    router = APIRouter()
    router.add_api_route("/a", count, methods=["POST"], dependencies=[requires(Scope.VIEWER)])
    return router


def with_two_dependencies() -> APIRouter:
    router = APIRouter()
    router.add_api_route("/a", count, methods=["POST"], dependencies=[open_to_all, requires(Scope.VIEWER)])
    return router


def with_a_parameter_in_its_path() -> APIRouter:
    router = APIRouter()
    router.add_api_route("/a/{b}", count, methods=["POST"], dependencies=[open_to_all])
    return router


def with_a_parameter() -> APIRouter:
    async def more(request: Request, b: int) -> Response: ...

    router = APIRouter()
    router.add_api_route("/a", more, dependencies=[open_to_all])
    return router


@pytest.mark.parametrize(
    "make",
    [guarded, with_two_dependencies, with_a_parameter_in_its_path, with_a_parameter, lambda: slow],
    ids=["a scope", "two dependencies", "a path parameter", "a parameter", "no coroutine"],
)
def test_a_route_that_needs_more_is_refused(make):
    with pytest.raises(TypeError):
        Shortcuts(FastAPI(), routers=[make()])
