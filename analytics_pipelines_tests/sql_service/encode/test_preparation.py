"""The statement that runs in a user's place gives the same rows in the same order."""

import pytest

from analytics_pipelines.sql_service.encode.preparation import LIMITED_BELOW, prepared
from analytics_pipelines.sql_service.messages import Format
from analytics_pipelines_tests.sql_service.encode.answers import Answers


@pytest.fixture(scope="module")
def answers():
    return Answers()


@pytest.mark.parametrize("target", [Format.JSON, Format.ARROW, Format.PARQUET])
def test_sql_stays_as_it_is_where_nothing_is_to_be_done(target):
    columns = [("a", "INTEGER"), ("b", "VARCHAR"), ("c", "DOUBLE")]
    assert prepared("SELECT 1", columns, target, LIMITED_BELOW) == "SELECT 1"
    assert prepared("SELECT 1", columns, target, None) == "SELECT 1"
    assert prepared("SELECT 1", columns, target, 9) == "SELECT * FROM (\nSELECT 1\n)\nLIMIT 10"


@pytest.mark.parametrize("limit", [50, 60_000])
@pytest.mark.parametrize("target", Format)
def test_the_order_of_the_query_is_that_of_the_answer(answers, target, limit):
    sql = "SELECT i, CAST(i AS DECIMAL(18, 2)) AS d FROM range(50000) AS t(i) ORDER BY (i * 7919) % 50021 DESC"
    wanted = [str(each) for (each,) in answers.duck.sql(sql).project("i").fetchall()[:limit]]
    assert firsts(answers, sql, target, limit) == wanted


def firsts(answers, sql, target, limit):
    if target is Format.JSON:
        return [row[0] for row in answers.json(sql, limit)]
    if target is Format.CSV:
        return [line.split(",")[0] for line in answers.content(sql, target, limit).decode().splitlines()[1:]]
    table = answers.arrow(sql) if target is Format.ARROW else answers.parquet(sql)
    return [str(each) for each in table["i"].to_pylist()[:limit]]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 AS a, 2.5 AS a, 3 AS A -- the end",
        "SELECT 1, 2.5, 3 /* the end */",
        "WITH t AS (SELECT 1 AS a) SELECT a, 2.5 AS b, 3 FROM t",
        "VALUES (1, 2.5, 3)",
        "FROM (VALUES (1, 2.5, 3))",
        "SELECT 1, 2.5, 3 UNION ALL SELECT 1, 2.5, 3 LIMIT 1",
        'SELECT 1 AS "a""b;", 2.5 AS "=1", 3 AS "c0"',
    ],
)
@pytest.mark.parametrize("limit", [10, 100_000])
def test_any_form_of_a_query_is_answered(answers, sql, limit):
    assert answers.json(sql, limit) == [["1", "2.5", "3"]]
    assert answers.csv(sql)[1:] == [["1", "2.5", "3"]]
    for table in (answers.arrow(sql), answers.parquet(sql)):
        assert [str(column[0]) for column in table.columns] == ["1", "2.5", "3"]


def test_parameters_stay_where_they_are(answers):
    columns = [("a", "DECIMAL(3,2)"), ("b", "INTEGER")]
    for target in Format:
        sql = prepared("SELECT CAST($a AS DECIMAL(3,2)), CAST($b AS INTEGER)", columns, target, 10)
        assert len(answers.duck.execute(sql, {"a": "1.5", "b": 2}).fetchall()) == 1


def test_names_that_come_again_are_told_apart_in_files(answers):
    sql = "SELECT 1 AS a, 2 AS A, 3 AS a, 4 AS a_1"
    for table in (answers.arrow(sql), answers.parquet(sql)):
        assert table.column_names == ["a", "A_1", "a_2", "a_1_1"]


@pytest.mark.parametrize("target", Format)
def test_names_that_sql_takes_for_none_are_none_of_its_business(target):
    assert "\0" not in prepared("SELECT 1, 2", [("a\0", "INTEGER"), ("", "HUGEINT")], target, 10)


def test_hundreds_of_columns_are_answered(answers):
    sql = "SELECT " + ", ".join(f"{number}.5 AS c{number}, [{number}] AS l{number}" for number in range(150))
    assert len(answers.json(sql)[0]) == 300
    assert len(answers.csv(sql)[1]) == 300
