"""GET /health: open to all, in the contract's words alone."""

import pytest

from analytics_pipelines.sql_service.errors import QueryFailed
from analytics_pipelines_tests.sql_service.stand_in import failed, told

HEALTH = {
    "service_initialized": True,
    "database_exists": True,
    "database_size_mb": 12.5,
    "query_test": {"success": True, "execution_time": 0.001},
    "connection_pool": {"total_connections": 4, "available_connections": 3, "max_connections": 4},
    "circuit_breaker": {"state": "closed", "failure_count": 0, "success_rate": 100.0},
}
FOR_OPERATORS = {"trouble": "landlock is missing in /home/ada", "cage_lacks": ["seccomp"]}


@pytest.mark.parametrize(("status", "code"), [("healthy", 200), ("degraded", 503)])
def test_health_is_told_to_everybody_without_what_helps_a_stranger(broker, door, status, code):
    broker.answers["health"] = told(status=status, **HEALTH, **FOR_OPERATORS)
    answer = door.nobody.get("/health")
    assert (answer.status_code, answer.json()) == (code, {"status": status, **HEALTH})
    assert ("retry-after" in answer.headers) == (code == 503)
    assert answer.headers.get("cache-control") in {None, "no-store", "private, no-store"}


def test_a_broker_that_fails_is_a_degraded_service(broker, door):
    broker.answers["health"] = [failed(QueryFailed("In our log."))]
    answer = door.nobody.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "degraded")
    assert answer.json().keys() == {"status", *HEALTH}
    assert answer.json()["service_initialized"] is False
