"""`GET /` over HTTP."""

from dataclasses import replace

import pytest

from analytics_pipelines.dashboard.routes import is_up, prefers_json, router
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines_tests.apps import no_database, small_app
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.dashboard.example import publish_house

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def generations(settings):
    with Generations(settings) as held:
        yield held


@pytest.fixture
def guarded(tmp_path):
    """Settings under which reading needs a token, with a published house."""
    found = settings_in(tmp_path / "guarded", auth_required_for_reads=True)
    lake = Lake.at(found.home, DuckLimits.of(found))
    publish_house(found, lake)
    lake.duck.close()
    return found


@pytest.fixture
def client(settings, generations, start):
    return start(small_app(settings, router, generations))


def test_a_browser_gets_a_page_that_is_never_stored(client):
    answer = client.get("/", headers={"Accept": BROWSER})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert "style-src 'sha256-" in answer.headers["content-security-policy"]
    assert "etag" not in answer.headers
    assert "Nothing is published yet" in answer.text


def test_the_same_is_there_as_json(client, settings, lake, generations):
    empty = client.get("/", headers={"Accept": "application/json"}).json()
    assert (empty["generation"], empty["database"]) == (None, "away")
    built = publish_house(settings, lake)
    generations.refresh()
    full = client.get("/", headers={"Accept": "application/json"}).json()
    assert full["generation"] == built.generation.id
    assert [point["value"] for point in full["curves"]["visits"]] == [20, 40, 60]


@pytest.mark.parametrize(
    ("token", "sees"), [(None, False), ("nonsense", False), ("metrics:read", False), ("viewer", True)]
)
def test_where_reads_are_guarded_figures_are_for_tokens(guarded, database, start, token, sees):
    with Generations(guarded) as held:
        app = small_app(guarded, router, held)
        app.state.wiring = replace(app.state.wiring, database=lambda: database)
        headers = {"Accept": "application/json"} | ({"Authorization": "Bearer " + token} if token else {})
        state = start(app).get("/", headers=headers).json()
    assert state["is_readable"] is sees
    assert bool(state["tables"]) is bool(state["rows"]) is bool(state["curves"]["visits"]) is sees
    assert state["generation"]


def test_while_the_database_is_away_nobody_is_known(guarded, start):
    headers = {"Accept": "application/json", "Authorization": "Bearer viewer"}
    assert start(small_app(guarded, router)).get("/", headers=headers).json()["is_readable"] is False


@pytest.mark.parametrize(
    ("accept", "is_json"),
    [("application/json", True), (BROWSER, False), ("*/*", False), ("text/html, application/json", False)],
)
def test_json_is_for_who_prefers_it(accept, is_json):
    assert prefers_json(accept) is is_json


def test_a_database_that_answers_is_up(database):
    assert is_up(lambda: database)
    assert not is_up(no_database)
