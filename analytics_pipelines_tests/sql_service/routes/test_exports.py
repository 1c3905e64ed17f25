"""The door of exports over HTTP, with a broker that says what a test has it say."""

from datetime import UTC, datetime

import pytest

from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.http_kit.principals import Credential, Principal
from analytics_pipelines.http_kit.problems import install_problems
from analytics_pipelines.http_kit.wiring import Wiring, wire
from analytics_pipelines.sql_service.errors import QueryNotFound, QueryTimedOut, QueueFull
from analytics_pipelines.sql_service.exports import Exports
from analytics_pipelines.sql_service.messages import Does, Done, Format
from analytics_pipelines.sql_service.places import Places
from analytics_pipelines.sql_service.routes.exports import router
from analytics_pipelines.sql_service.routes.parts import SERVICE
from analytics_pipelines.sql_service.service import DuckDBService
from analytics_pipelines_tests.apps import NOW, no_database, small_app, start
from analytics_pipelines_tests.sql_service.stand_in import failed, standing_in, told

__all__ = ["start"]
PATH = "/api/v1/duckdb/exports"
QUERY = {"query": "SELECT $n AS n", "params": {"n": 7}, "format": "csv"}
CONTENT = b"n\n7\n"
ANALYST, ADMIN = {"viewer", "analyst"}, {"viewer", "analyst", "admin"}
LOGGED_IN = Credential("id", datetime(2026, 12, 1, tzinfo=UTC))
PRINCIPALS = {
    "ann": Principal("ann", ANALYST, credential=LOGGED_IN),
    "ada": Principal("ada", ADMIN, credential=LOGGED_IN),
    "service": Principal("ann", ANALYST),
    "viewer": Principal("eve", {"viewer"}),
    "ben": Principal("ben", ADMIN, credential=LOGGED_IN, user_id="1"),
    "another ben": Principal("ben", ANALYST, credential=LOGGED_IN, user_id="2"),
}


@pytest.fixture
def broker(settings):
    with standing_in(Places.of(settings.home)) as found:
        found.answers = {"SELECT $n AS n": told(state="queued"), Does.CANCEL.value: told()}
        yield found


@pytest.fixture
def client(settings, start):
    app = small_app(settings, router)
    generations = Generations(settings)
    verifier = PRINCIPALS.get
    wire(
        app,
        Wiring(settings=settings, generations=generations, database=no_database, verifier=verifier, clock=lambda: NOW),
    )
    install_problems(app)
    SERVICE.fill(app, DuckDBService.of(settings))
    return start(app)


@pytest.fixture
def exports(settings):
    return Exports(Places.of(settings.home).exports, settings, lambda: NOW)


def as_user(name):
    return {"headers": {"Authorization": "Bearer " + name}}


def created(client, user="ann", **more):
    answer = client.post(PATH, json=QUERY | more, **as_user(user))
    assert answer.status_code == 202, answer.text
    return answer.json()


def finished(exports, tmp_path, export_id, content=CONTENT):
    file = tmp_path / "made"
    file.write_bytes(content)
    done = Done(query_id=export_id, rows=1, columns=(("n", "INTEGER"),))
    assert exports.begun(export_id)
    assert exports.finished(export_id, file, done)


def test_an_export_is_queued_under_its_own_id_and_fetched_by_its_owner(client, broker, exports, tmp_path):
    export = created(client)
    assert (export["state"], export["progress"], export["rows"], export["file"]) == ("queued", 0.0, 0, None)
    (ask,) = broker.asks
    assert (ask.does, ask.name, ask.query_id, ask.format) == (
        Does.EXPORT,
        export["export_id"],
        export["export_id"],
        Format.CSV,
    )
    assert (ask.caller.name, ask.statements[0].parameters) == ("ann", {"n": 7})
    at = f"{PATH}/{export['export_id']}"
    early = client.get(at + "/file", **as_user("ann"))
    assert (early.status_code, early.json()["code"]) == (404, "ExportNotReady")
    exports.begun(export["export_id"])
    exports.progressed(export["export_id"], 2)
    running = client.get(at, **as_user("ann")).json()
    assert (running["state"], running["progress"], running["bytes"]) == ("running", None, 2)
    finished(exports, tmp_path, export["export_id"])
    whole = client.get(at, **as_user("ann")).json()
    assert (whole["state"], whole["progress"], whole["rows"], whole["bytes"]) == ("succeeded", 1.0, 1, 4)
    assert whole["columns"] == [{"name": "n", "type": "INTEGER"}]
    file = client.get(whole["file"], **as_user("ann"))
    assert file.content == CONTENT
    assert file.headers["content-disposition"] == f'attachment; filename="export-{export["export_id"]}.csv"'
    assert file.headers["cache-control"] == "private, no-store"
    assert file.headers["content-type"].startswith("text/csv")
    part = client.get(whole["file"], headers={"Authorization": "Bearer ann", "Range": "bytes=2-"})
    assert (part.status_code, part.content) == (206, CONTENT[2:])


