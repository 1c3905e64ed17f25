"""A visitor is erased while the platform serves: nothing of them is left, and nothing of them is taken again."""

from pathlib import Path

import httpx
import pytest

from analytics_pipelines_tests.faults.platform_process import Platform, platform
from analytics_pipelines_tests.operations.visitors import files_with
from analytics_pipelines_tests.waiting import wait_until

pytestmark = [pytest.mark.timeout(300), pytest.mark.fault, pytest.mark.long]
ANNA, BEN = "anna-0123456789", "ben-0123456789"


def send(running: Platform, visitor: str, number: int) -> dict:
    event = {"eventType": "pageview", "eventId": f"{visitor}-{number}", "siteId": "shop", "visitorId": visitor}
    return httpx.post(running.url + "/collect", json=event, timeout=10).json()


def generation_of(running: Platform) -> str | None:
    state = httpx.get(running.url + "/", headers={"accept": "application/json"}, timeout=10).json()
    return state["generation"]


def held(home: Path, visitor: str) -> set[str]:
    """Files of the home that hold the visitor, but PostgreSQL's write-ahead log."""
    found = files_with(home, [visitor])
    return {name for name in found if "/pg_wal/" not in name}


def test_from_collected_events_to_no_byte_of_one_visitor(tmp_path: Path) -> None:
    with platform(tmp_path) as running:
        running.start()
        for number in range(3):
            assert send(running, ANNA, number)["status"] == "success"
            assert send(running, BEN, number)["status"] == "success"
        made = running.analytics("materialize", "web_events")
        assert made.returncode == 0, made.stderr
        wait_until(lambda: generation_of(running) is not None, seconds=30)
        visits = httpx.get(running.url + "/etl/recent-sessions", timeout=10).json()
        assert {each["visitor_id"] for each in visits} == {ANNA, BEN}

        erased = running.analytics("erase-visitor", "shop", ANNA, "--yes")
        assert erased.returncode == 0, erased.stderr

        again = [send(running, ANNA, number) for number in range(4)]
        assert {each["status"] for each in again} == {"error"}
        assert send(running, BEN, 9)["status"] == "success"
        made = running.analytics("materialize", "web_events")
        assert made.returncode == 0, made.stderr
        visits = httpx.get(running.url + "/etl/recent-sessions", timeout=10).json()
        assert {each["visitor_id"] for each in visits} == {BEN}
        assert running.stop() == 0
        assert held(running.home, ANNA) == set()
        assert held(running.home, BEN)
