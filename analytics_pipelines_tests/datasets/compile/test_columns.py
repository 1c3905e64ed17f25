import pytest

from analytics_pipelines.datasets.compile.columns import (
    UnknownColumn,
    column_of,
    is_exact,
    number_of,
    plain_value,
    presence,
    value_of,
)
from analytics_pipelines.datasets.evidence import kind_of
from analytics_pipelines.datasets.subject import SubjectColumn
from analytics_pipelines.foundation.sql import Sql, joined
from analytics_pipelines_tests.datasets.compile.subjects import subject_of


def row_of(cursor, values):
    return cursor.execute(Sql("SELECT {values} FROM subject").fill(values=values).text).fetchone()


def column(type_name):
    return SubjectColumn(name="c", type=type_name, kind=kind_of(type_name))


@pytest.mark.parametrize(
    ("type_name", "expected"),
    [
        ("BIGINT", True),
        ("UBIGINT", True),
        ("HUGEINT", False),
        ("DOUBLE", False),
        ("DECIMAL(18,3)", True),
        ("DECIMAL(38,10)", False),
        ("VARCHAR", False),
    ],
)
def test_integers_and_usual_decimals_add_up_exactly(type_name, expected):
    assert is_exact(column(type_name)) is expected


@pytest.mark.parametrize(
    ("type_name", "expected"),
    [
        ("BIGINT", '"c"'),
        ("VARCHAR", '"c"'),
        ("FLOAT", 'CAST("c" AS DOUBLE)'),
        ("HUGEINT", 'CAST("c" AS DOUBLE)'),
        ("DECIMAL(38,1)", 'CAST("c" AS DOUBLE)'),
        ("INTEGER[]", 'CAST("c" AS VARCHAR)'),
    ],
)
def test_values_are_read_in_types_one_can_count_on(type_name, expected):
    assert plain_value(column(type_name)).text == expected


@pytest.mark.parametrize("type_name", ["BIGINT", "VARCHAR", "BOOLEAN", "DECIMAL(9,2)", "UUID"])
def test_values_of_most_types_are_there_unless_null(type_name):
    assert presence(column(type_name)) is None


def test_missing_values_are_null(cursor):
    query = """
    SELECT UNNEST([1.0, CAST('NaN' AS DOUBLE), 'Infinity', NULL]) AS x,
        UNNEST([DATE '2024-05-01', 'infinity', '-infinity', NULL]) AS day,
        UNNEST([CAST(1.5 AS FLOAT), 'NaN', NULL, NULL]) AS f
    """
    subject = subject_of(cursor, query)
    counts = joined(Sql("COUNT({value})").fill(value=value_of(column_of(subject, each))) for each in ("x", "day", "f"))
    assert row_of(cursor, counts) == (2, 1, 1)


def test_numbers_are_doubles(cursor):
    subject = subject_of(cursor, "SELECT 1 AS i, true AS b, CAST('1.5' AS DECIMAL(5, 2)) AS price, 0.5::FLOAT AS f")
    row = row_of(cursor, joined(number_of(column_of(subject, each)) for each in ("i", "b", "price", "f")))
    assert [(value, type(value)) for value in row] == [(1.0, float), (1.0, float), (1.5, float), (0.5, float)]


def test_an_unknown_column_is_named(cursor):
    with pytest.raises(UnknownColumn, match="'nobody'"):
        column_of(subject_of(cursor, "SELECT 1 AS i"), "nobody")
