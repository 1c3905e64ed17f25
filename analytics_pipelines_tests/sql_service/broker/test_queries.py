from datetime import UTC, datetime

import pytest

from analytics_pipelines.sql_service.allowance import Caller, Rights
from analytics_pipelines.sql_service.broker.queries import MOST_SHOWN, Queries
from analytics_pipelines.sql_service.errors import ErrorClass, QueryNotFound

ANN, BOB = Caller("ann", Rights.ANALYST), Caller("bob", Rights.ANALYST)
ROOT = Caller("root", Rights.ADMIN)
NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)


class Hands:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def queries(clock: Hands) -> Queries:
    return Queries(lambda: NOW, clock, most_recent=3)


def test_a_query_is_told_of_as_it_waits_runs_and_ends(queries, clock):
    queries.asked("q1", ANN, "query", "SELECT 1")
    clock.now_s = 2.0
    [told] = queries.of(ANN)["running"]
    assert told == {
        "query_id": "q1",
        "user": "ann",
        "does": "query",
        "sql": "SELECT 1",
        "state": "queued",
        "is_long": False,
        "is_cached": False,
        "asked_at": "2026-11-05T12:00:00+00:00",
        "started_at": None,
        "seconds": 2.0,
        "waited_seconds": 2.0,
        "rows": 0,
        "error_class": None,
    }
    queries.started("q1", is_long=False)
    queries.lengthened("q1")
    clock.now_s = 5.0
    [told] = queries.of(ANN)["running"]
    assert (told["state"], told["is_long"], told["seconds"], told["waited_seconds"]) == ("running", True, 5.0, 2.0)
    queries.ended("q1", None, rows=7)
    clock.now_s = 60.0
    assert queries.of(ANN)["running"] == []
    [told] = queries.of(ANN)["recent"]
    assert (told["state"], told["rows"], told["seconds"], told["waited_seconds"]) == ("succeeded", 7, 5.0, 2.0)


def test_one_that_is_put_back_waits_again(queries, clock):
    queries.asked("q1", ANN, "query", "SELECT 1")
    queries.started("q1", is_long=False)
    queries.put_back("q1")
    clock.now_s = 4.0
    [told] = queries.of(ANN)["running"]
    assert (told["state"], told["is_long"], told["started_at"], told["waited_seconds"]) == ("queued", True, None, 4.0)


@pytest.mark.parametrize(
    ("error_class", "state"),
    [
        pytest.param(None, "succeeded", id="answered"),
        pytest.param(ErrorClass.CANCELLED, "cancelled", id="cancelled"),
        pytest.param(ErrorClass.QUERY, "failed", id="a mistake"),
        pytest.param(ErrorClass.TIMEOUT, "failed", id="too late"),
    ],
)
def test_how_it_ended_is_its_state(queries, error_class, state):
    queries.asked("q1", ANN, "query", "SELECT 1")
    queries.ended("q1", error_class)
    [told] = queries.of(ANN)["recent"]
    assert told["state"] == state
    assert queries.ended("q1", None) is None


def test_users_see_their_own_and_admins_all(queries):
    queries.asked("a", ANN, "query", "SELECT 1")
    queries.asked("b", BOB, "query", "SELECT 2")
    queries.asked("c", BOB, "query", "SELECT 3")
    queries.ended("c", None)
    assert [each["query_id"] for each in queries.of(ANN)["running"]] == ["a"]
    assert queries.of(ANN)["recent"] == []
    assert [each["query_id"] for each in queries.of(ROOT)["running"]] == ["a", "b"]
    assert [each["query_id"] for each in queries.of(ROOT)["recent"]] == ["c"]


def test_anothers_query_is_as_unknown_as_none(queries):
    queries.asked("a", ANN, "query", "SELECT 1")
    assert queries.alive("a", ANN).sql == "SELECT 1"
    assert queries.alive("a", ROOT).caller == ANN
    with pytest.raises(QueryNotFound) as of_another:
        queries.alive("a", BOB)
    with pytest.raises(QueryNotFound) as of_none:
        queries.alive("x", BOB)
    assert str(of_another.value) == str(of_none.value)
    queries.ended("a", None)
    assert "a" not in queries
    with pytest.raises(QueryNotFound):
        queries.alive("a", ANN)


def test_the_last_ones_are_kept_from_the_last(queries):
    for number in range(5):
        queries.asked(f"q{number}", ANN, "query", "SELECT 1")
        queries.ended(f"q{number}", None)
    assert [each["query_id"] for each in queries.of(ANN)["recent"]] == ["q4", "q3", "q2"]


def test_long_statements_are_shown_in_part(queries):
    queries.asked("q1", ANN, "query", "x" * MOST_SHOWN)
    assert queries.alive("q1", ANN).sql == "x" * MOST_SHOWN
    queries.asked("q2", ANN, "query", "x" * (MOST_SHOWN + 1))
    assert len(queries.alive("q2", ANN).sql) == MOST_SHOWN
