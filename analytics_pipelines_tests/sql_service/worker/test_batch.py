"""Statements in order: what they leave for each other, what they leave for nobody, and which one failed."""

import pytest

from analytics_pipelines.sql_service.messages import Does

MAKE = "CREATE TABLE pages AS SELECT page, count(*) AS visits FROM core_shop__visits GROUP BY page"
READ = "SELECT count(*) AS pages, sum(visits)::BIGINT AS visits FROM pages"


def batch(worker, *sql, **given):
    return worker.ask(*sql, does=Does.BATCH, **given)


def results(outcome):
    assert outcome.answered.error is None, outcome.answered.error
    return outcome.answered.members["results"]


def test_a_table_lives_for_the_batch(worker):
    found = results(batch(worker, MAKE, READ, "DROP TABLE pages", "SELECT 1 AS one"))
    assert [each["data"] for each in found] == [[], [[10, 1000]], [], [[1]]]
    assert found[1]["columns"] == [{"name": "pages", "type": "BIGINT"}, {"name": "visits", "type": "BIGINT"}]
    assert all(each["execution_time"] > 0 and each["truncated"] is False for each in found)


def test_the_next_caller_sees_nothing_of_it(worker):
    assert results(batch(worker, MAKE))[0]["row_count"] == 10
    assert worker.ask("SELECT * FROM pages").done.error_class == "query"
    assert batch(worker, READ).done.error_class == "query"
    assert results(batch(worker, MAKE, READ))[1]["data"] == [[10, 1000]]


def test_rows_are_added(worker):
    found = results(
        batch(
            worker,
            "CREATE TEMP TABLE kept (visit_id BIGINT, page VARCHAR)",
            "INSERT INTO kept SELECT visit_id, page FROM raw_shop__visits WHERE visit_id < 3",
            "INSERT INTO kept VALUES (7, 'x')",
            "SELECT count(*) FROM kept",
        )
    )
    assert [each["row_count"] for each in found] == [0, 3, 1, 1]
    assert found[3]["data"] == [[4]]


def test_in_a_transaction_one_failure_is_that_of_all_and_is_named(worker):
    outcome = batch(worker, MAKE, "SELECT nothing FROM pages", READ)
    assert outcome.error["code"] == "DuckDBQueryError"
    assert outcome.error["detail"].startswith("Query 2 of the batch: ")
    assert [fault["pointer"] for fault in outcome.error["faults"]] == ["/queries/1"]
    assert (outcome.answered.data, outcome.done.error_class) == (b"", "query")


def test_without_one_each_stands_for_itself(worker):
    wrong = ("SELECT nothing FROM pages", "INSERT INTO pages SELECT 'a', CAST('b' AS BIGINT)")
    found = results(batch(worker, MAKE, *wrong, READ, uses_transaction=False))
    assert [sorted(each) for each in found[1:3]] == [["error"], ["error"]]
    assert found[2]["error"]["faults"][0]["pointer"] == "/queries/2"
    assert found[3]["data"] == [[10, 1000]]


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("DROP TABLE core_shop__visits", id="drop"),
        pytest.param("INSERT INTO core_shop__visits SELECT * FROM core_shop__visits", id="insert"),
        pytest.param("COPY (SELECT 1) TO 'x.csv'", id="copy"),
        pytest.param("CREATE VIEW v AS SELECT 1", id="view"),
        pytest.param("CREATE TABLE shop.main.mine AS SELECT 1", id="elsewhere"),
    ],
)
def test_only_tables_of_the_batch_are_written(worker, sql):
    assert batch(worker, sql).done.error_class == "query"


def test_values_belong_to_their_statement(worker):
    outcome = worker.ask("SELECT $1 AS value", "SELECT $1 AS value", parameters=["a"], does=Does.BATCH)
    assert [each["data"] for each in results(outcome)] == [[["a"]], [["a"]]]


def test_answers_are_cut_off_one_by_one(worker):
    found = results(batch(worker, "SELECT * FROM range(20)", "SELECT * FROM range(5)", row_limit=10))
    assert [(each["row_count"], each["truncated"]) for each in found] == [(10, True), (5, False)]
