"""SQL stands in files or goes through the builder, and other engines can run the transforms."""

import ast
import logging
import re

import pytest
import sqlglot
from sqlglot import exp

from analytics_pipelines_tests.house_rules.repository import PACKAGE, files_of, short, tree_of

STATEMENT = re.compile(
    r"^\s*(SELECT\s|INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|WITH\s+\S+\s+AS|CREATE\s|DROP\s|ALTER\s|COPY\s|ATTACH\s"
    r"|TRUNCATE\s|GRANT\s|SET\s)"
)
FILES = [pytest.param(file, id=short(file)) for file in files_of(PACKAGE, ".sql")]
POSTGRESQL = {
    "product_export/source/sql/opened_snapshot.sql": "snapshots, WAL and the control file",
    "product_export/source/sql/relation.sql": "PostgreSQL's own catalog",
    "product_export/source/sql/relation_columns.sql": "PostgreSQL's own catalog",
    "product_export/source/sql/relation_keys.sql": "PostgreSQL's own catalog",
    "product_export/source/sql/relation_leaves.sql": "PostgreSQL's own catalog",
    "product_export/source/sql/altered_since.sql": "PostgreSQL's own catalog, values bound as %(name)s",
    "product_export/source/sql/attached_since.sql": "PostgreSQL's own catalog, values bound as %(name)s",
    "product_export/source/sql/relation_names.sql": "PostgreSQL's own catalog",
    "product_export/source/sql/rewritten_heaps.sql": "PostgreSQL's own catalog, values bound as %(name)s",
    "web_events/sql/make_incoming.sql": "a temporary table like the log",
    "web_events/sql/keep_incoming.sql": "the log's INSERT … ON CONFLICT",
    "web_events/sql/copy_incoming.sql": "COPY … FROM STDIN",
    "web_events/sql/log_holders.sql": "who holds which lock",
    "web_events/intake/sql/store_batch.sql": "INSERT … ON CONFLICT in parts of one statement",
    "web_events/intake/sql/make_mark.sql": "INSERT … ON CONFLICT",
    "web_events/intake/sql/hold_mark.sql": "FOR UPDATE SKIP LOCKED",
    "web_events/intake/sql/move_mark.sql": "values bound as %(name)s",
    "web_events/intake/sql/create_partition.sql": "values bound as %(name)s",
    "web_events/intake/sql/site_rules.sql": "a query as array, values bound as %(name)s",
    "web_events/intake/sql/register_sites.sql": "INSERT … ON CONFLICT … RETURNING within a query",
    "web_events/intake/sql/make_salts.sql": "INSERT … ON CONFLICT",
    "web_events/intake/sql/drop_salts.sql": "values bound as %(name)s",
    "foundation/postgres/sql/owned_schemas.sql": "PostgreSQL's own catalog",
    "operations/sql/table_columns.sql": "PostgreSQL's own catalog",
    "operations/erasure/sql/erase_events.sql": "DELETE … RETURNING within a query",
    "operations/erasure/sql/linked_visitors.sql": "an array as rows, recursion that ends by UNION",
    "operations/erasure/sql/rejects_that_name.sql": "an array of bytes as rows",
}
TRANSFORMS = [each for each in FILES if each.id.removeprefix(PACKAGE.name + "/") not in POSTGRESQL]
RANKING = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile, exp.Lag, exp.Lead, exp.PercentRank, exp.CumeDist)
UNORDERED = (exp.AnyValue, exp.First, exp.Last)


def starts_a_statement(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(STATEMENT.match(node.value))


def composed(node: ast.AST) -> bool:
    """Whether a string that begins like SQL is put together by Python."""
    if isinstance(node, ast.JoinedStr):
        return len(node.values) > 1 and starts_a_statement(node.values[0])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        return any(starts_a_statement(side) or composed(side) for side in (node.left, node.right))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"format", "replace"}:
        return starts_a_statement(node.func.value)
    return False


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param("f'SELECT * FROM {table}'", True, id="f-string"),
        pytest.param("'SELECT * FROM ' + table", True, id="concatenation"),
        pytest.param("'DELETE FROM ' + table + ' WHERE true'", True, id="longer concatenation"),
        pytest.param("'SELECT %s' % value", True, id="percent"),
        pytest.param("'SELECT {}'.format(value)", True, id="format"),
        pytest.param("Sql('SELECT {a}').fill(a=name('b'))", False, id="the builder"),
        pytest.param("'Select a folder, ' + name", False, id="a sentence"),
    ],
)
def test_the_rule_knows_composed_sql_when_it_sees_it(code, expected):
    assert any(composed(node) for node in ast.walk(ast.parse(code))) == expected


