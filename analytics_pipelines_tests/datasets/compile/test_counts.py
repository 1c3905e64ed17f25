import pytest

from analytics_pipelines.datasets.compile.counts import Counted, computed_columns, counted
from analytics_pipelines_tests.datasets.compile.subjects import plan_of, subject_of

QUERY = """
SELECT UNNEST([1.0, CAST('NaN' AS DOUBLE), 'Infinity', NULL]) AS x, UNNEST([1, 2, 3, NULL]) AS y,
    UNNEST([DATE '2024-05-01', 'infinity', NULL, NULL]) AS day, UNNEST(['a', 'b', NULL, '']) AS g
"""


@pytest.mark.parametrize(
    ("fields", "rows", "dropped"),
    [
        pytest.param({"operation": "count"}, 4, {}, id="rows"),
        pytest.param({"operation": "mean", "target_column": "x", "group_by": ["g"]}, 4, {"x": 2}, id="a mean by group"),
        pytest.param({"operation": "correlation", "x_axis": "x", "y_axis": "y"}, 4, {"x": 2, "y": 1}, id="two axes"),
        pytest.param(
            {"operation": "regression", "x_axis": "x", "y_axis": "y", "predictors": ["x"]},
            4,
            {"x": 2, "y": 1},
            id="each once",
        ),
        pytest.param(
            {"operation": "forecast", "time_column": "day", "target_column": "y"}, 4, {"day": 3, "y": 1}, id="a series"
        ),
        pytest.param(
            {
                "operation": "mean",
                "target_column": "x",
                "filters": [{"column": "y", "operator": ">", "value": 1}],
            },
            2,
            {"x": 1},
            id="of the rows that pass",
        ),
    ],
)
def test_rows_and_missing_values_are_counted(cursor, fields, rows, dropped):
    found = counted(cursor, plan_of(**fields), subject_of(cursor, QUERY))
    assert found == Counted(filtered_row_count=rows, dropped=dropped)


def test_columns_that_only_group_or_filter_are_not_computed_with():
    plan = plan_of(
        operation="count",
        group_by=["g"],
        filters=[{"column": "day", "operator": "is_null"}],
        measures=[{"operation": "max", "column": "x"}],
    )
    assert computed_columns(plan) == ("x",)
