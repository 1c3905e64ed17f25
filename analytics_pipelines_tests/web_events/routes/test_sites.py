"""The sites over a real socket, on a real PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.http_kit.wiring import wire
from analytics_pipelines.web_events.routes.sites import router
from analytics_pipelines_tests.apps import no_database, serving, small_app
from analytics_pipelines_tests.conftest import settings_in

ADMIN = {"authorization": "Bearer admin"}
VIEWER = {"authorization": "Bearer viewer"}
SITES = "/api/v1/web/sites"


@pytest.fixture
def settings(tmp_path) -> Settings:
    return settings_in(tmp_path / "home", auth_required_for_reads=False)


@pytest.fixture
def client(settings: Settings, database: Database) -> Iterator[httpx.Client]:
    app = small_app(settings, router)
    wire(app, replace(app.state.wiring, database=lambda: database))
    with serving(app) as url, httpx.Client(base_url=url) as found:
        yield found


def created(client: httpx.Client, **body: object) -> httpx.Response:
    return client.post(SITES, json={"site_id": "shop", **body}, headers=ADMIN)


def test_a_site_is_made_read_and_listed(client: httpx.Client) -> None:
    answer = created(client, name="My shop", timezone="Europe/Berlin", retention_days=30)
    assert answer.status_code == 201
    made = answer.json()
    assert made == {
        "site_id": "shop",
        "name": "My shop",
        "timezone": "Europe/Berlin",
        "gap_limit_s": 1800,
        "allowed_origins": ["*"],
        "retention_days": 30,
        "address_mode": "truncated",
        "honours_opt_out": False,
        "conversion_events": [],
        "write_key": made["write_key"],
        "version": 1,
        "created_at": "2026-11-21T09:30:00Z",
        "updated_at": "2026-11-21T09:30:00Z",
    }
    assert client.get(SITES + "/shop", headers=ADMIN).json() == made
    assert client.get(SITES, headers=ADMIN).json() == [made]


def test_a_write_key_is_shown_to_admins_only(client: httpx.Client) -> None:
    key = created(client).json()["write_key"]
    assert len(key) >= 32
    for headers in ({}, VIEWER, {"authorization": "Bearer nonsense"}):
        assert client.get(SITES + "/shop", headers=headers).json()["write_key"] is None
        assert key not in client.get(SITES, headers=headers).text
        assert key not in client.get(SITES + "/shop/versions", headers=headers).text
    assert client.get(SITES + "/shop", headers=ADMIN).json()["write_key"] == key


def test_a_change_names_only_what_changes(client: httpx.Client) -> None:
    before = created(client, name="My shop", retention_days=30).json()
    answer = client.post(SITES + "/shop", json={"retention_days": None, "gap_limit_s": 60}, headers=ADMIN)
    assert answer.status_code == 200
    assert answer.json() == before | {"retention_days": None, "gap_limit_s": 60, "version": 2}
    newest, first = client.get(SITES + "/shop/versions").json()
    assert (newest["version"], newest["changed_by"], newest["settings"]["gap_limit_s"]) == (2, "admin", 60)
    assert (first["version"], first["settings"]["retention_days"]) == (1, 30)


def test_a_write_key_is_renewed(client: httpx.Client) -> None:
    before = created(client).json()
    answer = client.post(SITES + "/shop", json={"renews_write_key": True}, headers=ADMIN).json()
    assert answer["write_key"] not in {None, before["write_key"]}


def test_an_id_with_blanks_and_letters_of_any_alphabet_is_reached(client: httpx.Client) -> None:
    assert created(client, site_id="Café 50%?").status_code == 201
    assert client.get(SITES + "/Caf%C3%A9%2050%25%3F").json()["site_id"] == "Café 50%?"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        pytest.param("", {"site_id": "shop"}, 409, "SiteExists", id="twice"),
        pytest.param("", {"site_id": ".."}, 422, "BadSiteId", id="an id that is a path"),
        pytest.param("", {"site_id": "a\x00b"}, 422, "BadSiteId", id="an id that PostgreSQL can not hold"),
        pytest.param("", {}, 422, "InvalidRequest", id="no id"),
        pytest.param("", {"site_id": "b", "colour": "red"}, 422, "InvalidRequest", id="a setting that is none"),
        pytest.param("", {"site_id": "b", "gap_limit_s": "60"}, 422, "InvalidRequest", id="a text as number"),
        pytest.param("", {"site_id": "b", "gap_limit_s": 86_400}, 422, "BadSetting", id="a pause of a day"),
        pytest.param("/shop", {"timezone": "Mars/Olympus"}, 422, "BadSetting", id="a zone that is none"),
        pytest.param("/shop", {"site_id": "b"}, 422, "InvalidRequest", id="another id"),
        pytest.param("/other", {"name": "Other"}, 404, "UnknownSite", id="a site that is none"),
    ],
)
def test_what_can_not_be_done_is_told(client: httpx.Client, path: str, body: object, status: int, code: str) -> None:
    created(client)
    answer = client.post(SITES + path, json=body, headers=ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert len(client.get(SITES).json()) == 1


@pytest.mark.parametrize("path", ["", "/shop"])
def test_changes_need_an_admin(client: httpx.Client, path: str) -> None:
    body = {"site_id": "shop"} if not path else {"name": "New"}
    assert client.post(SITES + path, json=body).status_code == 401
    assert client.post(SITES + path, json=body, headers=VIEWER).status_code == 403


def test_an_unknown_site_and_a_database_that_is_away_are_told(client: httpx.Client, settings: Settings) -> None:
    for path in ("/none", "/none/versions"):
        assert client.get(SITES + path).json()["code"] == "UnknownSite"
    app = small_app(settings, router)
    wire(app, replace(app.state.wiring, database=no_database))
    with serving(app) as url:
        assert httpx.get(url + SITES).status_code == 503
