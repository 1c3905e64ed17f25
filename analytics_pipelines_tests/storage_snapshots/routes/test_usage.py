from datetime import timedelta

import pytest

from analytics_pipelines.storage_snapshots.routes import analytics_bodies as bodies
from analytics_pipelines.storage_snapshots.routes.usage import router
from analytics_pipelines_tests.storage_snapshots.routes.stocked import (
    BAD,
    DAY,
    MB,
    NEWEST,
    body,
    client_of,
    code,
    stocked,
)

MODELS = {
    "growth": bodies.Growth,
    "distribution": bodies.Distribution,
    "owners": bodies.Costs,
    "groups": bodies.Costs,
    "costs": bodies.Costs,
    "temperature": bodies.Temperatures,
}
OWN = 4096


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return stocked(tmp_path_factory.mktemp("usage"))


@pytest.fixture(scope="module")
def client(published):
    with client_of(published, router, storage_cost_per_gb=20) as found:
        yield found


@pytest.mark.parametrize("path", MODELS)
def test_answers_have_the_shape_that_the_docs_promise(client, path):
    told = body(client, path)
    assert MODELS[path].model_validate(told).model_dump(mode="json") == told
    assert [each["share"] for each in told["snapshots"]] == ["one", "two"]


def test_growth_tells_folders_and_when_each_share_is_full(client):
    told = body(client, "growth", **{"from": DAY.isoformat(), "to": NEWEST.isoformat()})
    (folder,) = told["folders"]
    assert (folder["path"], folder["size_du_change"], folder["files_change"]) == ("/one/logs", 90 * MB, 0)
    assert {each["date"] for each in told["compared_with"]} == {DAY.isoformat()}
    one, two = told["shares"]
    assert (one["share"], one["whole"]["size_du_change"]) == ("one", 90 * MB)
    forecast = one["forecast"]
    assert (forecast["outlook"], forecast["points"], forecast["bytes_per_day"]) == ("growing", 10, 10 * MB)
    assert (forecast["days_until_full"], forecast["days_until_full_range"]) == (100, [100, 100])
    assert forecast["full_date"] == (NEWEST + timedelta(days=100)).isoformat()
    assert (two["forecast"]["outlook"], two["forecast"]["days_until_full"]) == ("flat", None)


def test_growth_takes_a_capacity_a_depth_and_the_other_way(client):
    used = 100 * MB + 90 * MB + 500 * MB * 2 + 300 * MB + 4 * OWN
    told = body(client, "growth", share="one", capacity=used + 20 * MB)
    assert told["shares"][0]["forecast"]["days_until_full"] == 2
    assert body(client, "growth", order="shrunk")["folders"] == []
    below = body(client, "growth", path="/one/logs", depth=3)
    assert (below["shares"][0]["whole"]["path"], below["folders"]) == ("/one/logs", [])
    short = body(client, "growth", **{"from": (NEWEST - timedelta(days=3)).isoformat(), "to": "latest"})
    assert short["shares"][0]["forecast"]["outlook"] == "short_history"


def test_distributions_are_told_by_share_and_together(client):
    told = body(client, "distribution")
    whole = {each["value"]: each for each in told["total"]["values"]}
    assert [each["label"]["text"] for each in told["total"]["values"]][:2] == [
        "0 B to under 32 B",
        "32 B to under 1 KiB",
    ]
    assert (whole["5"]["files"], whole["5"]["size_du"], whole["0"]["files"]) == (6, 1590 * MB, 0)
    assert (told["total"]["files"], [each["files"] for each in told["shares"]]) == (6, [4, 2])
    by_type = body(client, "distribution", dimension="extension", limit=1)
    assert [each["value"] for each in by_type["total"]["values"]] == ["tar"]
    assert by_type["total"]["other_values"] == 3
    below = body(client, "distribution", dimension="modified_age", path="/one/old")
    assert {each["value"]: each["files"] for each in below["total"]["values"] if each["files"]} == {
        "under_30_days": 1,
        "under_730_days": 1,
        "older": 1,
    }
    assert body(client, "distribution", dimension="owner", path="/one/old")["total"]["values"][0]["value"] == "ada"
    older = body(client, "distribution", snapshot=DAY.isoformat())
    assert older["total"]["size_du"] == 1500 * MB


