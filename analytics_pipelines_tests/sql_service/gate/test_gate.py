from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.sql_service.errors import DuckDBQueryError
from analytics_pipelines.sql_service.gate.gate import Gate
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.sql_service.attacks import ATTACKS, BOUNDED, REFUSED, WRITES
from analytics_pipelines_tests.sql_service.gate.conftest import SHOWN

ROOT = Path(__file__).parents[3]
TPCH = sorted((ROOT / "benchmarks" / "tpch" / "queries").glob("*.sql"))
TPCH_TABLES = dict.fromkeys(["lineitem", "orders", "customer", "part", "supplier", "partsupp", "nation", "region"], ())
CLICKBENCH = (ROOT / "analytics_pipelines_tests" / "sql_service" / "clickbench.sql").read_text(encoding="utf-8")
GATE = Gate()
PLACES = {
    "secret": "/srv/secret.csv",
    "target": "/srv/target",
}
ALLOWED = [
    "SELECT * FROM t",
    "FROM t SELECT a WHERE b > 1",
    "TABLE t",
    "VALUES (1, 'a'), (2, 'b')",
    "SELECT a, count(*) FROM t GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL LIMIT 10 OFFSET 5",
    "SELECT a, sum(b) FILTER (WHERE b > 1) FROM t GROUP BY GROUPING SETS ((a), ()), ROLLUP (a)",
    "SELECT row_number() OVER w, lag(a, 1, 0) OVER w FROM t WINDOW w AS (PARTITION BY a ORDER BY b)",
    "SELECT sum(b) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES) FROM t",
    "SELECT * FROM t QUALIFY row_number() OVER (PARTITION BY a ORDER BY b) = 1",
    "SELECT * FROM t ASOF JOIN u ON t.a >= u.a",
    "FROM t POSITIONAL JOIN u SEMI JOIN t v USING (a) ANTI JOIN u w USING (a)",
    "SELECT * FROM t, LATERAL (SELECT t.a + 1 AS c) l",
    "SELECT * FROM t, LATERAL unnest([t.a, t.b]) AS l(x)",
    "SELECT list_transform([1, 2], lambda x: x + 1), list_transform([1, 2], x -> x + 1)",
    "SELECT [x * 2 FOR x IN [1, 2, 3] IF x > 1], list_reduce([1, 2], lambda x, y: x + y)",
    "SELECT {'a': 1}.a, MAP {'k': 1}['k'], [1, 2, 3][1:2], struct_pack(a := 1), row(1, 2)",
    "SELECT '{\"a\": [1]}'::JSON -> '$.a' ->> 0, json_extract_string('{}', '$.a')",
    "SELECT regexp_extract('ab', '(a)(b)', ['x', 'y']), 'a' ~ 'b', 'a' SIMILAR TO 'b', 'a' ILIKE 'B'",
    "SELECT date_trunc('day', DATE '2026-01-01' + INTERVAL 3 DAYS), extract(year FROM DATE '2026-01-01')",
    "SELECT TIMESTAMPTZ '2026-01-01 00:00:00+00' AT TIME ZONE 'Europe/Berlin', strftime(DATE '2026-01-01', '%d')",
    "SELECT a::DECIMAL(10, 2), TRY_CAST(b AS STRUCT(x INT, y VARCHAR[])), NULL::ENUM('a', 'b'), a::UUID FROM t",
    "SELECT CASE a WHEN 1 THEN 2 ELSE 3 END, coalesce(a, b), ifnull(a, b), nullif(a, b), if(a, 1, 2) FROM t",
    "SELECT a IN (1, 2), a NOT IN (SELECT a FROM u), EXISTS (FROM u), a = ANY (SELECT a FROM u), a BETWEEN 1 AND 2 FROM t",
    "SELECT * EXCLUDE (a) REPLACE (b + 1 AS b), COLUMNS('a'), COLUMNS(lambda c: c LIKE 'a%') FROM t",
    "SELECT DISTINCT ON (a) a, b FROM t ORDER BY b DESC NULLS LAST",
    "SELECT a FROM t UNION ALL BY NAME SELECT a FROM u EXCEPT SELECT 1 INTERSECT SELECT 2",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT sum(n) FROM r",
    "WITH x AS MATERIALIZED (FROM t), y AS NOT MATERIALIZED (FROM x) SELECT * FROM y",
    "PIVOT t ON a IN (1, 2) USING sum(b)",
    "FROM t PIVOT (sum(b) FOR a IN (1, 2))",
    "UNPIVOT t ON a, b INTO NAME n VALUE v",
    "DESCRIBE t",
    "SUMMARIZE t",
    "SELECT * FROM (DESCRIBE t)",
    "SELECT string_agg(a, ',' ORDER BY b), list(DISTINCT a), quantile_cont(b, [0.5, 0.9]), mode() WITHIN GROUP (ORDER BY a) FROM t",
    "SELECT arg_max(a, b), approx_count_distinct(a), histogram(b), first(a ORDER BY b), regr_slope(a, b) FROM t",
    "SELECT * FROM range(10) r(i), generate_series(1, 3) g(j)",
    "SELECT unnest({'a': [1, 2]}, recursive := true)",
    "SELECT ? + $2",
    "SELECT $day::DATE",
    "SELECT a COLLATE NOCASE FROM t ORDER BY a COLLATE de",
    "SELECT site.upper() FROM core_web__sessions",
    "SELECT 1 -- a comment",
    "/* a comment; */ SELECT 1 /* another */;",
    "SELECT 'FROM read_csv(''/etc/passwd'')', 'x.csv'",
    'SELECT a AS "/etc/passwd", t.b AS "x.csv" FROM t',
    "SELECT 1e400, 0x1F, 1_000, 'ü', $$it's$$, E'\\n', TRUE, NULL, -1.5e-3",
    "FROM t SELECT TRY(a / 0), @a, a // 2, a ** 2, a % 2, ~a, a << 1, a!",
]
WRAPPED = [
    "SELECT * FROM ({query}) AS w",
    "WITH w AS ({query}) SELECT count(*) FROM w",
    "WITH v AS (SELECT 1) SELECT * FROM ({query}) AS w",
    "SELECT EXISTS ({query})",
    "({query})",
    "SELECT 1 WHERE EXISTS (SELECT * FROM ({query}) AS w)",
    "FROM t, LATERAL ({query}) AS w",
    "SELECT a, (SELECT count(*) FROM ({query}) AS w) FROM t",
    "SELECT 1 UNION ALL SELECT count(*) FROM ({query}) AS w",
    "SELECT list_transform([1], lambda x: (SELECT count(*) FROM ({query}) AS w))",
    "SELECT 1 ORDER BY (SELECT count(*) FROM ({query}) AS w) LIMIT (SELECT count(*) FROM ({query}) AS w)",
    "SELECT coalesce(NULL, (SELECT count(*) FROM ({query}) AS w)) AS c",
    "SELECT * FROM (SUMMARIZE SELECT * FROM ({query}) AS w)",
]
FORBIDDEN = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM 'x.csv'",
    "FROM '/proc/self/environ'",
    "SELECT current_setting('x')",
    "SELECT getenv('PATH')",
    "SELECT nextval('s')",
    "FROM duckdb_settings()",
    "FROM information_schema.tables",
    "FROM web_events.main.t",
    "FROM query('SELECT 1')",
    "FROM nowhere",
    "SELECT sum(1) OVER (ORDER BY sleep_ms(1))",
    "SELECT sum(1) OVER (ORDER BY (SELECT size FROM read_text('x')))",
    "SELECT NULL::web_events.main.t",
    "WITH \"x.csv\" AS (SELECT 1) FROM 'x.csv'",
]
NESTING = [query for query in ALLOWED if query.startswith(("SELECT", "FROM", "WITH", "VALUES"))]
PIECES = """SELECT FROM WITH AS ( ) , ; * t a 1 'x' " ' -- /* */ $$ :: . [ ] { } : -> lambda UNION JOIN ON PIVOT RECURSIVE
CREATE TABLE INSERT INTO VALUES DROP DESCRIBE COPY OVER ORDER BY read_csv 'x.csv' ü ? $1 = + - INT"""
WORDS = st.sampled_from(PIECES.split())


