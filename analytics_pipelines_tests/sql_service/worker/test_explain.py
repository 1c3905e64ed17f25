"""Plans as trees: operators, estimates, times; never a file's name."""

import pytest

from analytics_pipelines.sql_service.messages import Does
from analytics_pipelines.sql_service.worker.explain import operator_of
from analytics_pipelines_tests.sql_service.worker.at_work import ROWS

SQL = "SELECT page, count(*) FROM raw_shop__visits WHERE visit_id >= $1 GROUP BY page ORDER BY 2"


def explained(worker, sql=SQL, **given):
    outcome = worker.ask(sql, does=Does.EXPLAIN, **given)
    assert outcome.answered.error is None, outcome.answered.error
    return outcome.answered


def operators(root):
    return [root, *(below for child in root["children"] for below in operators(child))]


def test_a_plan_is_a_tree_with_estimates(worker):
    answered = explained(worker, parameters=[0])
    found = operators(answered.members["plan"])
    assert "READ_PARQUET" in [each["name"] for each in found]
    assert any(each["estimated_rows"] for each in found)
    assert "time_s" not in found[0]
    assert answered.end["execution_time"] > 0


def test_an_analysis_runs_the_query_and_times_its_operators(worker):
    answered = explained(worker, parameters=[0], is_analyzed=True)
    found = operators(answered.members["plan"])
    assert [each["rows"] for each in found if each["name"].strip() in {"READ_PARQUET", "TABLE_SCAN"}] == [ROWS]
    assert all(each["time_s"] >= 0 for each in found)
    assert "EXPLAIN_ANALYZE" not in [each["name"] for each in found]
    assert answered.members["analysis"]["latency_s"] > 0


@pytest.mark.parametrize("is_analyzed", [pytest.param(True, id="analyzed"), pytest.param(False, id="planned")])
def test_no_plan_names_a_file(worker, is_analyzed):
    data = explained(worker, parameters=[0], is_analyzed=is_analyzed).data
    assert b"/proc" not in data
    assert b".parquet" not in data
    assert b"COPY" not in data


def test_paths_are_hidden_wherever_they_stand():
    told = {"name": " X ", "extra_info": {"Files": ["/proc/self/fd/7/a/b.parquet", 1], "Text": "in /proc/12/fd/3/x, y"}}
    assert operator_of(told)["details"] == {"Files": ["a file", 1], "Text": "in a file, y"}


def test_what_may_not_run_is_not_explained_either(worker):
    assert worker.ask("SELECT * FROM read_text('/etc/passwd')", does=Does.EXPLAIN).error["code"] == "QueryRefused"
    assert worker.ask("SELECT email FROM core_shop__visits", does=Does.EXPLAIN).error["detail"].count("hidden") == 1


def test_a_plan_that_is_too_deep_to_be_told_is_no_fault_of_the_engine(worker):
    deep = " EXCEPT ".join("SELECT " + str(each) + " + random()" for each in range(150))
    outcome = worker.ask(deep, does=Does.EXPLAIN)
    assert outcome.error["code"] == "DuckDBQueryError"
    assert "too deep" in outcome.error["detail"]
