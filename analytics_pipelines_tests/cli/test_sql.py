"""SQL in the shell, with a broker that says what a test has it say."""

import json
import sys
from io import StringIO

import pytest

from analytics_pipelines.foundation.home import Home
from analytics_pipelines.sql_service.allowance import Rights
from analytics_pipelines.sql_service.errors import DuckDBQueryError
from analytics_pipelines.sql_service.messages import Does, Format
from analytics_pipelines.sql_service.places import Places
from analytics_pipelines_tests.sql_service.stand_in import END, data, end, failed, head, standing_in

SQL = "SELECT site, n FROM visits"
MEMBERS = b'"data":[["a [b]",7],[null,[1,2]]],"columns":[{"name":"site","type":"VARCHAR"},{"name":"n","type":"BIGINT"}]'
ROWS = [head(), data(MEMBERS[:20]), data(MEMBERS[20:]), end(row_count=2, truncated=True)]
CSV = [head(format="csv"), data(b"site,n\n"), data(b"a,7\n"), end()]


@pytest.fixture
def broker(home):
    with standing_in(Places.of(Home(home))) as found:
        found.answers = {SQL: ROWS}
        yield found


def test_rows_are_a_table_and_more_are_said(analytics, broker):
    outcome = analytics("query", SQL)
    assert outcome.status == 0, outcome.err
    assert [line.split() for line in outcome.out.splitlines() if line.strip()][:3] == [
        ["site", "n"],
        ["a", "[b]", "7"],
        ["-", "[1,2]"],
    ]
    assert "2 rows, and there are more (--limit), 1.0 ms, generation g1" in outcome.out
    (ask,) = broker.asks
    assert (ask.does, ask.format, ask.limit, ask.caller.rights) == (Does.QUERY, Format.JSON, 100, Rights.ADMIN)


def test_values_stand_for_names(analytics, broker):
    analytics("query", SQL, "--param", "n=7", "--param", "site=example.org", "--limit", "5", "--timeout", "2")
    (ask,) = broker.asks
    assert (ask.statements[0].parameters, ask.limit, ask.timeout_s) == ({"n": 7, "site": "example.org"}, 5, 2.0)
    wrong = analytics("query", SQL, "--param", "n")
    assert (wrong.status, "NAME=VALUE" in wrong.err) == (1, True)


def test_csv_goes_to_the_screen_or_into_a_file_as_it_came(analytics, broker, home):
    broker.answers[SQL] = CSV
    shown = analytics("query", SQL, "--format", "csv")
    assert shown.out == "site,n\na,7\n"
    file = home.parent / "visits.csv"
    outcome = analytics("query", SQL, "--format", "csv", "--output", file)
    assert file.read_bytes() == b"site,n\na,7\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert "1 rows in" in outcome.out
    assert [ask.limit for ask in broker.asks] == [None, None]


def test_json_is_one_object_as_over_http(analytics, broker, home):
    analytics("query", SQL, "--format", "json", "--output", "visits.json")
    told = json.loads((home.parent / "visits.json").read_bytes())
    assert told == json.loads(b"{" + MEMBERS + b"}") | END | {"row_count": 2, "truncated": True}


def test_sql_comes_from_standard_input_too(analytics, broker, monkeypatch):
    monkeypatch.setattr(sys, "stdin", StringIO(SQL))
    assert analytics("query", "-").status == 0


def test_an_answer_that_breaks_off_leaves_no_file(analytics, broker, home):
    broker.answers[SQL] = [head(format="parquet"), data(b"PAR1"), failed(DuckDBQueryError("It failed on a row."))]
    before = set(home.parent.iterdir())
    outcome = analytics("query", SQL, "--format", "parquet", "--output", "visits.parquet")
    assert (outcome.status, outcome.err) == (1, "error: It failed on a row.\n")
    assert set(home.parent.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("--output", "x"), "A table is for the screen", id="a table into a file"),
        pytest.param(("--format", "csv", "--output", "nowhere/x"), "can not be written", id="no folder"),
    ],
)
def test_what_can_not_be_written_is_told_in_one_line(analytics, broker, arguments, says):
    outcome = analytics("query", SQL, *arguments)
    assert outcome.status == 1
    assert says in outcome.err


def test_binary_is_not_for_a_terminal(analytics, broker, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "--output FILE" in analytics("query", SQL, "--format", "arrow").err


def test_without_a_broker_the_remedy_is_told(analytics):
    outcome = analytics("query", SQL)
    assert outcome.status == 1
    assert "analytics sql" in outcome.err