def test_owners_groups_and_folders_have_their_costs(client):
    told = body(client, "owners")
    assert [(each["name"], each["size_du"], each["cost"]) for each in told["usages"]] == [
        ("ada", 1090 * MB, 21.8),
        ("bob", 500 * MB, 10),
    ]
    assert (told["cost_per_gb"], told["cost"]) == (20, 31.8)
    assert body(client, "groups", cost_per_gb=0)["usages"][0]["cost"] == 0
    folders = body(client, "costs", path="/one", cost_per_gb=1)
    assert [each["name"] for each in folders["usages"]] == ["/one/old", "/one/logs"]
    assert folders["usages"][0]["size_du"] == 1300 * MB + 2 * OWN
    shares = body(client, "costs", by="share", limit=1)
    assert (shares["usages"][0]["share"], shares["other_usages"]) == ("one", 1)


def test_temperature_tells_what_is_cold_and_where(client):
    told = body(client, "temperature", limit=1)
    one, two = told["total"]
    assert (one["accessed"]["hot"], one["accessed"]["warm"], one["accessed"]["cold"]) == (490 * MB, 0, 1000 * MB)
    assert (two["accessed"]["unknown"], two["modified"]["unknown"]) == (50 * MB, 0)
    assert [each["path"] for each in told["folders"]] == ["/one/old"]
    assert one["accessed"]["bands"][0]["label"]["text"] == "under 30 days"


@pytest.mark.parametrize("path", [each for each in MODELS if each != "growth"])
@pytest.mark.parametrize(("query", "expected"), BAD)
def test_bad_input_is_refused_by_name(client, path, query, expected):
    assert code(client, path, **query) == expected


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("growth", {"from": "2026-13-01"}, (422, "BadSnapshotDate")),
        ("growth", {"to": "soon"}, (422, "BadSnapshotDate")),
        ("growth", {"from": "2026-03-05", "to": "2026-03-01"}, (422, "BadRange")),
        ("growth", {"to": "1999-01-01"}, (404, "UnknownSnapshot")),
        ("growth", {"share": "three"}, (404, "UnknownShare")),
        ("growth", {"path": "/nowhere"}, (404, "UnknownPath")),
        ("growth", {"path": "a/../b"}, (422, "BadPath")),
        ("growth", {"depth": 0}, (422, "InvalidRequest")),
        ("growth", {"capacity": -1}, (422, "InvalidRequest")),
        ("growth", {"by": "colour"}, (422, "InvalidRequest")),
        ("growth", {"limit": 10001}, (422, "LimitTooHigh")),
        ("growth", {"cursor": "x"}, (422, "BadCursor")),
        ("distribution", {"dimension": "colour"}, (422, "InvalidRequest")),
        ("costs", {"cost_per_gb": "nan"}, (422, "InvalidRequest")),
        ("costs", {"cost_per_gb": -1}, (422, "InvalidRequest")),
        ("owners", {"cost_per_gb": "1e13"}, (422, "InvalidRequest")),
        ("costs", {"by": "colour"}, (422, "InvalidRequest")),
        ("temperature", {"by": "ctime"}, (422, "InvalidRequest")),
    ],
)
def test_values_that_make_no_sense_are_refused(client, path, query, expected):
    assert code(client, path, **query) == expected


def test_without_a_price_owners_are_told_and_costs_refused(published):
    with client_of(published, router) as client:
        assert body(client, "owners")["usages"][0]["cost"] is None
        assert body(client, "costs", cost_per_gb=1)["cost"] > 0
        assert code(client, "costs") == (422, "NoPrice")
