"""HEAD is answered as GET is, without the body."""

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from analytics_pipelines.http_kit.head import HeadAsGet
from analytics_pipelines_tests.apps import Start


@pytest.fixture
def client(start: Start) -> httpx.Client:
    app = FastAPI()
    app.state.seen = []

    @app.get("/things")
    def things(request: Request) -> list[int]:
        app.state.seen.append(request.method)
        return [1, 2, 3]

    @app.get("/stream")
    def stream() -> StreamingResponse:
        return StreamingResponse(iter(["one", "two"]))

    @app.get("/pixel")
    def pixel() -> str:
        app.state.seen.append("pixel")
        return ""

    @app.post("/only-post")
    def post() -> None: ...

    app.add_middleware(HeadAsGet, except_paths=("/pixel",))
    return start(app)


@pytest.mark.parametrize("path", ["/things", "/stream"])
def test_head_has_the_status_and_headers_of_get_and_no_body(client: httpx.Client, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers.get("content-type") == got.headers.get("content-type")
    assert head.headers.get("content-length") == got.headers.get("content-length")


@pytest.mark.parametrize(("path", "status"), [("/pixel", 405), ("/only-post", 405), ("/nowhere", 404)])
def test_head_is_refused_where_get_is_or_where_get_changes_something(client, path: str, status: int) -> None:
    assert client.head(path).status_code == status


def test_the_connection_can_be_used_after_a_head(client: httpx.Client) -> None:
    assert [client.head("/things").content, client.get("/things").json(), client.head("/stream").content] == [
        b"",
        [1, 2, 3],
        b"",
    ]
