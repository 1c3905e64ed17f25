import math

import numpy as np
import pytest

from analytics_pipelines.datasets.compile import complete_rows as module
from analytics_pipelines.datasets.compile.complete_rows import TooManyRows, complete_rows
from analytics_pipelines_tests.datasets.compile.subjects import plan_of, subject_of

PLAN = plan_of(operation="correlation", x_axis="x", y_axis="y")
QUERY = """
SELECT CASE WHEN i % 10 = 3 THEN NULL ELSE i END AS x,
    CASE WHEN i % 10 = 5 THEN CAST('NaN' AS DOUBLE) WHEN i = 7 THEN 'Infinity' ELSE i / 2 END AS "y {{y}}"
FROM range({rows}) AS r(i)
"""
Y = "y {y}"


def test_rows_that_lack_a_value_are_left_out_and_the_order_stays(cursor):
    found = complete_rows(cursor, PLAN, subject_of(cursor, QUERY.format(rows=10)), ["x", Y])
    assert found["x"].tolist() == [0, 1, 2, 4, 6, 7, 8, 9]
    assert found[Y].tolist() == [0, 0.5, 1, 2, 3, math.inf, 4, 4.5]
    assert {each.dtype for each in found.values()} == {np.dtype("float64")}


def test_filters_hold_and_a_column_may_be_asked_for_twice(cursor):
    plan = plan_of(
        operation="correlation", x_axis="x", y_axis="x", filters=[{"column": "x", "operator": ">", "value": 7}]
    )
    found = complete_rows(cursor, plan, subject_of(cursor, QUERY.format(rows=10)), ["x", "x"])
    assert {name: each.tolist() for name, each in found.items()} == {"x": [8.0, 9.0]}


def test_no_rows_give_empty_arrays(cursor):
    found = complete_rows(cursor, PLAN, subject_of(cursor, QUERY.format(rows=0)), ["x", Y])
    assert [len(each) for each in found.values()] == [0, 0]


def test_more_rows_than_a_statistic_takes_are_refused(cursor, monkeypatch):
    monkeypatch.setattr(module, "MOST_ROWS", 8)
    assert len(complete_rows(cursor, PLAN, subject_of(cursor, QUERY.format(rows=10)), ["x", Y])["x"]) == 8
    with pytest.raises(TooManyRows, match="Limit: 8 rows"):
        complete_rows(cursor, PLAN, subject_of(cursor, QUERY.format(rows=11)), ["x", Y])
