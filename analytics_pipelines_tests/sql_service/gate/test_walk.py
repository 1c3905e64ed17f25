import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.sql_service.errors import QueryRefused
from analytics_pipelines.sql_service.gate.parse import Parser
from analytics_pipelines.sql_service.gate.walk import MOST_DEPTH, MOST_PARTS, Walk
from analytics_pipelines_tests.counts import examples

PARSER = Parser()
NAMES = st.sampled_from(["a", "b", "c"])
ONE = {"class": "CONSTANT", "value": {"type": {"id": "INTEGER"}, "value": 1}}


def reading(sql):
    return Walk(sql).reading(PARSER.tree(sql))


def named(sql):
    return sorted(table.name for table in reading(sql).tables)


def of_one(part):
    return {"node": {"type": "SELECT_NODE", "select_list": [part], "from_table": {"type": "EMPTY"}}}


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        pytest.param("FROM a", ["a"], id="from"),
        pytest.param("WITH a AS (FROM b) FROM a", ["b"], id="a step"),
        pytest.param("WITH a AS (FROM a) FROM a", ["a"], id="in its own definition"),
        pytest.param("WITH a AS (FROM b), b AS (SELECT 1) FROM a, b", ["b"], id="before its definition"),
        pytest.param("WITH a AS (SELECT 1), b AS (FROM a) FROM b", [], id="behind it"),
        pytest.param("SELECT * FROM (WITH a AS (SELECT 1) FROM a), a", ["a"], id="outside of its query"),
        pytest.param("WITH a AS (SELECT 1) SELECT * FROM (SELECT * FROM (FROM a))", [], id="in subqueries"),
        pytest.param("WITH a AS (SELECT 1) SELECT (FROM a) ORDER BY (FROM a)", [], id="in expressions"),
        pytest.param("WITH a AS (SELECT 1) FROM a UNION ALL FROM a", [], id="on both sides"),
        pytest.param("(WITH a AS (SELECT 1) FROM a) UNION ALL FROM a", ["a"], id="of one side"),
        pytest.param("WITH RECURSIVE a AS (SELECT 1 UNION FROM a) FROM a", [], id="in itself"),
        pytest.param("WITH RECURSIVE a AS (FROM a UNION SELECT 1) FROM a", ["a"], id="in its first part"),
        pytest.param("WITH RECURSIVE a AS (SELECT * FROM a) FROM a", ["a"], id="without a union"),
        pytest.param("WITH a AS (SELECT 1) FROM A", [], id="in capitals"),
        pytest.param("WITH a AS (SELECT 1) SELECT * FROM (WITH a AS (FROM a) FROM a)", [], id="one over another"),
        pytest.param(
            "WITH RECURSIVE a USING KEY (x) AS (SELECT 1 x UNION FROM recurring.a) FROM a", [], id="with keys"
        ),
    ],
)
def test_a_step_is_known_where_the_engine_knows_it(sql, tables):
    assert named(sql) == tables


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT current_timestamp",
        "SELECT LOCALTIME",
        "FROM a TABLESAMPLE 1%",
        "FROM a USING SAMPLE 5",
        "SELECT [now()]",
    ],
)
def test_time_chance_and_samples_are_not_repeatable(sql):
    assert not reading(sql).is_repeatable
    assert reading("SELECT a.current_timestamp FROM a").is_repeatable


@pytest.mark.parametrize(
    "tree",
    [
        {"node": {"type": "INSERT_NODE"}},
        {"node": {"type": "CTE_NODE"}},
        {"node": {"type": "RECURSIVE_CTE_NODE"}},
        {"node": {"type": "SELECT_NODE", "surprise": 1}},
        {"node": {"type": "SELECT_NODE", "from_table": {"type": "COLUMN_DATA"}}},
        {"node": {"type": "SELECT_NODE", "from_table": {"type": "BASE_TABLE"}}},
        {"node": {"type": "SELECT_NODE", "from_table": {"type": "TABLE_FUNCTION"}}},
        {"node": {"type": "SELECT_NODE", "from_table": {"type": "SHOW_REF", "show_type": "DESCRIBE"}}},
        {"node": {"type": "SELECT_NODE", "cte_map": {"map": [{"key": "a", "value": {"surprise": 1}}]}}},
        of_one({"class": "BOUND_FUNCTION"}),
        of_one({"class": "OPERATOR", "type": "OPERATOR_SURPRISE"}),
        of_one({"class": "CONSTANT"}),
        of_one({"class": "CAST", "child": ONE}),
        of_one({"class": "SUBQUERY", "subquery": {"node": {"type": "DELETE_NODE"}}}),
    ],
    ids=str,
)
def test_what_is_not_known_is_refused_wherever_it_stands(tree):
    with pytest.raises(QueryRefused):
        Walk("").reading(tree)


def test_a_tree_of_known_parts_is_read():
    assert Walk("").reading(of_one({"class": "CAST", "child": ONE, "cast_type": {"id": "DATE"}})).tables == ()


def test_a_tree_may_be_deep_and_large_to_a_bound():
    deep = ONE
    for _ in range(MOST_DEPTH + 1):
        deep = {"class": "OPERATOR", "type": "OPERATOR_NOT", "children": [deep]}
    with pytest.raises(QueryRefused, match="too deep"):
        Walk("").reading(of_one(deep))
    with pytest.raises(QueryRefused, match="too many parts"):
        Walk("").reading(of_one({"class": "OPERATOR", "type": "ARRAY_CONSTRUCTOR", "children": [ONE] * MOST_PARTS}))


@st.composite
def queries(draw, depth=2):
    """A query as data: steps, then tables and queries that it reads."""
    inner = queries(depth=depth - 1) if depth else st.nothing()
    steps = [(name, draw(inner)) for name in draw(st.lists(NAMES, max_size=2 if depth else 0, unique=True))]
    return steps, draw(st.lists(NAMES | inner, min_size=1, max_size=3))


def written(query):
    steps, parts = query
    head = ", ".join(f"{name} AS ({written(step)})" for name, step in steps)
    body = ", ".join(part if isinstance(part, str) else f"({written(part)})" for part in parts)
    return " ".join([*(["WITH", head] if head else []), "SELECT 1 FROM", body])


def free(query, known=frozenset()):
    """The tables that a query reads and that are none of its steps, by the book."""
    steps, parts = query
    found = []
    for name, step in steps:
        found += free(step, known)
        known |= {name}
    for part in parts:
        found += ([] if part in known else [part]) if isinstance(part, str) else free(part, known)
    return found


@settings(max_examples=examples(300), deadline=None)
@given(queries())
def test_scopes_are_those_of_a_naive_reading(query):
    assert named(written(query)) == sorted(free(query))
