from datetime import timedelta

import httpx
import pytest

from analytics_pipelines.storage_snapshots.routes.history import PathHistory, router
from analytics_pipelines_tests.apps import serving, small_app
from analytics_pipelines_tests.storage_snapshots.histories import file, folder, served
from analytics_pipelines_tests.storage_snapshots.trees import DAY

WHERE = "/api/search/history"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    days = {
        DAY: {"s": folder("/r", file("/r/a", 5, inode=1))},
        DAY + timedelta(days=1): {"s": folder("/r", file("/r/b", 5, inode=1))},
    }
    with (
        served(tmp_path_factory.mktemp("history"), days) as (settings, generations),
        serving(small_app(settings, router, generations)) as url,
        httpx.Client(base_url=url, timeout=30) as found,
    ):
        yield found


def test_the_versions_of_a_path_are_told_under_the_contracts_names(client):
    answer = client.get(WHERE, params={"path": "r/b", "follow_moves": "true"})
    assert answer.status_code == 200, answer.text
    told = PathHistory.model_validate(answer.json())
    assert [(each.path, each.change, each.size) for each in told.versions] == [
        ("/r/a", "first", 5),
        ("/r/a", "removed", None),
        ("/r/b", "added", 5),
    ]
    assert (told.versions[1].moved_to, told.versions[2].moved_from, told.folder) == ("/r/b", "/r/a", [])
    root = client.get(WHERE, params={"path": "/r"}).json()
    assert [(each["files"], each["valid_to"]) for each in root["folder"]] == [(1, None)]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"path": "/nowhere"}, {404}),
        ({}, {422}),
        ({"path": "a/../b"}, {400, 422}),
        ({"path": "/r", "share": "x"}, {404}),
    ],
)
def test_what_has_no_history_is_refused(client, query, status):
    assert client.get(WHERE, params=query).status_code in status
