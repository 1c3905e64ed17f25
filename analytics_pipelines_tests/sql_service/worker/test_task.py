"""A transaction that changes nothing but temporary tables, and those only as a whole."""

import duckdb
import pytest

from analytics_pipelines.sql_service.worker.task import read_only


@pytest.fixture
def cursor():
    with duckdb.connect(":memory:") as connection:
        connection.execute("CREATE TABLE stays AS SELECT 1 AS a")
        with connection.cursor() as found:
            yield found


def test_temporary_tables_stay_and_others_are_not_made(cursor):
    with read_only(cursor):
        cursor.execute("CREATE TEMP TABLE mine AS SELECT 1 AS a")
    for sql in ("CREATE TABLE other AS SELECT 1", "INSERT INTO stays VALUES (2)", "DROP TABLE stays"):
        with pytest.raises(duckdb.Error, match="read-only"), read_only(cursor):
            cursor.execute(sql)
    assert cursor.execute("SELECT count(*) FROM mine, stays").fetchone() == (1,)


def test_a_failure_takes_back_what_was_done_before_it(cursor):
    with pytest.raises(ValueError, match="mine"), read_only(cursor):  # noqa: PT012 - what was done before it
        cursor.execute("CREATE TEMP TABLE mine AS SELECT 1 AS a")
        raise ValueError("mine")
    with pytest.raises(duckdb.CatalogException):
        cursor.execute("SELECT * FROM mine")


def test_the_failure_of_a_statement_is_told_and_not_that_of_its_transaction(cursor):
    with pytest.raises(duckdb.ConversionException), read_only(cursor):
        cursor.execute("SELECT CAST('a' || a AS INTEGER) FROM stays").fetchall()
    with read_only(cursor):
        assert cursor.execute("SELECT a FROM stays").fetchall() == [(1,)]
