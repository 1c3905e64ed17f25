import httpx
import pytest

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.storage_snapshots.routes.snapshots import SnapshotDetail, router
from analytics_pipelines.storage_snapshots.tables import TABLES
from analytics_pipelines_tests.apps import serving, small_app
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.storage_snapshots.forests import DAYS, OLDER
from analytics_pipelines_tests.storage_snapshots.trees import DAY, summed


@pytest.fixture(scope="module")
def client(forest):
    generations, settings = forest
    with serving(small_app(settings, router, generations)) as url, httpx.Client(base_url=url, timeout=30) as found:
        yield found


def totals(day, shares):
    sums = [summed(DAYS[day][share]) for share in shares]
    names = {"file_count": "files", "dir_count": "dirs", "size_bytes": "size", "allocated_bytes": "size_du"}
    return {name: sum(each[column] for each in sums) for column, name in names.items()}


def test_snapshots_are_a_bare_list_under_the_contracts_names_newest_first(client):
    answer = client.get("/api/snapshots")
    assert answer.status_code == 200
    assert answer.json() == [
        {"date": "2026-03-01", "shares": ["a", "b", "deep"], "errors": 0} | totals(DAY, ["a", "b", "deep"]),
        {"date": "2026-02-20", "shares": ["a"], "errors": 0} | totals(OLDER, ["a"]),
    ]


def test_a_days_snapshot_tells_of_each_share(client):
    told = client.get("/api/snapshots/2026-02-20").json()
    assert SnapshotDetail.model_validate(told).model_dump(mode="json") == told
    (share,) = told["snapshots"]
    assert {"date": "2026-02-20", "shares": ["a"], "errors": 0} | totals(OLDER, ["a"]) | {"snapshots": [share]} == told
    expected = {
        "share": "a",
        "date": "2026-02-20",
        "root": "/",
        "taken_at": "2026-02-20T12:00:00Z",
        "ended_at": None,
        "mode": "metadata",
        "entries": len(DAYS[OLDER]["a"].names()),
        "absent_columns": [],
        "capacity": None,
    }
    assert expected.items() <= share.items()
    assert totals(OLDER, ["a"]).items() <= share.items()


def test_the_latest_snapshot_is_the_newest_of_each_share(client, forest):
    told = client.get("/api/snapshots/latest").json()
    assert (told["date"], told["shares"]) == ("2026-03-01", ["a", "b", "deep"])
    assert totals(DAY, ["a", "b", "deep"]).items() <= told.items()


@pytest.mark.parametrize(
    ("day", "status", "code", "words"),
    [
        ("2026-02-21", 404, "UnknownSnapshot", "2026-02-20, 2026-03-01"),
        ("0001-01-01", 404, "UnknownSnapshot", "2026-02-20, 2026-03-01"),
        ("9999-12-31", 404, "UnknownSnapshot", "2026-02-20, 2026-03-01"),
        ("2026-02-30", 422, "BadSnapshotDate", "YYYY-MM-DD"),
        ("yesterday", 422, "BadSnapshotDate", "YYYY-MM-DD"),
        ("2026-3-1", 422, "BadSnapshotDate", "YYYY-MM-DD"),
        ("%2e%2e", 422, "BadSnapshotDate", "YYYY-MM-DD"),
        ("x" * 200, 422, "InvalidRequest", "docs"),
    ],
)
def test_a_day_without_a_snapshot_or_that_is_none_is_a_typed_problem(client, day, status, code, words):
    answer = client.get("/api/snapshots/" + day)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == code
    assert words in answer.json()["remedy"]
    assert "SELECT" not in answer.text


def unpublished(settings):
    return settings


def published_empty(settings):
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    build_generation(settings, lake, TABLES)
    lake.duck.close()
    return settings


@pytest.mark.parametrize("prepare", [unpublished, published_empty])
def test_where_there_is_no_snapshot_the_list_is_empty_and_the_latest_names_the_setting(tmp_path, start, prepare):
    settings = prepare(settings_in(tmp_path, snapshots_path=tmp_path / "kept" / "here"))
    with Generations(settings) as generations:
        client = start(small_app(settings, router, generations))
        listed = client.get("/api/snapshots")
        assert (listed.status_code, listed.json(), listed.headers["content-type"]) == (200, [], "application/json")
        for asked in ("latest", "2026-03-01"):
            answer = client.get("/api/snapshots/" + asked)
            assert (answer.status_code, answer.json()["code"]) == (404, "NoSnapshots")
            assert "SNAPSHOTS_PATH" in answer.json()["remedy"]
            assert "kept" not in answer.text
        assert client.get("/api/snapshots/never").status_code == 422


@pytest.mark.parametrize(
    ("token", "status"),
    [
        pytest.param("Bearer viewer", 200, id="a viewer may read"),
        pytest.param("Bearer metrics:read", 403, id="another scope may not"),
        pytest.param("", 401, id="nobody may not"),
    ],
)
def test_where_reads_need_a_token_it_must_carry_the_scope_viewer(forest, start, token, status):
    generations, settings = forest
    closed = settings.model_copy(update={"auth_required_for_reads": True})
    client = start(small_app(closed, router, generations))
    for path in ("/api/snapshots", "/api/snapshots/latest", "/api/snapshots/2026-03-01"):
        assert client.get(path, headers={"authorization": token} if token else {}).status_code == status
