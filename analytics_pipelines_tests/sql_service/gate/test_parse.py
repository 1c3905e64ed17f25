import pytest

from analytics_pipelines.sql_service.errors import DuckDBQueryError, QueryRefused
from analytics_pipelines.sql_service.gate.parse import Parser, place_of


@pytest.fixture(scope="module")
def parser():
    return Parser()


def test_the_tree_of_one_query_is_plain_data(parser):
    tree = parser.tree("SELECT a FROM t")
    assert tree["node"]["type"] == "SELECT_NODE"
    assert tree["node"]["from_table"]["table_name"] == "t"


def test_quotes_in_a_text_stay_in_it(parser):
    assert parser.tree("SELECT 'it''s' || $$'$$")["node"]["select_list"][0]["function_name"] == "||"


def test_a_mistake_is_told_in_the_parsers_words_with_its_place(parser):
    with pytest.raises(DuckDBQueryError, match='syntax error at or near "FROM" at line 2, column 10') as raised:
        parser.tree("SELECT 'ü',\n  a FROM FROM t")
    assert not isinstance(raised.value, QueryRefused)


@pytest.mark.parametrize("sql", ["SELECT 1; SELECT 2", "SELECT 1; DROP TABLE t"], ids=["queries", "others"])
def test_more_than_one_statement_is_refused(parser, sql):
    with pytest.raises(QueryRefused, match="batch"):
        parser.tree(sql)


@pytest.mark.parametrize(
    "sql",
    ["SELECT " + "(" * 20_000, "SELECT 1" + "+1" * 5_000, "SELECT 1" + "+1" * 600],
    ids=["parser", "depth", "tree"],
)
def test_what_nests_too_deep_is_refused(parser, sql):
    with pytest.raises(QueryRefused, match="too deep"):
        parser.tree(sql)


def test_a_number_that_is_none_in_json_is_read_all_the_same(parser):
    assert parser.tree("SELECT 1e400")["node"]["type"] == "SELECT_NODE"


def test_nothing_is_no_query(parser):
    with pytest.raises(DuckDBQueryError, match="empty"):
        parser.tree(" -- nothing")


def test_the_connection_reaches_no_file_and_its_settings_are_locked(parser, tmp_path):
    (tmp_path / "x.csv").write_text("a\n1\n")
    for sql in (f"FROM '{tmp_path}/x.csv'", "SET enable_external_access = true", f"ATTACH '{tmp_path}/y.duckdb'"):
        with pytest.raises(Exception, match=r"disabled|locked"):
            parser._connection.execute(sql)


def test_a_place_counts_letters_not_bytes():
    assert place_of("üü\nüx", 7) == " at line 2, column 2"
    assert place_of("x", -1) == ""
    assert place_of("x", 2**64 - 1) == ""
