import json
import re

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics_pipelines.sql_service.broker.normal_form import LONGEST, normal_form
from analytics_pipelines_tests.counts import examples

LOCATIONS = re.compile(r'"query_location(?:_length)?":\s*\d+,?')


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as own:
        yield own


def tree_of(connection: duckdb.DuckDBPyConnection, sql: str) -> str | None:
    """What DuckDB reads, but for where it stands; None of what it can not read."""
    row = connection.execute("SELECT json_serialize_sql(CAST(? AS VARCHAR))", [sql]).fetchone()
    tree = str(row[0]) if row else ""
    return None if json.loads(tree)["error"] else LOCATIONS.sub("", tree)


@pytest.mark.parametrize(
    ("sql", "form"),
    [
        pytest.param(" SELECT\n\t1 ,\r\n  2\f", "SELECT 1 , 2", id="white space"),
        pytest.param("SELECT 1 -- one\n, 2 -- two", "SELECT 1 , 2", id="comments to the end of a line"),
        pytest.param("SELECT 1 -- one\r, 2", "SELECT 1 , 2", id="a carriage return ends a line"),
        pytest.param("SELECT/* one */1/**/", "SELECT 1", id="comments between words"),
        pytest.param("SELECT /* a /* b */ c */ 1", "SELECT 1", id="nested comments"),
        pytest.param("/* -- */ SELECT 1 -- /*", "SELECT 1", id="comments in comments"),
        pytest.param("SELECT 1 ; ;; -- end", "SELECT 1", id="semicolons at the end"),
        pytest.param("SELECT 1; SELECT  2", "SELECT 1; SELECT 2", id="semicolons in between"),
        pytest.param("SELECT  '  a -- /* '' ;  '", "SELECT '  a -- /* '' ;  '", id="strings"),
        pytest.param("SELECT  'a;'  ;", "SELECT 'a;'", id="a semicolon in the last string"),
        pytest.param(r"SELECT  E'  \'  --'", r"SELECT E'  \'  --'", id="strings with escapes"),
        pytest.param(r"SELECT  '\'  --'", r"SELECT '\'", id="a backslash is nothing in others"),
        pytest.param("SELECT  $$  '--  $$  ", "SELECT $$  '--  $$", id="dollars"),
        pytest.param("SELECT  $a$  $$  $b$  $a$", "SELECT $a$  $$  $b$  $a$", id="dollars with a tag"),
        pytest.param("SELECT  $1  +  $day", "SELECT $1 + $day", id="parameters"),
        pytest.param('SELECT  1  AS  "a  ""--"', 'SELECT 1 AS "a  ""--"', id="names"),
        pytest.param("SELECT 'a' -- one\n  'b'", "SELECT 'a'\n'b'", id="a new line joins strings"),
        pytest.param("SELECT 'a'   'b'", "SELECT 'a' 'b'", id="spaces do not"),
        pytest.param("SELECT 'a' /**/\n 'b'", "SELECT 'a' 'b'", id="nor does a comment with a new line"),
        pytest.param("SELECT  'ü  ö',  größe", "SELECT 'ü  ö', größe", id="letters beyond ASCII"),
        pytest.param("SELECT  1.5e-3  +  .5  +  1_000", "SELECT 1.5e-3 + .5 + 1_000", id="numbers"),
        pytest.param("-- nothing\n ; ", "", id="nothing"),
        pytest.param("", "", id="empty"),
    ],
)
def test_what_is_between_tokens_is_one_space(connection, sql, form):
    assert normal_form(sql) == form
    assert tree_of(connection, sql) == tree_of(connection, form)


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("SELECT  'a", id="a string without end"),
        pytest.param('SELECT  "a', id="a name without end"),
        pytest.param("SELECT  1 /* a /* b */", id="a comment without end"),
        pytest.param("SELECT  $a$ x", id="dollars without end"),
        pytest.param("SELECT  1 /* it's */, 'x\u00a0y'", id="a white space beyond ASCII"),
        pytest.param("\ufeffSELECT  1", id="a byte order mark"),
        pytest.param("SELECT\v 1", id="a vertical tab"),
        pytest.param("SELECT  1 --\x00\n+1", id="a zero byte"),
        pytest.param("SELECT  a$$  b$$", id="dollars within a name"),
        pytest.param("SELECT  $1$$  b$$", id="dollars behind a parameter"),
        pytest.param("SELECT  1e'\\'  '", id="a string at a number"),
        pytest.param("SELECT  1.e--,", id="half an exponent"),
        pytest.param("SELECT  U&'\\0041'", id="a string with code points"),
        pytest.param("SELECT  E'a'\n'b\\'  '", id="a string with escapes that goes on"),
        pytest.param("SELECT  a->--b\n'c'", id="an operator at a comment"),
        pytest.param("SELECT  '" + "a" * LONGEST + "'", id="very long"),
    ],
)
def test_what_is_strange_is_left_alone(sql):
    assert normal_form(sql) == sql


TOKENS = [
    *["SELECT", "1", "'a'", "'  -- x '", "''", '"q  i"', "a", "FROM", "t", "e", "E", "x", "b", "_", "é", "1e5", "1."],
    *["/*", "*/", "--", "/* c */", "-- c\n", "/* /* */ */", "'", '"', "$", "$$", "$a$", "$1", "?", "\\", "\n", "\r"],
    *[" ", "  ", "\t", "\f", "\xa0", "*", "-", "+", "/", "->", "||", "::INT", "(", ")", ",", ";", "AS", "1_0", "U&"],
    *["E'x\\'", "e'\\''", ".", "9"],
]
SHAPES = st.sampled_from(["SELECT {}", "SELECT 'a'{}'b'", "SELECT 1 {} 2", "FROM (VALUES (1)) t(a) SELECT {} a"])
JOINTS = st.sampled_from(["", " ", "\n", " /* c */ ", " -- c\n"])


@given(shape=SHAPES, joint=JOINTS, tokens=st.lists(st.sampled_from(TOKENS), max_size=9))
@example(shape="SELECT {}", joint="", tokens=["'a'", "->", "-- c\n", "b"])
@example(shape="SELECT 'a'{}'b'", joint="", tokens=["-- c\n", "/* c */"])
@settings(max_examples=examples(6_000), deadline=None)
def test_duckdb_reads_the_normal_form_as_the_statement(connection, shape, joint, tokens):
    sql = shape.replace("{}", joint.join(tokens))
    form = normal_form(sql)
    assert normal_form(form) == form
    if form != sql:
        assert tree_of(connection, form) == tree_of(connection, sql)


PARTS = st.sampled_from(
    ["'a  '", "E'\\'  '", "$x$ ' $x$", '"q  "', "a", "1.5", "t.a", "count(*)", "'x' || 'y'", "[1, 2]"]
)
BLANKS = st.lists(st.sampled_from([" ", "\n", "\t", "/* c'\" */", "-- c'\n", "/* /* */ */"]), min_size=1, max_size=3)


@given(parts=st.lists(PARTS, min_size=1, max_size=6), data=st.data())
@settings(max_examples=examples(600), deadline=None)
def test_statements_that_differ_in_lay_out_alone_have_one_form(connection, parts, data):
    def blank() -> str:
        return " " + "".join(data.draw(BLANKS))

    def laid_out() -> str:
        columns = ("," + blank()).join(part + blank() for part in parts)
        return "SELECT" + blank() + columns + "FROM" + blank() + "t" + blank() + ";"

    one, other = laid_out(), laid_out()
    assert normal_form(one) == normal_form(other)
    assert tree_of(connection, one) == tree_of(connection, other)
    assert tree_of(connection, one) is not None
