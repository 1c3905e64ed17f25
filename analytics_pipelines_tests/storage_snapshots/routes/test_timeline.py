from datetime import timedelta

import httpx
import pytest

from analytics_pipelines.storage_snapshots.routes.timeline import Timelines, router
from analytics_pipelines_tests.apps import serving, small_app
from analytics_pipelines_tests.storage_snapshots.histories import file, folder, served
from analytics_pipelines_tests.storage_snapshots.trees import DAY


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    days = {
        DAY + timedelta(days=number): {"s": folder("/r", folder("/r/timeline", file("/r/timeline/a", size)))}
        for number, size in enumerate((5, 7))
    }
    with (
        served(tmp_path_factory.mktemp("timeline"), days) as (settings, generations),
        serving(small_app(settings, router, generations)) as url,
        httpx.Client(base_url=url + "/api/folders", timeout=30) as found,
    ):
        yield found


@pytest.mark.parametrize(
    ("place", "query"),
    [
        ("/r/timeline/timeline", {}),
        ("/timeline", {"path": "r/timeline"}),
        ("/timeline", {"path": "/r/timeline", "share": "s", "start": str(DAY)}),
    ],
)
def test_a_folder_of_any_name_has_its_timeline(client, place, query):
    answer = client.get(place, params=query)
    assert answer.status_code == 200, answer.text
    (told,) = Timelines.model_validate(answer.json()).timelines
    assert (told.path, [(point.size, point.size_change) for point in told.points]) == (
        "/r/timeline",
        [(5, None), (7, 2)],
    )


def test_without_a_path_the_roots_are_told(client):
    assert [each["path"] for each in client.get("/timeline").json()["timelines"]] == ["/r"]


@pytest.mark.parametrize(
    ("place", "query", "status"),
    [
        ("/nowhere/timeline", {}, {404}),
        ("/r/timeline", {"start": "2026-03-02", "end": "2026-03-01"}, {400, 422}),
        ("/r/timeline", {"start": "soon"}, {422}),
        ("/timeline", {"path": "/r/../x"}, {400, 422}),
        ("/r/timeline", {"share": "nobody"}, {404}),
    ],
)
def test_what_can_not_be_asked_is_refused(client, place, query, status):
    assert client.get(place, params=query).status_code in status
