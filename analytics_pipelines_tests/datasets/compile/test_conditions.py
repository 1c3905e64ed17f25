import math
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_pipelines.datasets.compile.columns import UnknownColumn
from analytics_pipelines.datasets.compile.conditions import BEYOND_INTEGERS, conditions
from analytics_pipelines.datasets.compile.counts import counted
from analytics_pipelines.datasets.plan.model import Operator
from analytics_pipelines.datasets.plan.values import Unreadable
from analytics_pipelines.foundation.bound import Bound
from analytics_pipelines_tests.datasets.compile.frames import FLOATS, ROWS, pandas_of, table_of
from analytics_pipelines_tests.datasets.compile.subjects import plan_of, subject_of, subject_of_table

CHEAP = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ROWS_OF_EVERY_TYPE = """
SELECT * FROM (VALUES
    (1, CAST(0.5 AS DOUBLE), CAST('NaN' AS DOUBLE), 'a', true, DATE '2024-01-01', TIMESTAMP '2024-01-01 12:00:00',
     TIMESTAMPTZ '2024-10-27 00:30:00+00', CAST('1.10' AS DECIMAL(5, 2)), CAST(0.1 AS FLOAT), 'x{y}', [1]),
    (2, 1.5, 2.0, 'B''"', false, DATE '2024-02-01', TIMESTAMP '2024-02-01 00:00:00',
     TIMESTAMPTZ '2024-10-27 01:30:00+00', CAST('2.20' AS DECIMAL(5, 2)), CAST(0.5 AS FLOAT), 'ü%_', [2]),
    (3, 2.5, 'Infinity', 'ab', NULL, DATE 'infinity', TIMESTAMP 'infinity',
     TIMESTAMPTZ 'infinity', CAST('3.30' AS DECIMAL(5, 2)), CAST('NaN' AS FLOAT), '', NULL),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
) AS v(i, half, x, t, b, d, clock, moment, price, f, "g ""{0}", list)
"""
CASES = [
    ("i", "==", 2, 1),
    ("i", "!=", 2, 2),
    ("i", ">", 1.5, 2),
    ("i", "==", 1.5, 0),
    ("i", "<", 10**37, 3),
    ("i", ">", -(10**37), 3),
    ("i", "==", "2", 1),
    ("i", "in", [1, 3.0, 99], 2),
    ("i", "between", [2, 3], 2),
    ("i", "is_null", True, 1),
    ("i", "is_null", False, 3),
    ("i", "is_null", None, 1),
    ("x", "!=", 2, 1),
    ("x", ">", 0, 2),
    ("x", ">=", 2, 2),
    ("x", "<", 3, 1),
    ("x", "is_null", True, 2),
    ("f", "!=", 0.5, 1),
    ("f", "is_null", True, 2),
    ("price", ">", 1000000, 0),
    ("price", "<", 1000000.5, 3),
    ("price", "==", 1.1, 1),
    ("t", "==", "B'\"", 1),
    ("t", "<", "a", 1),
    ("t", "contains", "a", 2),
    ("t", "in", ["a", "ab"], 2),
    ('g "{0}', "contains", "{", 1),
    ('g "{0}', "contains", "%", 1),
    ('g "{0}', "!=", "", 2),
    ("b", "==", True, 1),
    ("b", "!=", True, 1),
    ("d", ">", "2024-01-01", 1),
    ("d", "==", "2024-01-01", 1),
    ("d", "is_null", True, 2),
    ("clock", ">=", "2024-01-01T12:00:00", 2),
    ("clock", "<", "2024-01-01T12:00:01", 1),
    ("moment", ">=", "2024-10-27T01:00:00+00:00", 1),
    ("moment", "<", "2024-10-27T02:31:00", 1),
    ("moment", "!=", "2024-10-27T00:30:00Z", 1),
    ("list", "is_null", True, 2),
]


