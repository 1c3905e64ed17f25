"""POST /explain: the plan of a query."""

import pytest

from analytics_pipelines.sql_service.messages import Does, Statement
from analytics_pipelines_tests.sql_service.stand_in import data, end, head

PLAN = {"name": "DUMMY_SCAN", "details": {}, "estimated_rows": 1, "children": []}


@pytest.mark.parametrize("analyze", [False, True])
def test_a_plan_is_told_as_the_worker_gives_it(broker, analyst, analyze):
    broker.answers["explain"] = [
        head(is_repeatable=True),
        data(b'"plan":{"name":"DUMMY_SCAN","details":{},"estimated_rows":1,"children":[]}'),
        end(row_count=0),
    ]
    answer = analyst.post("/explain", json={"query": "SELECT $1", "params": [1], "analyze": analyze})
    assert (answer.status_code, answer.json()["plan"]) == (200, PLAN)
    assert "etag" not in answer.headers
    (ask,) = broker.asks
    assert (ask.does, ask.statements, ask.is_analyzed) == (Does.EXPLAIN, (Statement("SELECT $1", [1]),), analyze)


def test_viewers_are_shown_no_plan(broker, door):
    assert door.viewer.post("/explain", json={"query": "SELECT 1"}).status_code == 403
    assert broker.asks == []
