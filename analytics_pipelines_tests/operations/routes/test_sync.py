"""Work that is waited for: a real Dagster instance answers the requests, as the daemon would."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, timedelta

import dagster as dg
import httpx
import psycopg
import pytest

from analytics_pipelines.dagster_kit.instance import opened_instance
from analytics_pipelines.dagster_kit.launch import SILENT
from analytics_pipelines.definitions import EVERYTHING, build
from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.operations import requests
from analytics_pipelines.operations.assets import run_requests
from analytics_pipelines.operations.requests import State, Wish
from analytics_pipelines.operations.run_sync import OF_METRICS, STEPS
from analytics_pipelines.web_events.fence import touched
from analytics_pipelines.web_events.tables import RAW_EVENTS
from analytics_pipelines_tests.apps import NOW
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.operations.routes.conftest import client_of
from analytics_pipelines_tests.operations.visitors import NOON, receipt, store
from analytics_pipelines_tests.waiting import wait_until

pytestmark = pytest.mark.timeout(300)
ADMIN = {"authorization": "Bearer admin"}
DAY = timedelta(days=1)
ON = dg.DefaultSensorStatus.RUNNING
ZERO = {"run_id": None, "processed": 0, "days": 0, "failed": 0, "seconds": 0.0}


@pytest.fixture
def connected(tmp_path, database_urls) -> Settings:
    return settings_in(
        tmp_path / "home", database_url=database_urls.app, source_database_url=database_urls.app, run_sync_timeout_s=120
    )


@pytest.fixture
def instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    with opened_instance(settings) as found:
        yield found


@pytest.fixture
def api(connected: Settings, database: Database) -> Iterator[httpx.Client]:
    yield from client_of(connected, lambda: database)


@pytest.fixture
def hasty(connected: Settings, database: Database) -> Iterator[httpx.Client]:
    """Waits for a second."""
    yield from client_of(connected.model_copy(update={"run_sync_timeout_s": 1.0}), lambda: database)


class Daemon:
    """What Dagster's daemon does with run requests, one look at a time."""

    def __init__(self, settings: Settings, instance: dg.DagsterInstance) -> None:
        self.definitions = build(settings)
        assets = [spec.key.to_user_string() for spec in self.definitions.resolve_all_asset_specs()]
        self.sensor = run_requests(settings, EVERYTHING, assets, ON)
        self.instance = instance

    def look(self) -> int:
        """Run what is asked for, then look again, which closes the requests; how many runs there were."""
        asked = self._tick()
        for each in asked:
            job = self.definitions.resolve_job_def(EVERYTHING)
            chosen = each.asset_selection
            job.execute_in_process(
                SILENT, self.instance, tags=dict(each.tags), asset_selection=chosen, raise_on_error=False
            )
        self._tick()
        return len(asked)

    def _tick(self) -> list[dg.RunRequest]:
        context = dg.build_sensor_context(instance=self.instance)
        return list(self.sensor.evaluate_tick(context).run_requests or [])


@pytest.fixture
def daemon(connected: Settings, instance: dg.DagsterInstance) -> Daemon:
    return Daemon(connected, instance)


def answered(daemon: Daemon, database: Database, post: Callable[[], httpx.Response]) -> httpx.Response:
    """The answer to a request that is made while the daemon looks on."""
    with ThreadPoolExecutor(1) as pool:
        answer: Future[httpx.Response] = pool.submit(post)
        wait_until(lambda: answer.done() or bool(requests.unfinished(database)), seconds=60)
        daemon.look()
        return answer.result(60)


def test_with_nothing_new_the_answer_is_zeros_at_once(api: httpx.Client, database: Database) -> None:
    for path in ("/etl/run-sync", "/etl/process/pageview", "/etl/process/never-seen?batch_size=1"):
        answer = api.post(path, headers=ADMIN)
        assert answer.status_code == 200
        nothing = {"status": "completed", "requests": [], "blocked_by": None}
        assert answer.json() == nothing | {"steps": [{"step": step} | ZERO for step in STEPS]}
    assert requests.newest(database, 10) == []


def test_run_sync_processes_what_is_new_and_tells_each_step(api, database, daemon) -> None:
    store(database, [receipt(str(number), "anna") for number in range(3)])
    answer = answered(daemon, database, lambda: api.post("/etl/run-sync?batch_size=100", headers=ADMIN))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["status"], len(told["requests"])) == ("completed", 1)
    (request,) = told["requests"]
    assert request["state"] == "succeeded"
    assert request["first_date"] <= "2026-11-20" <= request["last_date"]
    steps = {step["step"]: step for step in told["steps"]}
    assert set(steps) == set(STEPS)
    assert {step["run_id"] for step in told["steps"]} == {request["run_id"]}
    raw = steps[RAW_EVENTS.name]
    assert (raw["processed"], raw["days"], raw["failed"]) == (3, 1, 0)
    assert all(step["seconds"] > 0 for step in told["steps"])
    assert api.post("/etl/run-sync", headers=ADMIN).json()["requests"] == []
    assert touched(database) == []
    assert {step["step"] for step in api.get("/etl/status").json()["steps"]} == set(STEPS)


