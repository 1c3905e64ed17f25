"""POST /batch: statements in order, with parameters or without."""

import pytest

from analytics_pipelines.foundation.errors import FaultAt
from analytics_pipelines.sql_service.errors import DuckDBQueryError
from analytics_pipelines.sql_service.messages import Does, Statement
from analytics_pipelines.sql_service.routes.models import MOST_STATEMENTS
from analytics_pipelines_tests.sql_service.stand_in import END, data, end, failed, head

RESULTS = b'"results":[{"data":[],"columns":[],"row_count":0,"truncated":false,"execution_time":0.001}]'


def test_statements_are_asked_for_in_order(broker, analyst):
    broker.answers["batch"] = [head(), data(RESULTS), end()]
    sent = {"queries": ["CREATE TABLE t (a INT)", {"query": "INSERT INTO t VALUES ($1)", "params": [1]}]}
    answer = analyst.post("/batch", json={**sent, "use_transaction": False, "timeout_s": 5})
    assert (answer.status_code, "etag" in answer.headers) == (200, False)
    assert len(answer.json()["results"]) == 1
    assert answer.json()["query_id"] == END["query_id"]
    (ask,) = broker.asks
    assert ask.statements == (Statement("CREATE TABLE t (a INT)"), Statement("INSERT INTO t VALUES ($1)", [1]))
    assert (ask.does, ask.uses_transaction, ask.timeout_s) == (Does.BATCH, False, 5)


def test_all_or_nothing_unless_said_otherwise(broker, analyst):
    broker.answers["batch"] = [head(), data(RESULTS), end()]
    analyst.post("/batch", json={"queries": ["SELECT 2"]})
    assert broker.asks[0].uses_transaction


def test_the_statement_that_fails_is_named(broker, analyst):
    fault = FaultAt(pointer="/queries/1", code="DuckDBQueryError", message="Query 2 of the batch: no such table.")
    broker.answers["batch"] = [failed(DuckDBQueryError("No such table.", faults=[fault]))]
    answer = analyst.post("/batch", json={"queries": ["SELECT 2", "SELECT * FROM nowhere"]})
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/queries/1"]


@pytest.mark.parametrize(
    "queries",
    [
        pytest.param([], id="none"),
        pytest.param(["SELECT 1"] * (MOST_STATEMENTS + 1), id="too many"),
        pytest.param([""], id="an empty one"),
        pytest.param([{"sql": "SELECT 1"}], id="an unknown name"),
        pytest.param("SELECT 1", id="no list"),
    ],
)
def test_what_is_no_list_of_statements_is_refused(broker, analyst, queries):
    assert analyst.post("/batch", json={"queries": queries}).status_code == 422
    assert broker.asks == []