def test_no_sql_is_composed_by_hand():
    found = [
        f"{short(file)}:{node.lineno}"
        for file in files_of(PACKAGE, ".py")
        for node in ast.walk(tree_of(file))
        if composed(node)
    ]
    assert found == []


def statement_of(file) -> exp.Expression:
    """The file's one statement; parts that are filled in stand as names."""
    text = re.sub(r"\{(\w+)\}", r"\1", file.read_text(encoding="utf-8"))
    (statement,) = sqlglot.parse(text, read="duckdb")
    return statement


@pytest.mark.parametrize("file", FILES)
def test_a_file_is_one_statement_without_a_semicolon_in_spaces(file):
    text = file.read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert ";" not in re.sub(r"--.*", "", text)
    assert "\t" not in text


@pytest.mark.parametrize("file", TRANSFORMS)
def test_a_transform_runs_elsewhere_too(file, caplog):
    with caplog.at_level(logging.WARNING, logger="sqlglot"):
        statement = statement_of(file)
        assert not isinstance(statement, exp.Command)
        assert statement.sql("spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
    assert caplog.messages == []


def windows_without_rows(statement: exp.Expression):
    """Windows that order their rows for an aggregate and leave the frame to the engine; named ones are looked up."""
    defined = {
        each.this.name: each for query in statement.find_all(exp.Select) for each in query.args.get("windows") or ()
    }
    for window in statement.find_all(exp.Window):
        if isinstance(window.this, exp.Func) and not isinstance(window.this, RANKING):
            meant = defined.get(window.alias, window)
            spec = meant.args.get("spec")
            if meant.args.get("order") and (spec is None or spec.args.get("kind") != "ROWS"):
                yield window.sql("duckdb")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("SELECT sum(a) OVER (ORDER BY b) FROM t", 1, id="left to the engine"),
        pytest.param("SELECT sum(a) OVER (ORDER BY b RANGE UNBOUNDED PRECEDING) FROM t", 1, id="range"),
        pytest.param("SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY b)", 1, id="named"),
        pytest.param("SELECT sum(a) OVER (ORDER BY b ROWS UNBOUNDED PRECEDING) FROM t", 0, id="rows"),
        pytest.param(
            "SELECT lag(a) OVER w, sum(a) OVER (PARTITION BY b) FROM t WINDOW w AS (ORDER BY b)", 0, id="no frame"
        ),
    ],
)
def test_the_rule_knows_a_window_without_rows_when_it_sees_it(query, expected):
    assert len(list(windows_without_rows(sqlglot.parse_one(query, read="duckdb")))) == expected


@pytest.mark.parametrize("file", TRANSFORMS)
def test_windows_have_explicit_rows_and_picks_an_order(file):
    assert list(windows_without_rows(statement_of(file))) == []
    for pick in statement_of(file).find_all(*UNORDERED):
        assert isinstance(pick.this, exp.Order) or pick.find_ancestor(exp.Window), pick.sql("duckdb")


@pytest.mark.parametrize("file", FILES)
def test_no_key_is_a_hash_that_collides(file):
    assert not re.search(r"\bhash\s*\(", file.read_text(encoding="utf-8"))


def test_every_exception_exists():
    assert set(POSTGRESQL) <= {file.relative_to(PACKAGE).as_posix() for file in files_of(PACKAGE, ".sql")}


def test_every_file_is_asked_for_somewhere():
    """By its whole name, or by the beginning that several of them share (`export_`)."""
    code = "\n".join(file.read_text(encoding="utf-8") for file in files_of(PACKAGE, ".py"))
    asked = set(re.findall(r"[\"']([a-z_]+)[\"']", code))
    beginnings = tuple(word for word in asked if word.endswith("_"))
    assert [
        short(file)
        for file in files_of(PACKAGE, ".sql")
        if file.stem not in asked and not file.stem.startswith(beginnings)
    ] == []
