"""What the routes share: callers that nobody can pretend to be, bodies in the document, a service for other routes."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends

from analytics_pipelines.http_kit.principals import Credential, Principal
from analytics_pipelines.http_kit.scopes import open_to_all
from analytics_pipelines.sql_service.allowance import Caller, Rights
from analytics_pipelines.sql_service.routes import health, query
from analytics_pipelines.sql_service.routes.models import BatchBody
from analytics_pipelines.sql_service.routes.parts import PREFIX, SERVICE, CallerNow, asking, body_of, get_duckdb_service
from analytics_pipelines.sql_service.service import NO_ANSWER, DuckDBService
from analytics_pipelines_tests.apps import small_app, start
from analytics_pipelines_tests.sql_service.stand_in import WHOLE, standing_in

__all__ = ["start"]

LOGGED_IN = Credential("1", datetime(2026, 11, 22, tzinfo=UTC))
router = APIRouter()


@router.get("/caller", dependencies=asking)
async def read_caller(caller: CallerNow) -> Caller:
    return caller


@router.get("/one", dependencies=[open_to_all])
async def read_one(service: Annotated[DuckDBService, Depends(get_duckdb_service)]) -> list:
    return (await service.execute_query("SELECT 1")).data


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        pytest.param(Principal("ci", {"analyst"}, credential=LOGGED_IN), ("ci", Rights.ANALYST), id="an account"),
        pytest.param(Principal("ci", {"analyst"}), ("token ci", Rights.ANALYST), id="a token of that name"),
        pytest.param(Principal("ci", {"analyst"}, user_id="7"), ("token ci", Rights.ANALYST), id="an account's token"),
        pytest.param(
            Principal("ada", {"admin", "analyst"}, credential=LOGGED_IN), ("ada", Rights.ADMIN), id="an admin"
        ),
    ],
)
def test_an_account_and_a_token_of_one_name_are_two_callers(settings, start, principal, expected):
    app = small_app(settings, router)
    app.state.wiring = replace(app.state.wiring, verifier={"secret": principal}.get)
    told = start(app).get("/caller", headers={"Authorization": "Bearer secret"}).json()
    assert (told["name"], told["rights"]) == expected


def test_any_route_may_ask_for_the_service(settings, start):
    app = small_app(settings, router)
    client = start(app)
    assert client.get("/one").status_code == 503
    service = DuckDBService.of(settings)
    SERVICE.fill(app, service)
    with standing_in(service.client._places) as broker:
        broker.answers["SELECT 1"] = WHOLE
        assert client.get("/one").json() == [[1]]


def test_a_body_is_described_where_it_stands():
    schema = body_of(BatchBody)["requestBody"]["content"]["application/json"]["schema"]
    assert "$ref" not in json.dumps(schema)
    one, other = schema["properties"]["queries"]["items"]["anyOf"]
    assert (one["type"], other["type"]) == ("string", "object")
    assert schema["examples"]


def test_without_a_broker_every_door_says_so(settings, start):
    app = small_app(settings, router)
    for each in (query, health):
        app.include_router(each.router)
    SERVICE.fill(app, DuckDBService.of(settings))
    client = start(app)
    refused = client.post(PREFIX + "/query", json={"query": "SELECT 1"}, headers={"Authorization": "Bearer analyst"})
    assert (refused.status_code, refused.json()["code"]) == (503, "DuckDBConnectionError")
    assert refused.headers["retry-after"]
    assert "`analytics sql`" in refused.json()["remedy"]
    degraded = client.get(PREFIX + "/health")
    assert (degraded.status_code, degraded.json()) == (503, NO_ANSWER)
