"""Any JSON comes through; what is none is told with its place."""

from collections.abc import Iterator

import httpx
import pytest
from fastapi import APIRouter

from analytics_pipelines.http_kit.json_body import JsonBody, json_of
from analytics_pipelines_tests.apps import serving, small_app
from analytics_pipelines_tests.conftest import settings_in

SCHEMA = {"type": "object"}
router = APIRouter()


@router.post("/", openapi_extra=json_of(SCHEMA))
def echo(sent: JsonBody) -> dict[str, object]:
    return {"sent": sent}


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Iterator[httpx.Client]:
    app = small_app(settings_in(tmp_path_factory.mktemp("home")), router)
    with serving(app) as url, httpx.Client(base_url=url) as found:
        yield found


def posted(client: httpx.Client, content: bytes) -> httpx.Response:
    return client.post("/", content=content)


@pytest.mark.parametrize("text", ['{"a": [1, null, "ü"]}', "3", "[]", '"x"', "null"])
def test_any_json_comes_through(client, text):
    answer = posted(client, text.encode())
    assert answer.text == '{"sent":' + text.replace(" ", "") + "}"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b'{"a": ', id="cut off"),
        pytest.param(b"{'a': 1}", id="single quotes"),
        pytest.param(b"[NaN]", id="NaN"),
        pytest.param(b'"\xff"', id="no UTF-8"),
        pytest.param(b'"\\ud800"', id="a lone surrogate"),
        pytest.param(b"[" * 5000 + b"]" * 5000, id="5,000 levels"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(client, content):
    answer = posted(client, content)
    assert (answer.status_code, answer.json()["code"]) == (422, "BadJson")
    assert "at character" in answer.json()["detail"]


def test_the_schema_stands_in_the_openapi_document(client):
    body = client.get("/openapi.json").json()["paths"]["/"]["post"]["requestBody"]
    assert body["content"]["application/json"]["schema"] == SCHEMA