@pytest.mark.parametrize("other", ["ada", "service"], ids=["an admin", "a token of the same name"])
def test_nobody_else_finds_it(client, broker, exports, tmp_path, other):
    export_id = created(client)["export_id"]
    finished(exports, tmp_path, export_id)
    for method, path in (("GET", ""), ("GET", "/file"), ("DELETE", "")):
        answer = client.request(method, f"{PATH}/{export_id}{path}", **as_user(other))
        assert (answer.status_code, answer.json()["code"]) == (404, "ExportNotFound")
    assert client.get(PATH, **as_user(other)).json() == []
    assert [each["export_id"] for each in client.get(PATH, **as_user("ann")).json()] == [export_id]


@pytest.mark.parametrize("name", ["..", "%2e%2e", "..%2f..%2fsecret", "x" * 32, "%00"])
def test_hostile_ids_are_no_exports(client, broker, name):
    assert client.get(f"{PATH}/{name}/file", **as_user("ann")).status_code in {404, 422}


def test_one_that_is_not_queued_leaves_nothing(client, broker):
    broker.answers["SELECT $n AS n"] = [failed(QueueFull("Too many wait.", retry_after_s=3))]
    answer = client.post(PATH, json=QUERY, **as_user("ann"))
    assert (answer.status_code, answer.json()["code"]) == (503, "QueueFull")
    assert client.get(PATH, **as_user("ann")).json() == []


def test_without_a_broker_the_answer_says_so_and_nothing_is_left(client):
    answer = client.post(PATH, json=QUERY, **as_user("ann"))
    assert (answer.status_code, answer.json()["code"]) == (503, "DuckDBConnectionError")
    assert client.get(PATH, **as_user("ann")).json() == []


def test_a_failure_is_told(client, broker, exports):
    export_id = created(client)["export_id"]
    exports.failed(export_id, QueryTimedOut("Too slow.", limit="30 s"))
    answer = client.get(f"{PATH}/{export_id}", **as_user("ann")).json()
    assert (answer["state"], answer["error"]["code"], answer["error"]["limit"]) == ("failed", "QueryTimedOut", "30 s")


def test_deleting_stops_what_runs(client, broker):
    export_id = created(client)["export_id"]
    broker.answers[Does.CANCEL.value] = [failed(QueryNotFound("It has ended."))]
    assert client.delete(f"{PATH}/{export_id}", **as_user("ann")).status_code == 204
    assert (broker.asks[-1].does, broker.asks[-1].query_id) == (Does.CANCEL, export_id)
    assert client.get(f"{PATH}/{export_id}", **as_user("ann")).status_code == 404


def test_deleting_what_is_finished_removes_its_file_and_asks_nobody(client, broker, exports, tmp_path, settings):
    export_id = created(client)["export_id"]
    finished(exports, tmp_path, export_id)
    assert client.delete(f"{PATH}/{export_id}", **as_user("ann")).status_code == 204
    assert [each.does for each in broker.asks] == [Does.EXPORT]
    assert not (Places.of(settings.home).exports / export_id).exists()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param({"format": "xlsx"}, "format", id="a format that is none"),
        pytest.param({"query": ""}, "query", id="no SQL"),
        pytest.param({"to": "/etc/passwd"}, "to", id="a path"),
    ],
)
def test_what_is_no_export_is_refused(client, body, says):
    answer = client.post(PATH, json=QUERY | body, **as_user("ann"))
    assert answer.status_code == 422
    assert says in answer.text


def test_it_takes_an_analyst(client):
    assert client.post(PATH, json=QUERY, **as_user("viewer")).status_code == 403
    assert client.get(PATH).status_code == 401


def test_who_takes_the_name_of_a_deleted_account_does_not_take_its_exports(client, broker):
    export_id = created(client, "ben")["export_id"]
    assert client.get(PATH, **as_user("ben")).json()[0]["export_id"] == export_id
    assert client.get(PATH, **as_user("another ben")).json() == []
    assert client.get(PATH + "/" + export_id, **as_user("another ben")).status_code == 404
    assert client.delete(PATH + "/" + export_id, **as_user("another ben")).status_code == 404
