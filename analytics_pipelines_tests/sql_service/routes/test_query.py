"""POST /query: what is asked of the broker, and what the client gets of its answer."""

import pytest

from analytics_pipelines.sql_service.allowance import Caller, Rights
from analytics_pipelines.sql_service.errors import (
    CircuitBreakerOpenException,
    DuckDBResourceError,
    QueryRefused,
    QueryTimedOut,
    TooManyQueries,
)
from analytics_pipelines.sql_service.messages import MOST_SQL_BYTES, Ask, Does, Format, Statement
from analytics_pipelines.sql_service.routes.query import accepted
from analytics_pipelines.sql_service.service import FetchMode
from analytics_pipelines_tests.sql_service.routes.door import asked
from analytics_pipelines_tests.sql_service.stand_in import END, HEAD, data, end, failed, head

ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"


def test_an_answer_has_the_contracts_members(broker, analyst):
    answer = asked(analyst)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    columns = [{"name": "a", "type": "INTEGER"}]
    assert answer.json() == {"data": [[1]], "columns": columns, **END}
    assert (answer.headers["x-query-id"], answer.headers["x-generation"]) == (HEAD["query_id"], HEAD["generation"])


def test_the_broker_is_asked_for_what_was_sent(broker, door):
    asked(door.admin, params={"day": "2026-11-21", "n": [1, None]}, limit=7, timeout_s=2.5)
    caller = Caller("token admin", Rights.ADMIN)
    statement = Statement("SELECT 1", {"day": "2026-11-21", "n": [1, None]})
    assert broker.asks == [Ask(does=Does.QUERY, caller=caller, statements=(statement,), limit=7, timeout_s=2.5)]
    asked(door.analyst)
    assert broker.asks[-1].caller == Caller("token analyst", Rights.ANALYST)


@pytest.mark.parametrize(
    ("sent", "accept", "expected"),
    [
        pytest.param({}, "", (Format.JSON, None), id="nothing named"),
        pytest.param({"fetch_mode": "one", "limit": 9}, "", (Format.JSON, 1), id="one row"),
        pytest.param({"fetch_mode": "many", "limit": 9}, "", (Format.JSON, 9), id="some rows"),
        pytest.param({"fetch_mode": "many"}, "", (Format.JSON, 1000), id="some rows without a number"),
        pytest.param({}, ARROW, (Format.ARROW, None), id="accept arrow"),
        pytest.param({"limit": 3}, "text/csv", (Format.CSV, 3), id="accept csv"),
        pytest.param({}, PARQUET, (Format.PARQUET, None), id="accept parquet"),
        pytest.param({"fetch_mode": "all"}, ARROW, (Format.JSON, None), id="the mode wins"),
        pytest.param({"fetch_mode": "csv"}, "application/json", (Format.CSV, None), id="the mode wins again"),
    ],
)
def test_mode_and_accept_choose_format_and_rows(broker, analyst, sent, accept, expected):
    asked(analyst, **sent, headers={"Accept": accept})
    assert (broker.asks[0].format, broker.asks[0].limit) == expected


@pytest.mark.parametrize(
    ("accept", "mode"),
    [
        pytest.param("*/*", FetchMode.ALL, id="anything"),
        pytest.param("text/html, */*;q=0.1", FetchMode.ALL, id="a browser"),
        pytest.param("application/json;q=0.5, text/csv", FetchMode.CSV, id="csv first by weight"),
        pytest.param(f"{ARROW}, text/csv", FetchMode.ARROW, id="the first of two"),
        pytest.param(f"{ARROW};q=0.2, text/csv;q=0.3", FetchMode.CSV, id="the heavier of two"),
        pytest.param("TEXT/CSV; header=present", FetchMode.CSV, id="capitals and parameters"),
        pytest.param("text/csv;q=0", FetchMode.ALL, id="not at all"),
        pytest.param("text/csv;q=often", FetchMode.ALL, id="a weight that is none"),
        pytest.param(",;,", FetchMode.ALL, id="nonsense"),
    ],
)
def test_accept_is_weighed(accept, mode):
    assert accepted(accept) is mode


