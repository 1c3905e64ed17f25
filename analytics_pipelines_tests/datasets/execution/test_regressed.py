"""Regressions out of rows."""

import pytest

from analytics_pipelines_tests.datasets.execution.example import found

LINE = "SELECT number AS x, number * number AS z, 3 + 2.0 * number + (number % 3 - 1) * 0.1 AS y FROM range(90) AS t (number)"


def test_a_regression_predicts_the_y_axis_from_the_x_axis_and_the_other_predictors():
    answer = found(LINE, operation="regression", x_axis="x", y_axis="y", predictors=["z"])
    names = [each["name"] for each in answer.result["coefficients"]]
    assert names == ["intercept", "x", "z"]
    assert answer.result["coefficients"][1]["estimate"] == pytest.approx(2.0, abs=0.01)
    assert "warnings" not in answer.result


def test_with_one_predictor_the_line_is_drawn_with_its_band():
    alone = found(LINE, operation="regression", x_axis="x", y_axis="y")
    several = found(LINE, operation="regression", x_axis="x", y_axis="y", predictors=["z"])
    assert len(str(alone.chart_spec)) > len(str(several.chart_spec))