def gated(sql, gate=GATE):
    return gate.select(sql, {**SHOWN, **TPCH_TABLES, "core_web__events": ()})


def refusal(ask, *asked):
    """The error that asking gives, or None."""
    try:
        ask(*asked)
    except DuckDBQueryError as error:
        return error
    return None


def test_what_people_expect_may_run():
    assert [(sql, error) for sql in ALLOWED if (error := refusal(gated, sql))] == []


def test_tpch_may_run():
    assert len(TPCH) == 22
    assert all(gated(file.read_text(encoding="utf-8")).tables <= set(TPCH_TABLES) for file in TPCH)


def test_clickbench_may_run():
    queries = [line for line in CLICKBENCH.splitlines() if line]
    assert len(queries) == 43
    assert all(gated(query).tables == {"core_web__events"} for query in queries)


def test_what_reaches_out_is_refused(gate, shown):
    let_through = [each.id for each in REFUSED if not refusal(gate.select, each.aimed(**PLACES), shown)]
    assert let_through == []


def test_what_is_only_large_is_left_to_the_worker(gate, shown):
    refused = [(each.id, error) for each in BOUNDED if (error := refusal(gate.select, each.sql, shown))]
    assert refused == []


def test_there_are_as_many_attacks_as_were_promised():
    assert len(ATTACKS) >= 150
    assert len({attack.id for attack in ATTACKS}) == len(ATTACKS)


def test_attacks_are_refused_in_a_batch_too(gate, shown):
    """Other than making tables of its own, which is what a batch is for."""
    let_through = {
        each.id for each in REFUSED if not refusal(gate.batch_statement, each.aimed(**PLACES), shown, {"own"})
    }
    assert let_through == set()


