import pytest

from analytics_pipelines.sql_service.broker import statistics
from analytics_pipelines.sql_service.broker.statistics import Statistics, percentile
from analytics_pipelines.sql_service.errors import ErrorClass


def counted() -> Statistics:
    return Statistics(lambda: 0.0)


def test_nothing_asked_is_nothing_failed():
    told = counted().told()
    assert told["metrics"] == {
        "total_queries": 0,
        "success_rate": 100.0,
        "cached_answers": 0,
        "rows": 0,
        "avg_query_time": 0.0,
        "p50_query_time": 0.0,
        "p95_query_time": 0.0,
        "p99_query_time": 0.0,
    }
    assert told["performance"] == {"recent_query_times": [], "queries_over_1s": 0, "queries_over_5s": 0}
    assert told["users"] == []


def test_rates_times_and_rows_are_counted():
    those = counted()
    for number in range(100):
        those.ended("ann", ErrorClass.QUERY if number < 25 else None, (number + 1) / 10, rows=2)
    told = those.told()
    assert told["metrics"] == {
        "total_queries": 100,
        "success_rate": 75.0,
        "cached_answers": 0,
        "rows": 200,
        "avg_query_time": pytest.approx(5.05),
        "p50_query_time": 5.0,
        "p95_query_time": 9.5,
        "p99_query_time": 9.9,
    }
    assert told["performance"]["queries_over_1s"] == 90
    assert told["performance"]["queries_over_5s"] == 50
    assert told["performance"]["recent_query_times"] == [(100 - number) / 10 for number in range(20)]


def test_errors_are_told_by_class_those_that_never_came_too():
    those = counted()
    those.ended("ann", ErrorClass.TIMEOUT, 30)
    assert those.told()["errors"] == {
        "query": 0,
        "connection": 0,
        "resource": 0,
        "timeout": 1,
        "cancelled": 0,
        "internal": 0,
    }


def test_users_are_told_from_the_one_who_asked_last():
    those = counted()
    those.ended("ann", None, 1, rows=3)
    those.ended("bob", None, 0, rows=5, is_cached=True)
    those.ended("ann", ErrorClass.QUERY, 2)
    assert those.told()["users"] == [
        {"user": "ann", "queries": 2, "failures": 1, "cached": 0, "seconds": 3.0, "rows": 3},
        {"user": "bob", "queries": 1, "failures": 0, "cached": 1, "seconds": 0.0, "rows": 5},
    ]


def test_users_past_the_bound_are_counted_together(monkeypatch):
    monkeypatch.setattr(statistics, "MOST_USERS", 2)
    those = counted()
    for user in ("ann", "bob", "ann", "cem", "dan"):
        those.ended(user, None, 1)
    told = those.told()
    assert [each["user"] for each in told["users"]] == ["dan", "cem"]
    assert told["other_users"] == {"queries": 3, "failures": 0, "cached": 0, "seconds": 3.0, "rows": 0}


def test_percentiles_are_of_the_last_queries_alone():
    those = counted()
    for seconds in [9.0] * 10 + [1.0] * statistics.WINDOW:
        those.ended("ann", None, seconds)
    assert those.told()["metrics"]["p99_query_time"] == 1.0


def test_uptime_counts_from_the_start():
    times = iter([5.0, 12.5])
    assert Statistics(lambda: next(times)).uptime_s == 7.5


@pytest.mark.parametrize(
    ("percent", "value"),
    [
        pytest.param(50, 2, id="half of four"),
        pytest.param(51, 3, id="a bit more"),
        pytest.param(99, 4, id="nearly all"),
        pytest.param(100, 4, id="all"),
        pytest.param(1, 1, id="few"),
    ],
)
def test_a_percentile_is_one_of_the_values(percent, value):
    assert percentile([1, 2, 3, 4], percent) == value


def test_answers_hold_no_dust_of_floating_point():
    assert statistics.shown_s(0.1 + 0.2) == 0.3
    assert (statistics.shown_pct(1, 3), statistics.shown_pct(0, 0)) == (33.33, 100.0)
