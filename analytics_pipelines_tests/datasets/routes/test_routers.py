"""Nobody reaches another's dataset by any route: which routes there are is read from the OpenAPI document."""

from uuid import uuid4

import pytest

from analytics_pipelines.datasets.routes.routers import ROUTERS
from analytics_pipelines.http_kit.scopes import declared_scopes
from analytics_pipelines_tests.datasets.routes.house import CSV, MEAN, House, uploaded

OWN_PROBLEMS = {"NoSuchDataset", "NoSuchRun"}
BODIES = ("/api/analytics/validate", "/api/analytics/execute")
IDS = ("{session_id}", "{run_id}")


def routes_by_id(house: House) -> list[tuple[str, str]]:
    """Every method and path that names something of somebody's."""
    paths = house.nobody.get("/openapi.json").json()["paths"]
    named = [(method.upper(), path) for path, methods in paths.items() for method in methods]
    return [(method, path) for method, path in named if any(each in path for each in IDS)]


def told(answer) -> dict:
    """The problem without what differs from request to request."""
    return {key: value for key, value in answer.json().items() if key not in {"instance", "request_id"}}


@pytest.fixture(scope="module")
def annas(anna) -> str:
    """A dataset that the test may lose."""
    return uploaded(anna, CSV)["session_id"]


@pytest.mark.parametrize("other", ["berta", "admin"])
def test_every_route_says_404_of_anothers_dataset_as_of_none(house, anna, annas, other):
    client = house.clients[other]
    routes = routes_by_id(house)
    assert len(routes) >= 6
    for method, path in routes:
        theirs, none = (
            client.request(method, path.replace("{session_id}", each).replace("{run_id}", each))
            for each in (annas, str(uuid4()))
        )
        assert theirs.status_code == 404, (method, path)
        assert told(theirs) == told(none), (method, path)
        assert theirs.json()["code"] in OWN_PROBLEMS
    for path in BODIES:
        theirs, none = (client.post(path, json={"session_id": each, "plan": MEAN}) for each in (annas, str(uuid4())))
        assert (theirs.status_code, told(theirs)) == (404, told(none))
    assert anna.get("/api/analytics/datasets/" + annas).status_code == 200


def test_another_sees_nothing_in_lists(house, annas):
    for path in ("/api/analytics/datasets", "/api/analytics/audit", "/api/analytics/executions"):
        assert annas not in house.clients["berta"].get(path).text


def test_without_a_token_only_the_language_is_read(house):
    opened = []
    for method, path in [(method.upper(), path) for path, each in house_paths(house).items() for method in each]:
        answer = house.nobody.request(method, path.replace("{", "").replace("}", ""))
        if answer.status_code != 401:
            opened.append(path)
    assert opened == ["/api/analytics/plan-schema"]


def house_paths(house: House) -> dict:
    """The paths of this room as the OpenAPI document has them."""
    own = {route.path for router in ROUTERS for route in router.routes}
    return {path: each for path, each in house.nobody.get("/openapi.json").json()["paths"].items() if path in own}


def test_every_route_declares_one_scope():
    assert [route.path for router in ROUTERS for route in router.routes if len(declared_scopes(route)) != 1] == []