def test_a_batch_writes_to_its_own_tables_alone(gate, shown):
    let_through = [
        name for name, sql in WRITES.items() if not refusal(gate.batch_statement, sql.format(**PLACES), shown, {"own"})
    ]
    assert let_through == []


def test_a_batch_makes_fills_reads_and_drops_its_own_tables(gate, shown):
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t AS SELECT 1 a, 2 b")
    own = set()
    for sql in [
        "CREATE TABLE x AS SELECT a FROM t; -- one",
        "CREATE OR REPLACE TEMP TABLE X (a INT NOT NULL, \"b c\" ENUM('p q'), d STRUCT(e DECIMAL(4, 1))[])",
        "INSERT INTO x VALUES (1, 'p q', [{'e': 2.5}])",
        "insert into X (a) (WITH y AS (FROM x) SELECT a + 1 FROM y)",
        "CREATE TABLE IF NOT EXISTS y AS FROM x",
    ]:
        checked = gate.batch_statement(sql, shown, own)
        connection.execute(checked.sql)
        own.add(checked.target)
    assert own == {"x", "y"}
    read = gate.batch_statement("SELECT sum(a) FROM X JOIN y USING (a)", shown, own)
    assert (read.does, read.tables) == ("select", frozenset())
    assert connection.execute(read.sql).fetchall() == [(3,)]
    connection.execute(gate.batch_statement("DROP TABLE IF EXISTS y", shown, own).sql)
    tables = connection.execute("SELECT lower(table_name), temporary FROM duckdb_tables() ORDER BY 1").fetchall()
    assert tables == [("t", False), ("x", True)]


def test_tables_are_told_as_they_are_shown(gate):
    checked = gate.select("FROM MIXED_case, T", {"Mixed_Case": (), "t": (), "u": ()})
    assert checked.tables == {"Mixed_Case", "t"}


def test_what_one_caller_sees_is_not_remembered_for_another(gate):
    gate.select("FROM only_mine", {"only_mine": ()})
    with pytest.raises(DuckDBQueryError, match="There is no table"):
        gate.select("FROM only_mine", {})


def test_a_table_that_a_batch_has_not_made_is_told_with_a_near_one(gate, shown):
    with pytest.raises(DuckDBQueryError, match=r'has made no table "visit"\. Did you mean visits'):
        gate.batch_statement("DROP TABLE visit", shown, {"visits"})


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("EXPLAIN SELECT 1", "POST /api/v1/duckdb/explain"),
        ("SHOW TABLES", "GET /api/v1/duckdb/catalog"),
        ("SELECT 1; SELECT 2", "POST /api/v1/duckdb/batch"),
        ("FROM core_web_sessions", "Did you mean core_web__sessions?"),
        ("SELECT 1,\n  nextval('s')", 'The function "nextval" may not be called here at line 2, column 3.'),
        ("FROM main.t", "without a catalog or schema"),
    ],
    ids=["explain", "show", "several", "near", "function", "schema"],
)
def test_a_refusal_says_what_and_what_to_do(sql, told, gate, shown):
    with pytest.raises(DuckDBQueryError) as raised:
        gate.select(sql, shown)
    assert told in str(raised.value)


@settings(max_examples=examples(300), deadline=None)
@given(st.sampled_from(NESTING), st.lists(st.sampled_from(WRAPPED), max_size=4))
def test_what_may_run_may_run_within_other_queries(sql, wrappings):
    for wrapping in wrappings:
        sql = wrapping.replace("{query}", gated(sql).sql)
        if len(sql) > 20_000:
            return
    assert gated(sql).does == "select"


@settings(max_examples=examples(300), deadline=None)
@given(st.sampled_from(FORBIDDEN), st.lists(st.sampled_from(WRAPPED), max_size=4))
def test_what_may_not_run_may_not_run_within_other_queries(sql, wrappings):
    for wrapping in wrappings:
        if len(sql) < 10_000:
            sql = wrapping.replace("{query}", sql)
    with pytest.raises(DuckDBQueryError):
        gated(sql)


@settings(max_examples=examples(300), deadline=None)
@given(st.text(max_size=50) | st.lists(WORDS, max_size=25).map(" ".join))
def test_any_text_gives_a_statement_or_an_error_of_ours(sql):
    error = refusal(gated, sql)
    assert error is None or str(error)
    assert refusal(GATE.batch_statement, sql, SHOWN, {"own"}) is None or error


@settings(max_examples=examples(300), deadline=None)
@given(st.sampled_from([*ALLOWED, *FORBIDDEN]), st.data())
def test_a_text_with_a_piece_cut_out_or_put_in_gives_an_error_of_ours_at_most(sql, data):
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(sql))] * 2)))
    changed = sql[:first] + data.draw(st.sampled_from(["", "(", ")", "'", '"', "--", "/*", "x", ".", ";"])) + sql[last:]
    error = refusal(gated, changed)
    assert error is None or str(error)
