"""Tables of the caller's own: counted, noted, bounded."""

import pytest

from analytics_pipelines.sql_service.gate.checked import Checked
from analytics_pipelines.sql_service.messages import Does
from analytics_pipelines.sql_service.worker.writing import MOST_TABLES, OwnTables


def test_tables_are_noted_as_they_come_and_go():
    own = OwnTables()
    for does, target in (("create", "a"), ("insert", "a"), ("create", "b"), ("drop", "a"), ("select", "")):
        own.changed_by(Checked(sql="", does=does, target=target, tables=frozenset(), is_repeatable=False))
    assert own.names == {"b"}


def test_there_are_not_too_many(worker):
    statements = ["CREATE TABLE t" + str(number) + " AS SELECT 1 AS a" for number in range(MOST_TABLES + 1)]
    outcome = worker.ask(*statements, does=Does.BATCH)
    assert outcome.error["limit"] == str(MOST_TABLES)
    assert outcome.error["faults"][0]["pointer"] == "/queries/" + str(MOST_TABLES)


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("CREATE TABLE a AS SELECT email FROM core_shop__visits", id="created"),
        pytest.param("INSERT INTO kept SELECT email FROM core_shop__visits", id="inserted"),
    ],
)
def test_hidden_columns_are_hidden_from_writes_too(worker, sql):
    outcome = worker.ask("CREATE TABLE kept (text VARCHAR)", sql, does=Does.BATCH)
    assert 'The column "email" is hidden' in outcome.error["detail"]


def test_values_are_bound_in_writes(worker):
    outcome = worker.ask(
        "CREATE TABLE kept AS SELECT $1 AS a", "SELECT a || $1 AS b FROM kept", does=Does.BATCH, parameters=["x"]
    )
    assert outcome.answered.members["results"][1]["data"] == [["xx"]]
