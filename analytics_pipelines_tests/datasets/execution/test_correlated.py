"""Correlations out of rows."""

import numpy as np
import pytest

from analytics_pipelines_tests.datasets.execution.example import found


def test_a_correlation_leaves_out_rows_without_a_value_and_counts_them():
    answer = found(operation="correlation", x_axis="quantity", y_axis="price")
    rows = [(number % 9 + 1, 10 + number * 0.5 + number % 7) for number in range(120) if number % 10 != 9]
    assert answer.result["coefficient"] == pytest.approx(np.corrcoef(np.array(rows).T)[0, 1])
    assert (answer.result["n"], answer.result["x_axis"], answer.result["y_axis"]) == (108, "quantity", "price")
    assert answer.nulls_dropped == {"quantity": 0, "price": 12}
    assert len(answer.chart_spec["datasets"] if "datasets" in answer.chart_spec else answer.chart_spec["data"]) > 0


def test_its_points_can_be_drawn_as_a_field():
    assert found(operation="correlation", x_axis="quantity", y_axis="price", chart_type="heatmap").chart_spec
