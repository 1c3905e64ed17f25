"""Forecasts out of rows."""

import math

from analytics_pipelines_tests.datasets.execution.example import found

MONTHS = """
SELECT TIMESTAMP '2020-01-01' + to_months(CAST(number AS INTEGER)) AS at, 100 + number + (number % 12) * 5 AS y
FROM range(48) AS t (number)
"""

MORNINGS = """
SELECT timezone('Europe/Berlin', TIMESTAMP '2025-03-01 08:00' + to_days(CAST(number AS INTEGER))) AS at, number % 7 AS y
FROM range(60) AS t (number)
"""


def test_mornings_of_a_place_follow_each_other_when_the_clocks_change():
    plan = {"operation": "forecast", "time_column": "at", "target_column": "y", "horizon": 3}
    answer = found(MORNINGS, **plan, timezone="Europe/Berlin")
    assert {each["at"].utcoffset().total_seconds() for each in answer.result["history"]} == {3600, 7200}
    assert (answer.result["step"], answer.result["filled"]) == ("day", 0)
    assert [each["at"].hour for each in answer.result["points"]] == [8, 8, 8]


def test_a_series_is_carried_on_with_its_history_and_what_was_tried():
    answer = found(MONTHS, operation="forecast", time_column="at", target_column="y", horizon=3)
    result = answer.result
    assert [each["at"].isoformat() for each in result["points"]] == [
        "2024-01-01T00:00:00",
        "2024-02-01T00:00:00",
        "2024-03-01T00:00:00",
    ]
    assert math.isclose(result["points"][0]["value"], 148, rel_tol=0.05)
    assert len(result["history"]) == 48
    assert {"model", "is_naive", "statement", "backtest", "season_length"} <= result.keys()
    assert answer.chart_spec


def test_what_a_bucket_is_summed_up_by_stands_at_the_axis():
    plan = {"operation": "forecast", "time_column": "at", "target_column": "y", "horizon": 3, "bucket": "year"}
    query = (
        "SELECT TIMESTAMP '1990-01-01' + to_years(CAST(number AS INTEGER)) AS at, 1 AS y FROM range(9) AS t (number)"
    )
    answer = found(query, **plan, measures=[{"operation": "count"}])
    assert answer.chart_spec["title"]["text"].startswith("count_y, 3 steps ahead")
