import math
import statistics
from fractions import Fraction

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings

from analytics_pipelines.datasets.compile.aggregate import MOST_ROWS, aggregate
from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines_tests.datasets.compile.frames import ROWS, Row, pandas_of, polars_of, table_of
from analytics_pipelines_tests.datasets.compile.subjects import plan_of, subject_of, subject_of_table

MEASURES = [
    {"operation": operation, "column": column, "name": f"{operation} {column}"}
    for operation in ("count", "count_distinct", "min", "max", "sum", "mean", "median", "std", "variance")
    for column in ("x", "i")
] + [{"operation": "quantile", "column": "x", "quantile": 0.9, "name": "quantile x"}]
CHEAP = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LONG = settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def present(rows, column):
    values = [row[column] for row in rows]
    return [value for value in values if value is not None and not (isinstance(value, float) and math.isnan(value))]


def close(found, expected, scale=0.0):
    """Equal up to the rounding of doubles whose sizes add up to `scale`; what is not finite is None."""
    if expected is None or not math.isfinite(expected):
        return found is None
    return found is not None and abs(found - expected) <= 1e-9 * abs(expected) + 1e-14 * scale + 1e-150


def spread(values):
    """Exactly, by fractions; None of fewer than two values or of infinite ones."""
    if len(values) < 2 or not all(math.isfinite(value) for value in values):
        return None
    return statistics.stdev([Fraction(value) for value in values])


def must_equal_pandas_and_polars(found, rows: list[Row], cursor):
    frame, peer = pandas_of(rows), polars_of(rows)
    for row in found.rows:
        group, told = row[0], dict(zip([each.name for each in found.columns[1:]], row[1:], strict=True))
        own = [each for each in rows if each[2] == group]
        here = frame[frame["g"].isna() if group is None else frame["g"] == group]
        there = peer.filter(pl.col("g").is_null() if group is None else pl.col("g") == group)
        for place, column in enumerate(("x", "i")):
            values, series, peers = present(own, place), here[column], there[column]
            assert told[f"count {column}"] == int(series.count()) == len(peers) - peers.null_count()
            assert told[f"count_distinct {column}"] == series.nunique() == peers.drop_nulls().n_unique()
            assert told[f"min {column}"] == (peers.min() if values else None)
            assert told[f"max {column}"] == (peers.max() if values else None)
            if values:
                assert told[f"min {column}"] == series.min()
            size = sum(abs(value) for value in values if math.isfinite(value))
            assert close(told[f"sum {column}"], sum(values) if values else None, size)
            assert close(told[f"mean {column}"], sum(values) / len(values) if values else None, size)
            assert close(told[f"std {column}"], spread(values))
        floats = [float(value) for value in present(own, 0)]
        if floats and all(math.isfinite(value) for value in floats):
            size = max(map(abs, floats))
            assert close(told["sum x"], here["x"].sum(), size * len(floats))
            assert close(told["mean x"], there["x"].mean(), size)
            assert close(told["median x"], here["x"].median(), size)
            assert close(told["median x"], there["x"].median(), size)
            assert close(told["quantile x"], here["x"].quantile(0.9), size)
            assert close(told["quantile x"], there["x"].quantile(0.9, "linear"), size)
            if size < 1e100 and len(floats) > 1:
                assert close(told["std x"], here["x"].std(), size * 1e6)
                assert close(told["variance x"], there["x"].var(), size * size * 1e6)


def check(cursor, rows):
    subject = subject_of_table(cursor, table_of(rows))
    found = aggregate(cursor, plan_of(group_by=["g"], measures=MEASURES), subject)
    groups = sorted({row[2] for row in rows if row[2] is not None}, key=lambda text: text.encode())
    assert [row[0] for row in found.rows] == groups + ([None] if any(row[2] is None for row in rows) else [])
    assert found.counted.filtered_row_count == len(rows)
    assert found.counted.dropped == {"x": len(rows) - len(present(rows, 0)), "i": len(rows) - len(present(rows, 1))}
    must_equal_pandas_and_polars(found, rows, cursor)


@CHEAP
@given(ROWS)
def test_every_aggregate_equals_pandas_and_polars(cursor, rows):
    check(cursor, rows)


@pytest.mark.long
@LONG
@given(ROWS)
def test_every_aggregate_equals_pandas_and_polars_over_many_frames(cursor, rows):
    check(cursor, rows)


