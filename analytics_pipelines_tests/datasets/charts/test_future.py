"""Forecasts as they are drawn."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from analytics_pipelines.datasets.charts.future import forecast_chart
from analytics_pipelines_tests.datasets.charts.charted import SOURCES, notes_of, rows_of

HOURS = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=i) for i in range(5000)]


def test_the_forecast_sets_out_from_the_last_value_that_was_observed():
    rows = rows_of(forecast_chart(SOURCES["forecast"]))
    assert len(rows) == 12 + 1 + 1
    assert rows[12] == {"k": "forecast", "t": rows[10]["t"], "y": 10, "a": 10, "b": 10, "c": 10, "d": 10}
    assert [rows[13][field] for field in "abycd"] == [9.0, 10.0, 11.0, 12.0, 13.0]


def test_a_long_history_is_cut_so_that_the_forecast_can_be_seen():
    specification = forecast_chart(replace(SOURCES["forecast"], at=HOURS, values=[1.0] * 5000))
    assert len(rows_of(specification)) == 120 + 2
    assert notes_of(specification)[1] == "The last 120 of 5,000 values shown."


def test_a_history_without_values_leaves_the_forecast_alone():
    rows = rows_of(forecast_chart(replace(SOURCES["forecast"], values=[None] * 12)))
    assert [row["k"] for row in rows].count("forecast") == 1
