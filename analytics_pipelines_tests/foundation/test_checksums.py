import duckdb
import psycopg
import pytest

from analytics_pipelines.foundation.checksums import row_text, sum_in_duckdb, sum_in_postgresql
from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.foundation.sql import Sql

ROWS = (
    Sql("(VALUES ('a', 'b'), (NULL, ''), ('żółw 🦊', NULL)) AS given(one, other)"),
    Sql("(VALUES ('żółw 🦊', NULL), ('a', 'b'), (NULL, '')) AS given(one, other)"),
    Sql("(VALUES ('', 'b'), (NULL, ''), ('żółw 🦊', NULL)) AS given(one, other)"),
    Sql("(VALUES ('a', 'b'), ('', NULL), ('żółw 🦊', NULL)) AS given(one, other)"),
    Sql("(VALUES ('ab', ''), (NULL, ''), ('żółw 🦊', NULL)) AS given(one, other)"),
)
TEXTS = (Sql("one"), Sql("other"))
SELECT = Sql("SELECT {checksum} FROM {rows}")


@pytest.fixture
def both(database_urls):
    """Both engines' checksum of rows, which must be the same."""
    with psycopg.connect(conninfo(database_urls.app)) as connection:

        def checksum(rows, texts=TEXTS):
            row = row_text(texts)
            (lake,) = duckdb.execute(SELECT.fill(checksum=sum_in_duckdb(row), rows=rows).text).fetchone()
            for is_in_utf8 in (True, False):
                aggregate = sum_in_postgresql(row, is_in_utf8=is_in_utf8)
                (source,) = connection.execute(SELECT.fill(checksum=aggregate, rows=rows).text.encode()).fetchone()
                assert source == lake
            return lake

        yield checksum


def test_both_engines_agree_and_every_difference_shows(both):
    first, turned, *others = map(both, ROWS)
    assert first == turned
    assert len({first, *others}) == 4


def test_rows_of_more_columns_than_a_function_takes_have_one_text(both):
    wide = Sql("(SELECT 'x' AS x) AS given")
    long = both(wide, [Sql("x")] * 1_600)
    assert long != both(wide, [Sql("x")] * 1_599)
    flat = Sql("SELECT {row} = repeat('x' || chr(31), 299) || 'x' FROM {rows}")
    assert duckdb.execute(flat.fill(row=row_text([Sql("x")] * 300), rows=wide).text).fetchone() == (True,)


def test_no_rows_and_no_columns_have_a_checksum(both):
    assert both(Sql("(SELECT 1 AS x WHERE false) AS given"), [Sql("'x'")]) == "0"
    assert int(both(Sql("(SELECT 1 AS x) AS given"), [])) > 0