@pytest.mark.parametrize(
    ("mode", "media_type", "name"),
    [
        ("arrow", ARROW, "q1.arrows"),
        ("csv", "text/csv; charset=utf-8", "q1.csv"),
        ("parquet", PARQUET, "q1.parquet"),
    ],
)
def test_streams_come_as_they_are_with_a_name(broker, analyst, mode, media_type, name):
    broker.answers["SELECT 1"] = [head(), data(b"\x00abc"), data(b"def"), end()]
    answer = asked(analyst, fetch_mode=mode)
    assert (answer.status_code, answer.content) == (200, b"\x00abcdef")
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'


def test_a_statement_of_the_longest_length_passes(broker, analyst):
    longest = "SELECT 1".ljust(MOST_SQL_BYTES)
    broker.answers[longest] = broker.answers["SELECT 1"]
    assert asked(analyst, longest).status_code == 200
    refused = asked(analyst, longest + " ")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "body/query")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"{", "BadJson", id="no JSON"),
        pytest.param(b'{"query": "SELECT 1", "params": [NaN]}', "BadJson", id="NaN"),
        pytest.param(b'{"query": "SELECT 1", "params": [1e400]}', "BadJson", id="a number past all"),
        pytest.param(b'{"query": "\\ud800"}', "BadJson", id="half a character"),
        pytest.param(b'{"query": "SELECT 1", "params": ' + b"[" * 5000 + b"]" * 5000 + b"}", "BadJson", id="depth"),
        pytest.param(b'{"query": "SELECT 1", "params": [' + b"9" * 30 + b"]}", "DuckDBQueryError", id="past 64 bits"),
        pytest.param(b"[]", "InvalidRequest", id="a list"),
        pytest.param(b'{"query": ""}', "InvalidRequest", id="no SQL"),
        pytest.param(b'{"query": "SELECT 1", "fetch_mode": "some"}', "InvalidRequest", id="an unknown mode"),
        pytest.param(b'{"query": "SELECT 1", "limit": 0}', "InvalidRequest", id="no rows"),
        pytest.param(b'{"query": "SELECT 1", "timeout_s": -1}', "InvalidRequest", id="no time"),
        pytest.param(b'{"query": "SELECT 1", "parms": []}', "InvalidRequest", id="a name misspelt"),
    ],
)
def test_bodies_that_are_none_are_the_clients_mistake(broker, analyst, body, code):
    answer = analyst.post("/query", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert broker.asks == []


@pytest.mark.parametrize(
    ("error", "status", "retry_after"),
    [
        pytest.param(QueryRefused("No.", remedy="Leave it."), 422, None, id="refused"),
        pytest.param(DuckDBResourceError("Too much.", limit="1 GB"), 422, None, id="resource"),
        pytest.param(TooManyQueries("Wait.", retry_after_s=3), 429, "3", id="too many"),
        pytest.param(QueryTimedOut("Slow."), 504, None, id="timed out"),
        pytest.param(CircuitBreakerOpenException("Rest.", retry_after_s=17), 503, "17", id="breaker open"),
    ],
)
def test_errors_are_problems_with_their_status(broker, analyst, error, status, retry_after):
    broker.answers["SELECT 1"] = [failed(error)]
    answer = asked(analyst)
    assert (answer.status_code, answer.headers.get("retry-after")) == (status, retry_after)
    problem = answer.json()
    assert (problem["code"], problem["detail"]) == (type(error).__name__, error.detail)
    assert (problem.get("limit"), problem.get("remedy")) == (error.limit, error.remedy)


def test_who_may_not_ask_does_not_reach_the_broker(broker, door):
    assert [asked(client).status_code for client in (door.nobody, door.viewer)] == [401, 403]
    assert broker.asks == []
