"""A SELECT in a real, caged worker: rows, types, parameters, formats, what callers see, and how errors are told."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics_pipelines.foundation.sql import Sql, name
from analytics_pipelines.sql_service.allowance import Rights
from analytics_pipelines.sql_service.messages import HEADER, Format, Kind
from analytics_pipelines_tests.sql_service.worker.at_work import RAW_VISITS, ROWS, VISITS

COUNT = "SELECT count(*) AS visits FROM core_shop__visits"
FIRST = Sql("SELECT visit_id, visited_date, page FROM {table} WHERE visit_id < 2 ORDER BY 1")
TABLES = [pytest.param(table.name, id=table.name) for table in (VISITS, RAW_VISITS)]


@pytest.mark.parametrize("table", TABLES)
def test_native_and_parquet_tables_are_read_by_name(worker, table):
    outcome = worker.ask(FIRST.fill(table=name(table)).text)
    assert outcome.rows == [[0, "2026-11-20", "/page/0"], [1, "2026-11-20", "/page/1"]]
    assert outcome.answered.head["columns"] == [["visit_id", "BIGINT"], ["visited_date", "DATE"], ["page", "VARCHAR"]]
    assert outcome.done.columns == (("visit_id", "BIGINT"), ("visited_date", "DATE"), ("page", "VARCHAR"))


def test_an_answer_says_what_it_cost(worker):
    job = worker.job(COUNT)
    outcome = worker.finish(worker.begin(job))
    end, head = outcome.answered.end, outcome.answered.head
    assert end["query_id"] == head["query_id"] == outcome.done.query_id == job.query_id
    assert end["generation"] == head["generation"] != ""
    assert (end["row_count"], end["truncated"], end["is_cached"]) == (1, False, False)
    assert 0 < end["execution_time"] < 30
    assert end["memory_usage"] >= 0
    assert outcome.done.engine_s == end["execution_time"]
    assert (outcome.done.rows, outcome.done.error_class, outcome.done.wants_rest) == (1, None, False)


@pytest.mark.parametrize(
    ("sql", "parameters", "row"),
    [
        pytest.param("SELECT $1 + $2", [1, 2], [3], id="by position"),
        pytest.param("SELECT ? || ?", ["a", "b"], ["ab"], id="by question marks"),
        pytest.param("SELECT $day > $other", {"day": 2, "other": 1}, [True], id="by name"),
        pytest.param("SELECT typeof($1)", ["2026-11-20"], ["VARCHAR"], id="ISO texts stay texts"),
        pytest.param("SELECT visited_date = $1 FROM core_shop__visits LIMIT 1", ["2026-11-20"], [True], id="as a day"),
        pytest.param("SELECT list_sum($1)", [[1, 2, 3]], [6], id="a list"),
        pytest.param("SELECT $1 IS NULL, $2", [None, 1.5], [True, 1.5], id="null and a fraction"),
        pytest.param(
            "SELECT $1", ["'; DROP TABLE core_shop__visits; --"], ["'; DROP TABLE core_shop__visits; --"], id="no SQL"
        ),
    ],
)
def test_values_are_bound(worker, sql, parameters, row):
    assert worker.ask(sql, parameters=parameters).rows == [row]


@pytest.mark.parametrize(
    ("sql", "parameters"),
    [
        pytest.param("SELECT $1, $2", [1], id="too few"),
        pytest.param("SELECT $1", [1, 2], id="too many"),
        pytest.param("SELECT 1", [1], id="none wanted"),
        pytest.param("SELECT $1", None, id="none given"),
        pytest.param("SELECT $day", {"night": 1}, id="another name"),
        pytest.param("SELECT $1", [{"a": 1}], id="an object"),
    ],
)
def test_parameters_that_do_not_fit_are_the_callers_mistake(worker, sql, parameters):
    outcome = worker.ask(sql, parameters=parameters)
    assert outcome.error["code"] == "DuckDBQueryError"
    assert outcome.done.error_class == "query"


def test_the_same_text_with_values_of_other_types_is_planned_anew(worker):
    columns = [
        worker.ask("SELECT $1 AS value", parameters=[value]).answered.head["columns"] for value in (1, "a", 2**40)
    ]
    assert [kind for ((_, kind),) in columns] == ["INTEGER", "VARCHAR", "BIGINT"]


def test_rows_past_the_limit_are_cut_off(worker):
    outcome = worker.ask("SELECT visit_id FROM core_shop__visits", row_limit=10)
    assert len(outcome.rows) == 10
    assert (outcome.answered.end["row_count"], outcome.answered.end["truncated"]) == (10, True)
    assert worker.ask("SELECT visit_id FROM core_shop__visits", row_limit=ROWS).answered.end["truncated"] is False


def test_each_format_holds_all_rows(worker):
    sql = "SELECT visit_id, page FROM raw_shop__visits ORDER BY 1"
    arrow = pa.ipc.open_stream(worker.ask(sql, format=Format.ARROW).answered.data).read_all()
    parquet = pq.read_table(io.BytesIO(worker.ask(sql, format=Format.PARQUET).answered.data))
    csv = worker.ask(sql, format=Format.CSV).answered.data.decode().splitlines()
    assert arrow.column("visit_id").to_pylist() == parquet.column("visit_id").to_pylist() == list(range(ROWS))
    assert (csv[0], csv[1], len(csv)) == ('"visit_id","page"', '0,"/page/0"', ROWS + 1)


def test_a_long_answer_comes_in_many_frames_and_is_not_kept(worker):
    sql = "SELECT i, md5(CAST(i AS VARCHAR)) AS text FROM range(50000) AS t(i)"
    outcome = worker.ask(sql, row_limit=1_000_000, keeps_answer=True)
    assert len(outcome.rows) == 50_000
    assert outcome.rows[43_210][0] == 43_210
    assert outcome.kept == b""
    assert outcome.done.sent_bytes > len(outcome.answered.data)


def test_a_short_answer_is_kept_for_the_cache_as_it_was_sent(worker):
    outcome = worker.ask(COUNT, keeps_answer=True)
    kind, length = HEADER.unpack(outcome.kept[: HEADER.size])
    assert Kind(kind) is Kind.HEAD
    assert outcome.kept[HEADER.size + length :].endswith(b'"is_cached":false}')
    assert len(outcome.kept) == outcome.done.sent_bytes
    assert outcome.answered.head["is_repeatable"] is outcome.done.is_repeatable is True
    assert worker.ask("SELECT random()", keeps_answer=True).kept == b""
    assert worker.ask(COUNT).kept == b""


def test_analysts_do_not_see_who_came_and_admins_do(worker):
    sql = "SELECT * FROM core_shop__visits WHERE visit_id = 7"
    assert [name for name, _ in worker.ask(sql).answered.head["columns"]] == ["visit_id", "visited_date", "page"]
    assert worker.ask(sql, rights=Rights.ADMIN).rows == [[7, "2026-11-20", "/page/7", "7@example.org"]]
    assert worker.ask(sql).rows == [[7, "2026-11-20", "/page/7"]]


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("SELECT email FROM core_shop__visits", id="selected"),
        pytest.param("SELECT v.EMAIL FROM raw_shop__visits v", id="by the table's other name"),
        pytest.param("SELECT count(*) FROM core_shop__visits WHERE email LIKE '7%'", id="compared"),
    ],
)
def test_an_analyst_who_names_a_hidden_column_is_told_so(worker, sql):
    error = worker.ask(sql).error
    assert error["detail"] == 'The column "email" is hidden, because it tells of persons.'
    assert "admin" in error["remedy"]


def test_a_column_that_is_nowhere_is_not_called_hidden(worker):
    error = worker.ask("SELECT emails FROM core_shop__visits").error
    assert "hidden" not in error["detail"]
    assert "LINE 1: SELECT emails FROM core_shop__visits" in error["detail"]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        pytest.param("SELEC 1", "query", id="no SQL"),
        pytest.param("SELECT nothing FROM core_shop__visits", "query", id="no such column"),
        pytest.param("SELECT 'a'::INTEGER", "query", id="no number"),
        pytest.param(
            "SELECT CAST('a' || visit_id AS INTEGER) FROM raw_shop__visits", "query", id="no number, found late"
        ),
        pytest.param("SELECT 9223372036854775807 + visit_id FROM core_shop__visits", "query", id="out of range"),
        pytest.param("SELECT * FROM read_text('/etc/passwd')", "query", id="refused by the gate"),
    ],
)
@pytest.mark.parametrize("target", [pytest.param(each, id=each.value) for each in Format])
def test_mistakes_in_the_query_are_told_without_paths_and_wear_nothing_out(worker, sql, code, target):
    outcome = worker.ask(sql, format=target)
    assert outcome.done.error_class == code
    assert outcome.answered.head is None
    assert "/proc" not in outcome.error["detail"]
    assert "AS answer" not in outcome.error["detail"]
    assert (outcome.has_begun, outcome.done.wants_rest) == (True, False)
    assert worker.ask(COUNT).rows == [[ROWS]]


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("SELECT repeat('x', 3000000000)", id="one long text"),
        pytest.param("SELECT count(*) FROM (SELECT unnest(range(200000000)))", id="one long list"),
        pytest.param("SELECT length(string_agg(repeat('x', 1000), '')) FROM range(500000)", id="one long sum of texts"),
    ],
)
def test_what_needs_too_much_memory_is_told_and_tires_the_worker(own_worker, sql):
    outcome = own_worker.ask(sql)
    assert outcome.error["code"] == "DuckDBResourceError"
    assert (outcome.done.error_class, outcome.done.wants_rest) == ("resource", True)
    assert own_worker.ask(COUNT).rows == [[ROWS]]
