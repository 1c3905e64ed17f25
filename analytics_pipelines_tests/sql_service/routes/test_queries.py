"""GET and DELETE /queries: the broker decides whose they are; who asks is told to it."""

from analytics_pipelines.sql_service.allowance import Caller, Rights
from analytics_pipelines.sql_service.errors import QueryNotFound
from analytics_pipelines.sql_service.messages import Does
from analytics_pipelines_tests.sql_service.stand_in import failed, told

RUNNING = {"query_id": "q7", "user": "token analyst", "sql": "SELECT 1", "state": "running"}


def test_queries_are_listed_for_who_asks(broker, door):
    broker.answers["queries"] = told(running=[RUNNING], recent=[])
    assert door.analyst.get("/queries").json() == {"running": [RUNNING], "recent": []}
    door.admin.get("/queries")
    assert [ask.caller for ask in broker.asks] == [
        Caller("token analyst", Rights.ANALYST),
        Caller("token admin", Rights.ADMIN),
    ]


def test_a_query_is_cancelled_by_its_id(broker, analyst):
    broker.answers["cancel"] = told(query_id="q7")
    answer = analyst.delete("/queries/q7")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (broker.asks[0].does, broker.asks[0].query_id) == (Does.CANCEL, "q7")


def test_what_does_not_run_for_the_caller_is_not_found(broker, analyst):
    broker.answers["cancel"] = [failed(QueryNotFound("No query of that id runs."))]
    answer = analyst.delete("/queries/other")
    assert (answer.status_code, answer.json()["code"]) == (404, "QueryNotFound")


def test_other_peoples_sql_is_not_for_viewers(broker, door):
    for client, status in ((door.nobody, 401), (door.viewer, 403)):
        assert client.get("/queries").status_code == status
        assert client.delete("/queries/q7").status_code == status
    assert broker.asks == []
