import math

import pytest

from analytics_pipelines.datasets.compile.aggregate import aggregate
from analytics_pipelines.datasets.compile.kept import Kept
from analytics_pipelines.datasets.compile.measures import Measuring, quantiles_of
from analytics_pipelines.datasets.plan.meaning import measures_of
from analytics_pipelines_tests.datasets.compile.subjects import plan_of, subject_of

PLAN = plan_of(
    operation="quantile",
    target_column="x",
    quantiles=[0.9, 0.1],
    measures=[
        {"operation": "median", "column": "x"},
        {"operation": "mean", "column": "x"},
        {"operation": "std", "column": "x"},
    ],
)


def test_all_quantiles_of_a_column_are_one_aggregate(cursor):
    subject = subject_of(cursor, "SELECT CAST(i AS DOUBLE) AS x FROM range(11) AS r(i)")
    asked = measures_of(PLAN)
    assert quantiles_of(asked) == {"x": [0.1, 0.5, 0.9]}
    measuring = Measuring(Kept(PLAN, subject), subject, "UTC")
    for each in asked:
        measuring.measure(each, quantiles_of(asked))
    texts = [each.text for each in measuring.figures.sql]
    assert len([each for each in texts if each.startswith("QUANTILE_CONT")]) == 1
    assert len([each for each in texts if each.startswith("FSUM")]) == 1
    assert aggregate(cursor, PLAN, subject).rows == ((9.0, 1.0, 5.0, 5.0, pytest.approx(11**0.5)),)


@pytest.mark.parametrize(
    ("type_name", "expected"),
    [("BIGINT", (3, 1.5, 1, 2)), ("DOUBLE", (3.0, 1.5, 1.0, 2.0)), ("DECIMAL(9,2)", (3.0, 1.5, 1.0, 2.0))],
)
def test_numbers_keep_the_kind_of_their_column(cursor, type_name, expected):
    subject = subject_of(cursor, f"SELECT CAST(UNNEST([1, 2]) AS {type_name}) AS x")
    measures = [{"operation": each, "column": "x"} for each in ("sum", "mean", "min", "max")]
    (found,) = aggregate(cursor, plan_of(measures=measures), subject).rows
    assert [(value, type(value)) for value in found] == [(value, type(value)) for value in expected]


def test_shares_of_nothing_are_unknown(cursor):
    subject = subject_of(cursor, "SELECT UNNEST(['a', 'b', 'c']) AS g, UNNEST([1.0, -1.0, NULL]) AS x")
    plan = plan_of(operation="share", target_column="x", group_by=["g"])
    found = aggregate(cursor, plan, subject)
    assert [row[1] for row in found.rows] == [None, None, None]
    assert found.warnings == (
        "'share_x' is null: the values of all groups add up to zero, of which nothing is a part (2 groups).",
    )


@pytest.mark.parametrize(("values", "said"), [("[3, -1]", "(2 groups)."), ("[3, 1]", ""), ("[3, 0]", "")])
def test_shares_that_are_no_parts_of_a_whole_are_said(cursor, values, said):
    subject = subject_of(cursor, f"SELECT UNNEST(['a', 'b']) AS g, UNNEST({values}) AS x")
    found = aggregate(cursor, plan_of(operation="share", target_column="x", group_by=["g"]), subject)
    assert math.isclose(sum(row[1] for row in found.rows), 1.0)
    assert [each.startswith("'share_x' is below 0 or above 1") and each.endswith(said) for each in found.warnings] == (
        [True] if said else []
    )


def test_least_and_greatest_are_of_any_kind(cursor):
    query = "SELECT UNNEST(['b', 'a', NULL]) AS t, UNNEST([DATE '2024-05-02', '2024-05-01', NULL]) AS d, true AS b"
    measures = [{"operation": operation, "column": column} for column in "tdb" for operation in ("min", "max")]
    (found,) = aggregate(cursor, plan_of(measures=measures), subject_of(cursor, query)).rows
    assert [str(each) for each in found] == ["a", "b", "2024-05-01", "2024-05-02", "True", "True"]


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        ("UHUGEINT", 2**128 - 1),
        ("HUGEINT", 2**127 - 1),
        ("UBIGINT", 2**64 - 1),
        ("DECIMAL(38,0)", 10**38 - 1),
        ("DECIMAL(28,0)", 10**28 - 1),
        ("FLOAT", 3.0e38),
    ],
)
def test_the_greatest_values_of_a_type_do_not_overflow(cursor, type_name, value):
    subject = subject_of(cursor, f"SELECT CAST(UNNEST(['{value}', '{value}', '1']) AS {type_name}) AS x")
    operations = ("sum", "mean", "max", "median", "std", "share")
    measures = [{"operation": each, "column": "x"} for each in operations]
    (found,) = aggregate(cursor, plan_of(measures=measures), subject).rows
    expected = [2 * value, 2 / 3 * value, value, value, value / 3**0.5, 1.0]
    assert list(found) == pytest.approx([float(each) for each in expected], rel=1e-6)
