import math
from datetime import date

import pyarrow as pa
import pytest

from analytics_pipelines.datasets.compile.aggregate import aggregate
from analytics_pipelines.datasets.compile.kept import Kept
from analytics_pipelines.datasets.compile.top import weight_of
from analytics_pipelines.datasets.plan.meaning import measures_of
from analytics_pipelines_tests.datasets.compile.subjects import plan_of, subject_of, subject_of_table

SALES = pa.table(
    {
        "g": ["a", "a", "b", "b", "c", "d", None, "e"],
        "x": [1.0, 9.0, 4.0, 4.0, 30.0, 2.0, 20.0, math.inf],
    }
)


def by(measure, n=2, *, other=True, **fields):
    return plan_of(operation=measure, target_column="x", group_by=["g"], top={"n": n, "other": other}, **fields)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        pytest.param(
            "sum", [("c", 30.0), (None, 20.0), ("other", None)], id="a null group is a group, infinite sums are last"
        ),
        pytest.param("count", [("a", 2), ("b", 2), ("other", 4)], id="equal ones by name"),
        pytest.param("max", [("e", math.inf), ("c", 30.0), ("other", 20.0)], id="infinity is the greatest"),
        pytest.param("std", [("a", math.sqrt(32)), ("b", 0.0), ("other", None)], id="groups without a spread are last"),
        pytest.param("median", [("c", 30.0), (None, 20.0), ("other", 4.0)], id="of the rows, not of medians"),
        pytest.param("count_distinct", [("a", 2), ("b", 1), ("other", 4)], id="each value once"),
    ],
)
def test_the_groups_with_most_come_first_and_the_rest_as_one(cursor, measure, expected):
    found = aggregate(cursor, by(measure), subject_of_table(cursor, SALES))
    assert [row[0] for row in found.rows] == [row[0] for row in expected]
    assert [row[1] for row in found.rows] == [None if each is None else pytest.approx(each) for _, each in expected]
    assert found.other == (2,)


def test_the_rest_can_be_left_out_and_still_counts_as_rows(cursor):
    found = aggregate(cursor, by("sum", other=False), subject_of_table(cursor, SALES))
    assert found.rows == (("c", 30.0), (None, 20.0))
    assert (found.other, found.counted.filtered_row_count) == ((), 8)


def test_few_groups_leave_no_rest(cursor):
    found = aggregate(cursor, by("sum", 10), subject_of_table(cursor, SALES))
    assert [row[0] for row in found.rows] == ["c", None, "a", "b", "d", "e"]
    assert found.other == ()


def test_a_group_that_is_called_other_is_not_the_rest(cursor):
    table = pa.table({"g": ["other", "a", "b"], "x": [3.0, 2.0, 1.0]})
    found = aggregate(cursor, by("sum", 1), subject_of_table(cursor, table))
    assert (found.rows, found.other) == ((("other", 3.0), ("other", 3.0)), (1,))


def test_groups_are_the_top_ones_over_all_time(cursor):
    query = """
    SELECT g, DATE '2024-05-01' + CAST(day AS INTEGER) AS day, CAST(x AS DOUBLE) AS x
    FROM (VALUES ('a', 0, 1), ('b', 0, 5), ('c', 0, 2), ('a', 1, 90), ('b', 1, 3), ('c', 1, 4)) AS v(g, day, x)
    """
    found = aggregate(cursor, by("sum", 1, time_column="day", bucket="day"), subject_of(cursor, query))
    first, second = date(2024, 5, 1), date(2024, 5, 2)
    assert found.rows == (("a", first, 1.0), ("other", first, 7.0), ("a", second, 90.0), ("other", second, 7.0))
    assert found.other == (1, 3)


def test_a_group_that_is_also_measured_keeps_its_values(cursor):
    subject = subject_of(cursor, "SELECT i % 3 AS i FROM range(10) AS r(i)")
    plan = plan_of(operation="sum", target_column="i", group_by=["i"], top={"n": 1})
    assert aggregate(cursor, plan, subject).rows == ((2, 6), ("other", 3))


@pytest.mark.parametrize("measure", ["sum", "mean", "share", "variance", "min", "quantile"])
def test_every_measure_has_a_weight(cursor, measure):
    subject = subject_of(cursor, "SELECT CAST(i AS BIGINT) AS x, i % 3 AS g FROM range(10) AS r(i)")
    plan = by(measure, 1, quantiles=[0.5])
    kept = Kept(plan, subject)
    assert weight_of(measures_of(plan)[0], kept, subject).text
    assert len(aggregate(cursor, plan, subject).rows) == 2
