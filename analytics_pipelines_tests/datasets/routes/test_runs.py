"""The door of what runs and what was run."""

import json
from concurrent.futures import ThreadPoolExecutor

from analytics_pipelines_tests.datasets.routes.house import MEAN, executed, halted_processes
from analytics_pipelines_tests.waiting import wait_until

RUNS = "/api/analytics/executions"


def test_a_plan_that_runs_is_listed_and_cancelled_by_its_user_alone(anna, berta, session):
    executed(anna, session, MEAN)
    with halted_processes(), ThreadPoolExecutor(1) as pool:
        running = pool.submit(executed, anna, session, MEAN)
        wait_until(lambda: anna.get(RUNS).json() != [], seconds=15)
        (run,) = anna.get(RUNS).json()
        assert run["subject"] == session
        assert berta.get(RUNS).json() == []
        assert berta.delete(RUNS + "/" + run["id"]).status_code == 404
        assert anna.delete(RUNS + "/" + run["id"]).status_code == 204
        answer = running.result(timeout=10)
    assert (answer["success"], answer["error_code"]) == (False, "Cancelled")
    assert anna.get(RUNS).json() == []
    assert anna.get("/api/analytics/audit", params={"limit": 1}).json()[0]["outcome"] == "cancelled"
    assert executed(anna, session, MEAN)["success"] is True


def test_everybodys_audit_is_for_admins(anna, house, session):
    executed(anna, session, MEAN)
    assert anna.get("/api/analytics/audit/everybody").status_code == 403
    found = house.clients["admin"].get("/api/analytics/audit/everybody").json()
    assert "anna" in {each["username"] for each in found}
    assert "result" not in found[0]


def test_the_audit_is_there_as_csv_and_json_lines(anna, session):
    executed(anna, session, MEAN)
    text = anna.get("/api/analytics/audit", params={"format": "csv"}).text
    lines = anna.get("/api/analytics/audit", params={"format": "jsonl", "limit": 2}).text.splitlines()
    assert [json.loads(line)["username"] for line in lines] == ["anna", "anna"]
    assert text.splitlines()[0].startswith('"id","recorded_at","user_id","username","subject"')
