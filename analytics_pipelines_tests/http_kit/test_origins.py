"""Which pages may read answers."""

import pytest
from fastapi import APIRouter, FastAPI, Request

from analytics_pipelines.http_kit.origins import Origins, note_origin

router = APIRouter()
router.add_api_route("/numbers", lambda: 1)
router.add_api_route("/collect", lambda: 1, methods=["POST"])
LISTED = "https://app.example.com"
OTHER = "https://other.example.com"


def app_for(*allowed: str) -> FastAPI:
    app = FastAPI()
    app.include_router(router)
    app.add_middleware(Origins, allowed=allowed, public_paths=("/collect",))
    return app


@pytest.fixture
def client(start):
    return start(app_for(LISTED))


@pytest.mark.parametrize(
    ("allowed", "origin", "permitted", "credentials"),
    [
        pytest.param(LISTED, LISTED, LISTED, "true", id="a listed origin, with credentials"),
        pytest.param(LISTED, OTHER, None, "true", id="an origin that is not listed may read nothing"),
        pytest.param("*", OTHER, "*", None, id="any origin, but then never with credentials"),
    ],
)
def test_the_list_says_who_may_read(start, allowed, origin, permitted, credentials):
    headers = start(app_for(allowed)).get("/numbers", headers={"Origin": origin}).headers
    assert headers.get("access-control-allow-origin") == permitted
    assert headers.get("access-control-allow-credentials") == credentials


def test_a_preflight_names_methods_and_headers(client):
    headers = {
        "Origin": LISTED,
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "Authorization",
    }
    answer = client.options("/numbers", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-methods"] == "GET, POST, DELETE, OPTIONS"
    assert "Authorization" in answer.headers["access-control-allow-headers"]
    assert client.options("/numbers", headers=headers | {"Origin": OTHER}).status_code == 400


def test_any_page_may_post_where_nobody_says_otherwise(client):
    answer = client.post("/collect", headers={"Origin": OTHER})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert "vary" not in answer.headers
    assert "access-control-allow-origin" not in client.post("/collect").headers


@pytest.fixture
def choosy(start):
    """A client of a path that answers pages of `LISTED`, unless a request's route says otherwise."""
    app = FastAPI()

    @app.post("/collect")
    def collect(request: Request, allowed: str | None = None) -> int:
        if "allowed" in request.query_params:
            note_origin(request.scope, allowed or None)
        return 1

    app.add_middleware(
        Origins, allowed=(), public_paths=("/collect",), public=lambda _, origin: LISTED if origin == LISTED else None
    )
    return start(app)


@pytest.mark.parametrize(
    ("query", "origin", "permitted", "vary"),
    [
        pytest.param("", LISTED, LISTED, "Origin", id="what the path says in general"),
        pytest.param("", OTHER, None, "Origin", id="to nobody else"),
        pytest.param("?allowed=*", OTHER, "*", None, id="the route says anybody"),
        pytest.param("?allowed=" + OTHER, OTHER, OTHER, "Origin", id="the route says this one"),
        pytest.param("?allowed=", LISTED, None, "Origin", id="the route says nobody"),
    ],
)
def test_a_route_may_say_who_reads_its_answer(choosy, query, origin, permitted, vary):
    headers = choosy.post("/collect" + query, headers={"Origin": origin}).headers
    assert (headers.get("access-control-allow-origin"), headers.get("vary")) == (permitted, vary)


def test_a_preflight_of_a_public_path_is_answered_as_it_says(choosy):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    answer = choosy.options("/collect", headers={"Origin": LISTED} | asked)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == LISTED
    assert answer.headers["access-control-allow-methods"] == "GET, POST"
    assert answer.headers["access-control-allow-headers"] == "content-type"
    refused = choosy.options("/collect", headers={"Origin": OTHER} | asked)
    assert (refused.status_code, "access-control-allow-origin" in refused.headers) == (400, False)
