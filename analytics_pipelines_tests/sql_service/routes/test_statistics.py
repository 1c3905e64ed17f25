"""GET /statistics and the circuit breaker's reset."""

from analytics_pipelines.sql_service.allowance import Rights
from analytics_pipelines.sql_service.messages import Does
from analytics_pipelines_tests.sql_service.stand_in import told

USERS = [{"user": "token analyst", "queries": 2}, {"user": "ada", "queries": 5}]
PARTS = {"service": {"uptime_seconds": 1.5}, "metrics": {"total_queries": 7}, "performance": {}, "system": {}}


def test_statistics_are_told_with_the_callers_own_part(broker, door):
    broker.answers["statistics"] = told(**PARTS, users=USERS, cache={"hits": 1})
    own = door.analyst.get("/statistics").json()
    assert own == {**PARTS, "users": USERS[:1], "cache": {"hits": 1}}
    assert door.viewer.get("/statistics").json()["users"] == []
    assert door.admin.get("/statistics").json()["users"] == USERS
    assert door.nobody.get("/statistics").status_code == 401


def test_an_admin_alone_resets_the_breaker(broker, door):
    closed = {"state": "closed", "failure_count": 0, "success_rate": 100.0}
    broker.answers["reset"] = told(**closed)
    assert [client.post("/circuit-breaker/reset").status_code for client in (door.nobody, door.analyst)] == [401, 403]
    assert door.admin.post("/circuit-breaker/reset").json() == closed
    assert [(ask.does, ask.caller.rights) for ask in broker.asks] == [(Does.RESET, Rights.ADMIN)]
