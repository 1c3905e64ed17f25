from datetime import timedelta

import httpx
import pytest

from analytics_pipelines.storage_snapshots.routes.comparison import ComparisonOfSnapshots, router
from analytics_pipelines_tests.apps import serving, small_app
from analytics_pipelines_tests.storage_snapshots.histories import file, folder, served
from analytics_pipelines_tests.storage_snapshots.trees import DAY

NEXT, LATER = DAY + timedelta(days=1), DAY + timedelta(days=2)
WHERE = "/api/snapshots/compare"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    days = {
        DAY: {"s": folder("/r", file("/r/a", inode=1)), "t": folder("/t", file("/t/x", inode=2))},
        NEXT: {"s": folder("/r", folder("/r/new", file("/r/new/b", 5, inode=3)))},
        LATER: {"s": folder("/r", folder("/r/new", file("/r/new/b", 9, inode=3)))},
    }
    with (
        served(tmp_path_factory.mktemp("comparison"), days) as (settings, generations),
        serving(small_app(settings, router, generations)) as url,
        httpx.Client(base_url=url, timeout=30) as found,
    ):
        yield found


def test_a_comparison_is_told_under_the_contracts_names(client):
    answer = client.get(WHERE, params={"from": str(DAY), "to": str(NEXT)})
    assert answer.status_code == 200, answer.text
    told = ComparisonOfSnapshots.model_validate(answer.json())
    assert [(row.path, row.kind, row.size, row.files) for row in told.rows] == [
        ("/r/a", "removed", 0, None),
        ("/r/new", "added", 5, 1),
    ]
    assert [(each.share, each.dates) for each in told.missing] == [("t", [NEXT])]
    assert [(each.share, each.date_from, each.date) for each in told.snapshots] == [("s", DAY, NEXT)]
    newest = ComparisonOfSnapshots.model_validate(client.get(WHERE).json())
    assert [(row.path, row.kind) for row in newest.rows] == [("/r/new/b", "grown")]
    whole = client.get(WHERE, params={"from": str(DAY), "show_new_dirs": "false", "kind": ["added", "grown"]}).json()
    assert [(row["path"], row["size"]) for row in whole["rows"]] == [("/r/new/b", 9)]


def test_pages_follow_each_other_by_their_cursor(client):
    first = client.get(WHERE, params={"from": str(DAY), "limit": 1}).json()
    second = client.get(WHERE, params={"from": str(DAY), "limit": 1, "cursor": first["next_cursor"]}).json()
    assert [page["rows"][0]["path"] for page in (first, second)] == ["/r/a", "/r/new"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"from": "2026-03-02", "to": "2026-03-01"}, {400, 422}),
        ({"from": "2026-02-01", "to": "2026-03-01"}, {404}),
        ({"from": "yesterday"}, {400, 422}),
        ({"path": "/a/../b"}, {400, 422}),
        ({"limit": "999999"}, {422}),
        ({"kind": "vanished"}, {422}),
        ({"cursor": "nonsense"}, {400, 422}),
        ({"share": "nobody"}, {404}),
        ({"min_size": "-1"}, {422}),
    ],
)
def test_what_can_not_be_asked_is_refused(client, query, status):
    answer = client.get(WHERE, params=query)
    assert answer.status_code in status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
