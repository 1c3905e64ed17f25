import time

import duckdb
import pytest

from analytics_pipelines.sql_service.errors import DuckDBQueryError, QueryRefused
from analytics_pipelines.sql_service.gate.shape import check_shape, trimmed
from analytics_pipelines.sql_service.messages import MOST_SQL_BYTES

KEEPS_THE_LEXER_BUSY = {
    "operators": "SELECT 1 " + "+-" * 49_000,
    "operators in parts": "SELECT 1 " + ("+-" * 250 + " ") * 100,
    "nested comments": "/*" * 49_000,
    "comments in a row": "/**/" * 24_000 + "SELECT 1",
    "operators in a literal": "SELECT '" + "+-" * 49_000 + "'",
}
HONEST = {
    "rulers": "-- " + "-" * 90 + "\n/" + "*" * 90 + "/\nSELECT '" + "=" * 80 + "'",
    "long list": "SELECT 1 WHERE 1 IN (" + ",".join(map(str, range(10_000))) + ")",
    "long literal": "SELECT '" + "some words, and more (of them). " * 2_500 + "'",
    "wide letters": "SELECT 'ü🙂'",
}
TRIMMED = [
    pytest.param("SELECT 1;", "SELECT 1", id="a semicolon"),
    pytest.param("SELECT 1 ; ;\n", "SELECT 1", id="several"),
    pytest.param(";; SELECT 1", "   SELECT 1", id="before it"),
    pytest.param("SELECT 1; -- done", "SELECT 1", id="a comment behind it"),
    pytest.param("SELECT 1; /* a; b */ ; -- c", "SELECT 1", id="comments behind several"),
    pytest.param("SELECT ';' -- a;b", "SELECT ';' -- a;b\n", id="in a literal and a comment"),
    pytest.param("SELECT 'é'; -- é", "SELECT 'é'", id="letters of two bytes"),
    pytest.param("  SELECT 1", "  SELECT 1", id="places stay"),
]


@pytest.mark.parametrize("sql", KEEPS_THE_LEXER_BUSY.values(), ids=KEEPS_THE_LEXER_BUSY.keys())
def test_what_would_keep_the_lexer_busy_is_refused_at_once(sql):
    began = time.monotonic()
    with pytest.raises(QueryRefused):
        check_shape(sql)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("sql", HONEST.values(), ids=HONEST.keys())
def test_honest_text_keeps_the_bounds(sql):
    check_shape(sql)


def test_the_most_bytes_are_of_the_text_in_utf_8():
    check_shape("x" * MOST_SQL_BYTES)
    with pytest.raises(QueryRefused, match="100001 bytes"):
        check_shape("x" * (MOST_SQL_BYTES + 1))
    with pytest.raises(QueryRefused):
        check_shape("ü" * (MOST_SQL_BYTES // 2 + 1))


@pytest.mark.parametrize("sql", ["SELECT '\x00'", "SELECT '\ud800'"], ids=["NUL", "half a pair"])
def test_what_is_no_text_is_said_to_be_none(sql):
    with pytest.raises(DuckDBQueryError):
        check_shape(sql)


def test_too_many_words_are_refused_with_what_to_do():
    with pytest.raises(QueryRefused, match="as one parameter"):
        check_shape("SELECT " + "1," * 20_000 + "1")


@pytest.mark.parametrize(("sql", "expected"), TRIMMED)
def test_what_is_left_stands_in_parentheses(sql, expected):
    assert trimmed(sql) == expected
    duckdb.connect().execute("FROM (" + trimmed(sql) + ")")


def test_semicolons_without_end_are_cut_off_at_once():
    many = "; " * 12_000
    sql = many + "SELECT 1" + many
    assert trimmed(sql).strip() == "SELECT 1"
    assert trimmed(sql).index("SELECT") == len(many)
    assert trimmed(many).strip() == ""
