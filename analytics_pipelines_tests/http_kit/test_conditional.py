"""ETag, 304 and caching of answers from a generation."""

import pytest
from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.foundation.errors import NotFound
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.http_kit.conditional import etag_of, is_known
from analytics_pipelines.http_kit.depends import DuckLease
from analytics_pipelines.http_kit.scopes import Scope, open_to_all, requires
from analytics_pipelines_tests.apps import small_app
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.generations import publish_edition

router = APIRouter()


@router.get("/id", dependencies=[requires(Scope.VIEWER)])
def read_id(lease: DuckLease) -> str:
    return lease.id


@router.get("/raw", dependencies=[open_to_all])
def read_raw(lease: DuckLease) -> PlainTextResponse:
    return PlainTextResponse(lease.id, headers={"cache-control": "max-age=60", "vary": "Origin"})


@router.get("/lost", dependencies=[open_to_all])
def read_lost(lease: DuckLease) -> str:
    raise NotFound("Not in " + lease.id)


@router.post("/id", dependencies=[open_to_all])
def post_id(lease: DuckLease) -> str:
    return lease.id


@pytest.fixture
def generations(settings, lake):
    publish_edition(settings, lake, 1)
    with Generations(settings) as held:
        yield held


@pytest.fixture
def client(settings, generations, start):
    return start(small_app(settings, router, generations))


@pytest.fixture
def private_client(settings, generations, start):
    guarded = settings_in(settings.home.path, auth_required_for_reads=True)
    return start(small_app(guarded, router, generations))


@pytest.mark.parametrize("header", ["{etag}", "W/{etag}", '"other", {etag}', "*"])
def test_a_client_that_has_the_answer_gets_304_without_a_body(client, header):
    fresh = client.get("/id")
    assert fresh.headers["cache-control"] == "public, no-cache"
    answer = client.get("/id", headers={"If-None-Match": header.format(etag=fresh.headers["etag"])})
    assert (answer.status_code, answer.content) == (304, b"")
    for name in ("etag", "cache-control", "vary"):
        assert answer.headers[name] == fresh.headers[name]


def test_another_tag_gets_the_answer(client):
    assert client.get("/id", headers={"If-None-Match": '"other"'}).status_code == 200


def test_only_reads_are_conditional(client):
    assert client.post("/id", headers={"If-None-Match": "*"}).status_code == 200


def test_a_routes_own_headers_win_and_the_tag_is_added(client):
    answer = client.get("/raw")
    assert answer.headers["etag"] == etag_of(answer.text)
    assert answer.headers["cache-control"] == "max-age=60"
    assert answer.headers["vary"] == "Origin, Accept, Authorization"


def test_an_error_has_no_tag_and_is_not_cached(client):
    answer = client.get("/lost")
    assert answer.status_code == 404
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


def test_where_reading_needs_a_token_shared_caches_keep_nothing(private_client):
    answer = private_client.get("/id", headers={"Authorization": "Bearer viewer"})
    assert answer.headers["cache-control"] == "private, no-cache"


def test_a_stranger_learns_nothing_from_a_tag(private_client):
    assert private_client.get("/id", headers={"If-None-Match": "*"}).status_code == 401


@given(st.text())
def test_no_header_of_a_client_breaks_the_comparison(header):
    assert is_known(header, '"tag"') in {True, False}
