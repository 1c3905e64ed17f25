"""Which pages may read answers."""

import pytest
from fastapi import APIRouter, FastAPI

from analytics_pipelines.http_kit.origins import Origins

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


def test_any_page_may_post_events_without_credentials(client):
    answer = client.post("/collect", headers={"Origin": OTHER})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