@pytest.mark.parametrize(
    ("values", "measure", "expected"),
    [
        pytest.param([1, None, math.nan], "count", 1, id="NaN is missing"),
        pytest.param([None, math.nan], "sum", None, id="a sum of nothing"),
        pytest.param([3], "std", None, id="one value has no spread"),
        pytest.param([3, 3, 3], "variance", 0.0, id="equal values"),
        pytest.param([1, math.inf], "max", math.inf, id="infinity is a value"),
        pytest.param([1, math.inf], "mean", None, id="an infinite mean"),
        pytest.param([1, math.inf], "std", None, id="an infinite spread"),
        pytest.param([math.inf, -math.inf], "sum", None, id="infinity less infinity"),
        pytest.param([1e200, 3e200], "std", 1.4142135623730951e200, id="squares overflow, the spread does not"),
        pytest.param([1e200, 3e200], "variance", None, id="the variance does"),
        pytest.param([1e-200, 3e-200], "std", 1.4142135623730951e-200, id="squares vanish, the spread does not"),
        pytest.param([1.7e308, -1.7e308], "std", None, id="beyond doubles"),
        pytest.param([1e308, 1e308], "sum", None, id="a sum beyond doubles"),
        pytest.param([1, 2, 4, 8], "median", 3.0, id="between two values"),
    ],
)
def test_a_number_of_doubles_is(cursor, values, measure, expected):
    subject = subject_of_table(cursor, pa.table({"x": pa.array(values, pa.float64())}))
    found = aggregate(cursor, plan_of(operation=measure, target_column="x"), subject)
    assert found.rows == ((pytest.approx(expected, rel=1e-15) if isinstance(expected, float) else expected,),)
    is_odd = expected == math.inf or (expected is None and None not in values and len(values) > 1)
    assert bool(found.warnings) == is_odd


def test_a_warning_says_which_measure_and_in_how_many_groups(cursor):
    subject = subject_of_table(cursor, pa.table({"g": ["a", "b", "c"], "x": [1.0, math.inf, -math.inf]}))
    found = aggregate(cursor, plan_of(operation="sum", target_column="x", group_by=["g"]), subject)
    assert [row[1] for row in found.rows] == [1.0, None, None]
    assert found.warnings == (
        "'sum_x' is not finite, and null in the answer: the values are infinite or too great (2 groups).",
    )


def test_sums_of_integers_are_exact_up_to_64_bits_and_rounded_beyond(cursor):
    plan = plan_of(operation="sum", target_column="i")
    subject = subject_of(cursor, "SELECT CAST(9007199254740993 AS BIGINT) AS i FROM range(3)")
    assert aggregate(cursor, plan, subject).rows == ((27021597764222979,),)
    subject = subject_of(cursor, "SELECT CAST(9223372036854775807 AS BIGINT) AS i FROM range(4)")
    found = aggregate(cursor, plan, subject)
    assert found.rows == ((2.0**65,),)
    assert found.warnings == ("'sum_i' lies beyond 64 bits and is rounded (1 group).",)


def test_sums_of_decimals_are_exact(cursor):
    subject = subject_of(cursor, "SELECT CAST('0.1' AS DECIMAL(10, 2)) AS price FROM range(10000)")
    plan = plan_of(operation="sum", target_column="price", measures=[{"operation": "std", "column": "price"}])
    assert aggregate(cursor, plan, subject).rows == ((1000.0, 0.0),)


def test_shares_are_of_all_rows_that_pass_told_or_not(cursor):
    query = "SELECT i % 4 AS g, i AS x FROM range(100) AS r(i)"
    plan = plan_of(
        operation="share",
        target_column="x",
        measures=[{"operation": "share"}],
        group_by=["g"],
        filters=[{"column": "x", "operator": "<", "value": 8}],
        top={"n": 1, "other": False},
    )
    found = aggregate(cursor, plan, subject_of(cursor, query))
    assert found.rows == ((3, 10 / 28, 2 / 8),)
    assert found.counted.filtered_row_count == 8


def test_no_rows_give_counts_of_zero_and_no_groups(cursor):
    subject = subject_of(cursor, "SELECT 1 AS g, CAST(NULL AS DOUBLE) AS x WHERE false")
    plan = plan_of(operation="count", measures=[{"operation": "mean", "column": "x"}])
    assert aggregate(cursor, plan, subject).rows == ((0, None),)
    found = aggregate(cursor, plan.model_copy(update={"group_by": ["g"]}), subject)
    assert (found.rows, found.counted.filtered_row_count, found.counted.dropped) == ((), 0, {"x": 0})


def test_groups_past_the_limit_are_counted_and_not_told(cursor):
    subject = subject_of(cursor, "SELECT i FROM range(20001) AS r(i)")
    found = aggregate(cursor, plan_of(operation="count", group_by=["i"]), subject)
    assert found.is_truncated
    assert [row[0] for row in found.rows] == list(range(MOST_ROWS))
    assert found.counted.filtered_row_count == 20001


def test_columns_say_what_they_are(cursor):
    subject = subject_of(cursor, "SELECT 'a' AS g, DATE '2024-05-01' AS day, 1 AS i, 'x' AS word")
    plan = plan_of(
        group_by=["g"],
        time_column="day",
        bucket="month",
        measures=[{"operation": "mean", "column": "i"}, {"operation": "max", "column": "word"}],
    )
    found = aggregate(cursor, plan, subject)
    assert [(each.name, each.kind, each.role) for each in found.columns] == [
        ("g", ColumnKind.TEXT, "group"),
        ("day", ColumnKind.DATE, "time"),
        ("mean_i", ColumnKind.NUMBER, "measure"),
        ("max_word", ColumnKind.TEXT, "measure"),
    ]


def test_the_same_question_has_the_same_answer_to_the_last_bit(cursor):
    subject = subject_of(cursor, "SELECT sin(i) * 1e10 AS x, i % 7 AS g FROM range(50000) AS r(i)")
    plan = plan_of(operation="mean", target_column="x", group_by=["g"])
    first = aggregate(cursor, plan, subject)
    assert all(aggregate(cursor, plan, subject) == first for _ in range(3))
