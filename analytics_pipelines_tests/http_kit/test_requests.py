"""Around every request: an id, a line in the log, safe headers, and 500 without telling why."""

import asyncio
import re

import httpx
import pytest
import structlog
from fastapi import APIRouter, Body, FastAPI
from fastapi.responses import PlainTextResponse, StreamingResponse

from analytics_pipelines.foundation.logs import current_request_id
from analytics_pipelines.http_kit.access_log import AccessLog
from analytics_pipelines.http_kit.conditional import GenerationHeaders
from analytics_pipelines.http_kit.requests import AccessLines, BodyLimit, RequestIds, SafeHeaders, UnexpectedErrors
from analytics_pipelines_tests.waiting import wait_until

router = APIRouter()


@router.get("/id")
def read_id() -> str | None:
    return current_request_id()


@router.get("/broken")
def read_broken() -> None:
    raise RuntimeError("the password is hunter2")


@router.get("/cut")
def read_cut() -> StreamingResponse:
    def chunks():
        yield b"begun"
        raise RuntimeError("cut")

    return StreamingResponse(chunks())


@router.post("/length")
def read_length(text: str = Body()) -> int:
    return len(text)


@router.post("/length/more")
def read_more(text: str = Body()) -> int:
    return len(text)


@router.get("/framed")
def read_framed() -> PlainTextResponse:
    return PlainTextResponse("in a frame", headers={"content-security-policy": "frame-ancestors https://example.com"})


@pytest.fixture
def app(tmp_path):
    app = FastAPI()
    app.include_router(router)
    app.add_middleware(BodyLimit, most_bytes=100, larger={"/length/more": 200})
    app.add_middleware(UnexpectedErrors)
    app.add_middleware(SafeHeaders)
    app.add_middleware(AccessLines, access_log=AccessLog(tmp_path / "logs" / "access.log"))
    app.add_middleware(RequestIds)
    return app


@pytest.fixture
def client(app, start):
    return start(app)


@pytest.mark.parametrize("given", ["0194-abc:DEF_9.x", "a" * 128])
def test_a_well_formed_id_of_the_client_is_kept(client, given):
    answer = client.get("/id", headers={"X-Request-ID": given})
    assert (answer.json(), answer.headers["x-request-id"]) == (given, given)


@pytest.mark.parametrize("given", ["", "short", "a" * 129, 'a"b{c}d e', "abcdefgh\tx"])
def test_any_other_id_is_replaced(client, given):
    answer = client.get("/id", headers={"X-Request-ID": given})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.json())
    assert answer.headers["x-request-id"] == answer.json()


def test_an_unexpected_error_is_500_with_the_id_and_nothing_else(client):
    with structlog.testing.capture_logs() as logs:
        answer = client.get("/broken", headers={"X-Request-ID": "request-1"})
    assert (answer.status_code, answer.json()["request_id"]) == (500, "request-1")
    assert "hunter2" not in answer.text
    logged = next(line for line in logs if line["event"] == "unexpected error")
    assert (logged["log_level"], logged["path"], logged["exc_info"]) == ("error", "/broken", True)


def test_an_answer_that_has_begun_is_cut_and_logged(client):
    with structlog.testing.capture_logs() as logs, pytest.raises(httpx.RemoteProtocolError):
        client.get("/cut")
    wait_until(lambda: [line["event"] for line in logs] == ["unexpected error", "request"])


def test_every_request_has_a_line_without_its_query(client, tmp_path):
    with structlog.testing.capture_logs() as logs:
        client.get("/id?secret=1")
        wait_until(lambda: '"GET /id?secret=1 HTTP/1.1" 200' in (tmp_path / "logs" / "access.log").read_text())
    (line,) = logs
    assert (line["method"], line["path"], line["status"], line["client"]) == ("GET", "/id", 200, "127.0.0.1")
    assert line["size_bytes"] > 0
    assert line["duration_ms"] >= 0
    assert "secret" not in str(line)


@pytest.mark.parametrize(
    ("level", "path", "told"),
    [
        pytest.param("INFO", "/id", ["info"], id="a line at INFO"),
        pytest.param("WARNING", "/id", [], id="none above it"),
        pytest.param("INFO", "/quiet", [], id="none of a quiet path"),
        pytest.param("DEBUG", "/quiet", ["debug"], id="but at DEBUG"),
    ],
)
def test_a_line_is_put_together_only_where_it_is_written(start, level, path, told):
    app = FastAPI()
    app.add_middleware(AccessLines, level=level, quiet_paths=("/quiet",))
    with structlog.testing.capture_logs() as logs:
        assert start(app).get(path).status_code == 404
        wait_until(lambda: len(logs) >= len(told))
    assert [line["log_level"] for line in logs] == told


def test_headers_keep_browsers_from_guessing_and_framing(client):
    headers = client.get("/id").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "frame-ancestors 'none'"
    assert client.get("/framed").headers["content-security-policy"] == "frame-ancestors https://example.com"
    with structlog.testing.capture_logs():
        assert client.get("/broken").headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("length", "status"), [pytest.param(98, 200, id="all of it"), pytest.param(99, 413, id="over")]
)
def test_a_body_is_read_up_to_a_limit_and_no_further(client, length, status):
    text = b'"' + b"a" * length + b'"'
    assert client.post("/length", content=text).status_code == status
    assert client.post("/length", content=iter([text[:50], text[50:]])).status_code == status


@pytest.mark.parametrize(
    ("length", "status"), [pytest.param(198, 200, id="all of it"), pytest.param(199, 413, id="over")]
)
def test_a_path_may_have_a_limit_of_its_own(client, length, status):
    text = b'"' + b"a" * length + b'"'
    assert client.post("/length/more", content=text).status_code == status
    assert client.post("/length", content=text).status_code == 413


def test_no_cache_keeps_an_answer_that_does_not_say_that_it_may(client):
    assert client.get("/id").headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    "middleware", [RequestIds, AccessLines, SafeHeaders, UnexpectedErrors, GenerationHeaders, BodyLimit]
)
def test_what_is_not_http_passes_through(middleware):
    passed = []

    async def inner(scope, receive, send) -> None:
        passed.append((scope, receive, send))

    asyncio.run(middleware(inner)({"type": "lifespan"}, receive=1, send=2))
    assert passed == [({"type": "lifespan"}, 1, 2)]