@pytest.fixture(scope="module")
def subject(cursor):
    cursor.execute("CREATE TEMP TABLE rows_of_every_type AS " + ROWS_OF_EVERY_TYPE)
    return subject_of(cursor, "SELECT * FROM rows_of_every_type")


def asked(column, operator, value):
    return plan_of(
        operation="count",
        filters=[{"column": column, "operator": operator, "value": value}],
        timezone="Europe/Berlin",
    )


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rows_that_pass_are_counted(cursor, subject, case):
    *filtered, expected = case
    assert counted(cursor, asked(*filtered), subject).filtered_row_count == expected


def test_all_filters_must_hold(cursor, subject):
    filters = [{"column": "i", "operator": ">", "value": 1}, {"column": "t", "operator": "==", "value": "ab"}]
    assert counted(cursor, plan_of(operation="count", filters=filters), subject).filtered_row_count == 1


@pytest.mark.parametrize("operator", [each for each in Operator if each not in {Operator.IS_NULL, Operator.CONTAINS}])
def test_a_value_never_becomes_text_of_the_statement(subject, operator):
    hostile = "'); DROP TABLE subject; --"
    value = [hostile, hostile] if operator in {Operator.IN, Operator.BETWEEN} else hostile
    bound = Bound()
    text = conditions(asked("t", operator, value), subject, bound).text
    assert "DROP" not in text
    assert hostile in bound.values.values()


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("i", 2.0, 2),
        ("i", 10**37, BEYOND_INTEGERS),
        ("half", 2, 2.0),
        ("d", "2024-05-01", date(2024, 5, 1)),
        ("clock", "2024-05-01", datetime.fromisoformat("2024-05-01")),
        ("moment", "2024-05-01", datetime(2024, 5, 1, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)),
    ],
)
def test_values_are_bound_in_the_type_of_their_column(subject, column, value, expected):
    bound = Bound()
    conditions(asked(column, "==", value), subject, bound)
    (found,) = bound.values.values()
    assert (found, type(found)) == (expected, type(expected))


def test_what_no_value_can_equal_and_what_is_no_column_are_refused(cursor, subject):
    with pytest.raises(Unreadable):
        counted(cursor, asked("i", "==", "many"), subject)
    with pytest.raises(UnknownColumn):
        counted(cursor, asked("nobody", "==", 1), subject)


@CHEAP
@given(
    ROWS, FLOATS.filter(lambda value: value is not None and math.isfinite(value)), st.sampled_from(list(Operator)[:6])
)
def test_comparisons_equal_those_of_pandas(cursor, rows, value, operator):
    subject = subject_of_table(cursor, table_of(rows))
    plan = plan_of(operation="count", filters=[{"column": "x", "operator": operator, "value": value}])
    column = pandas_of(rows)["x"].dropna()
    expected = {"==": column.eq, "!=": column.ne, ">": column.gt, "<": column.lt, ">=": column.ge, "<=": column.le}
    assert counted(cursor, plan, subject).filtered_row_count == int(expected[operator](value).sum())


WIDE = """
SELECT CAST(340282366920938463463374607431768211455 AS UHUGEINT) AS u, CAST(18446744073709551615 AS UBIGINT) AS ub,
    CAST(-170141183460469231731687303715884105728 AS HUGEINT) AS h, CAST(-128 AS TINYINT) AS ti,
    CAST('99999999999999999999999999.5' AS DECIMAL(38, 10)) AS price
"""


@pytest.mark.parametrize(
    ("column", "greater"),
    [("u", [-5, 2.5, 10**37]), ("ub", [-5, 2.5, 10**19]), ("h", []), ("ti", []), ("price", [-5, 2.5, 10**19])],
)
def test_values_of_any_size_can_be_compared_with_integers_of_any_width(cursor, column, greater):
    subject = subject_of(cursor, WIDE)
    values = [-5, 2.5, 10**19, 10**37]
    found = [each for each in values if counted(cursor, asked(column, ">", each), subject).filtered_row_count]
    assert found == [each for each in values if each in greater or (greater and each < max(greater))]