def test_a_run_that_fails_is_told_with_its_reason(api, database, daemon, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise BadInput("The export is broken.")

    monkeypatch.setattr("analytics_pipelines.web_events.assets.raw_events", broken)
    store(database, [receipt("1", "anna")])
    told = answered(daemon, database, lambda: api.post("/etl/run-sync", headers=ADMIN)).json()
    assert told["status"] == "failed"
    assert "The export is broken." in told["requests"][0]["error"]
    failed = {step["step"]: step["failed"] for step in told["steps"]}
    assert failed[RAW_EVENTS.name] > 0


@pytest.mark.long
def test_only_the_days_of_the_type_are_waited_for(api, database, daemon) -> None:
    old = NOON - 60 * DAY
    store(database, [receipt("1", "anna"), receipt("2", "anna", old, event_type="click")])
    answer = answered(daemon, database, lambda: api.post("/etl/process/click", headers=ADMIN)).json()
    (request,) = answer["requests"]
    assert request["first_date"] <= old.date().isoformat() <= request["last_date"] < "2026-11-01"
    assert {step["step"]: step["processed"] for step in answer["steps"]}[RAW_EVENTS.name] == 1
    assert api.post("/etl/process/unknown", headers=ADMIN).json()["requests"] == []


@pytest.mark.parametrize("path", ["/etl/run-sync", "/etl/process/pageview", "/etl/calculate-daily-metrics"])
def test_past_the_time_the_requests_are_told_and_go_on(hasty, database, daemon, path: str) -> None:
    store(database, [receipt("1", "anna")])
    answer = hasty.post(path, headers=ADMIN)
    assert answer.status_code == 202
    told = answer.json()
    assert (told["status"], [each["state"] for each in told["requests"]]) == ("accepted", ["new"])
    again = hasty.post(path, headers=ADMIN).json()
    if path != "/etl/calculate-daily-metrics":
        assert [each["request_id"] for each in again["requests"]] == [each["request_id"] for each in told["requests"]]
    assert requests.by_id(database, told["requests"][0]["request_id"]).state is State.NEW


@pytest.mark.parametrize(
    ("query", "day"),
    [
        pytest.param("", date(2026, 11, 20), id="yesterday"),
        pytest.param("?target_date=2026-10-01", date(2026, 10, 1), id="a day asked for"),
    ],
)
def test_one_days_metrics_are_asked_for_and_published(hasty, database, query: str, day: date) -> None:
    answer = hasty.post("/etl/calculate-daily-metrics" + query, headers=ADMIN)
    assert answer.status_code == 202
    (found,) = requests.newest(database, 10)
    assert found.wish == Wish(tuple(sorted((*OF_METRICS, "serving_generation"))), day, day)
    assert (found.requested_by, found.requested_at) == ("admin", NOW)
    assert [step["step"] for step in answer.json()["steps"]] == list(OF_METRICS)


@pytest.mark.long
def test_one_days_metrics_are_made_for_who_waits(api, database, daemon) -> None:
    store(database, [receipt("1", "anna")])
    answered(daemon, database, lambda: api.post("/etl/run-sync", headers=ADMIN))
    answer = answered(daemon, database, lambda: api.post("/etl/calculate-daily-metrics", headers=ADMIN))
    told = answer.json()
    assert (answer.status_code, told["status"]) == (200, "completed")
    assert {step["step"]: step["processed"] for step in told["steps"]}[OF_METRICS[1]] == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/etl/run-sync?batch_size=0", 422, id="no rows"),
        pytest.param("/etl/run-sync?batch_size=100001", 422, id="too many rows"),
        pytest.param("/etl/process/" + "x" * 101, 422, id="a type that can not be"),
        pytest.param("/etl/calculate-daily-metrics?target_date=2009-12-31", 422, id="before the lake"),
        pytest.param("/etl/calculate-daily-metrics?target_date=today", 422, id="no day"),
    ],
)
def test_what_can_not_be_done_is_refused(hasty: httpx.Client, path: str, status: int) -> None:
    assert hasty.post(path, headers=ADMIN).status_code == status


@pytest.mark.parametrize("path", ["/etl/run-sync", "/etl/process/x", "/etl/calculate-daily-metrics", "/etl/cleanup"])
def test_only_an_admin_may_ask(hasty: httpx.Client, path: str) -> None:
    assert hasty.post(path).status_code == 401
    assert hasty.post(path, headers={"authorization": "Bearer viewer"}).status_code == 403


def test_many_may_wait_at_once_and_the_api_answers_others(connected, database) -> None:
    patient = connected.model_copy(update={"run_sync_timeout_s": 4.0})
    for client in client_of(patient, lambda: database):
        limits = httpx.Limits(max_connections=60)
        with httpx.Client(base_url=client.base_url, limits=limits, timeout=60) as many, ThreadPoolExecutor(50) as pool:
            waiting = [pool.submit(many.post, "/etl/calculate-daily-metrics", headers=ADMIN) for _ in range(50)]
            wait_until(lambda: len(requests.newest(database, 100)) == 50, seconds=30)
            assert client.get("/etl/runs?limit=1").status_code == 200
            assert not any(each.done() for each in waiting)
            assert {each.result().status_code for each in waiting} == {202}


def test_who_holds_the_log_is_named_and_nothing_is_waited_for(hasty, database, database_urls) -> None:
    store(database, [receipt("1", "anna")])
    with psycopg.connect(conninfo(database_urls.app), application_name="a long import") as writer:
        writer.execute("LOCK TABLE ONLY web_events.event_log IN ROW EXCLUSIVE MODE")
        told = hasty.post("/etl/run-sync", headers=ADMIN).json()
    assert "a long import" in told["blocked_by"]
    assert told["requests"] == []
