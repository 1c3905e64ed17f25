"""From rows in the lake to answers over HTTP: what the SQL service says is what DuckDB says over the same files."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import DuckLimits, arrow_of
from analytics_pipelines.foundation.generation import GenerationFolders
from analytics_pipelines.foundation.generation.description import read_generation
from analytics_pipelines.foundation.generation.views import attach_rooms, make_view, query_of
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.web_events.tables import CORE_EVENTS
from analytics_pipelines_tests.conftest import TEMPLATE, settings_in
from analytics_pipelines_tests.sql_service.running import PREFIX, Running, running
from analytics_pipelines_tests.waiting import wait_until
from benchmarks.sql_events import store_events
from benchmarks.tpch.rows import QUESTIONS, generated, publish, question

CLICKBENCH = Path(__file__).parents[1] / "sql_service" / "clickbench.sql"
SCALE = 0.01
LONG = "SELECT count(*) FROM lineitem a, lineitem b, lineitem c WHERE a.l_tax + b.l_tax + c.l_tax < $1"
LONG_TIMEOUT_S = 15.0


@pytest.fixture(scope="module")
def home(tmp_path_factory, postgres_server) -> Iterator[Settings]:
    """A home with TPC-H and two days of events published, and a database."""
    folder = tmp_path_factory.mktemp("sql")
    urls = postgres_server.create("sql_journey", TEMPLATE)
    settings = settings_in(folder / "home", database_url=urls.app, database_owner_url=urls.owner)
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    tables = publish(lake, generated(folder / "tpch", scale=SCALE))
    store_events(lake, days=2, rows_a_day=5000)
    build_generation(settings, lake, [*tables, CORE_EVENTS], hot=())
    lake.duck.close()
    yield settings
    postgres_server.drop("sql_journey")


@pytest.fixture(scope="module")
def service(home) -> Iterator[Running]:
    """The service over it."""
    assert home.database_url is not None
    database = Database(home.database_url.get_secret_value(), name="test", settings=home)
    with running(home, database) as found:
        yield found
    database.close()


@pytest.fixture(scope="module")
def in_process(home) -> Iterator[DuckDBPyConnection]:
    """DuckDB in this process over the same files."""
    folders = GenerationFolders.of(home.home)
    folder = folders.folder(folders.current_id() or "")
    generation = read_generation(folder)
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        attach_rooms(connection, folder, generation)
        for table in generation.tables:
            make_view(connection, table.name, query_of(folder, table))
        yield connection


def rows_of(table) -> list[str]:
    """Rows as text, without an order: some questions leave ties to the engine."""
    return sorted(map(repr, table.to_pylist()))


def test_all_22_questions_of_tpch_over_http_give_what_duckdb_gives_in_process(service, in_process):
    found = {number: rows_of(service.table(question(number))) for number in QUESTIONS}
    assert found == {number: rows_of(arrow_of(in_process, Sql(question(number)))) for number in QUESTIONS}


@pytest.mark.long
def test_all_22_questions_of_tpch_give_as_many_rows_and_columns_as_json(service, in_process):
    for number in QUESTIONS:
        answer = service.answer(question(number), timeout_s=20)
        expected = arrow_of(in_process, Sql(question(number)))
        assert [each["name"] for each in answer["columns"]] == expected.column_names
        assert answer["row_count"] == len(answer["data"]) == expected.num_rows
        assert not answer["truncated"]


def test_43_questions_in_the_shape_of_clickbench_answer_over_the_events_table(service, in_process):
    questions = CLICKBENCH.read_text(encoding="utf-8").splitlines()
    assert len(questions) == 43
    for each in questions:
        assert service.answer(each)["row_count"] == len(in_process.execute(each).fetchall()), each


def test_an_analyst_sees_events_without_what_tells_of_persons(service):
    answer = service.query("SELECT * FROM core_web__events LIMIT 1", as_analyst=True).json()
    shown = {each["name"] for each in answer["columns"]}
    assert shown == {each.name for each in CORE_EVENTS.columns} - set(CORE_EVENTS.personal)
    refused = service.query("SELECT visitor_id FROM core_web__events", as_analyst=True)
    assert refused.status_code == 422


def test_a_short_query_is_answered_while_six_long_ones_run_and_wait(service):
    def ask(number: int) -> int:
        return service.query(LONG, [-number], timeout_s=LONG_TIMEOUT_S).status_code

    with ThreadPoolExecutor(6) as threads:
        longs = [threads.submit(ask, number) for number in range(1, 7)]
        wait_until(lambda: len(running_long(service)) == 6)
        assert service.answer("SELECT count(*) FROM nation")["data"] == [[25]]
        assert not any(each.done() for each in longs)
        for query_id in running_long(service):
            service.admin.delete(PREFIX + "/queries/" + query_id)
        assert {each.result() for each in longs} == {409}


def running_long(service) -> list[str]:
    running = service.admin.get(PREFIX + "/queries").json()["running"]
    return [each["query_id"] for each in running if each["sql"] == LONG]
