import re

import duckdb
import pytest

from analytics_pipelines.sql_service.errors import QueryRefused
from analytics_pipelines.sql_service.gate.functions import (
    AGGREGATES,
    CALLED,
    TABLES,
    VOLATILE,
    WINDOWS,
    check_called,
    check_table_function,
)

HARMFUL = re.compile(
    r"read_|scan|parquet|sniff|glob$|getenv|setting|variable|secret|duckdb|pragma|nextval|currval|sleep|write_log|_logs|logging|serialize"
    r"|query|setseed|finalize|combine|stats|create_sort_key|__internal|^st_|pg_get|connection|transaction_id|txid"
)


def call(name, *children, **more):
    return {"class": "FUNCTION", "function_name": name, "children": list(children), **more}


def text(value):
    return {"class": "CONSTANT", "value": {"type": {"id": "VARCHAR"}, "value": value}}


def nowhere():
    return " somewhere"


@pytest.fixture(scope="module")
def engine():
    sql = "SELECT lower(function_name), function_type, stability FROM duckdb_functions()"
    return duckdb.connect().execute(sql).fetchall()


def test_every_function_on_the_list_is_the_engines(engine):
    assert CALLED - {name for name, _, _ in engine} == {"->"}
    assert {name for name, kind, _ in engine if kind == "table"} >= TABLES


def test_nothing_on_the_lists_has_the_name_of_something_harmful():
    assert {name for name in CALLED | TABLES if HARMFUL.search(name)} == set()


def test_no_table_function_is_called_as_another(engine):
    tables = {name for name, kind, _ in engine if kind in {"table", "table_macro", "pragma"}}
    others = {name for name, kind, _ in engine if kind in {"scalar", "aggregate", "macro"}}
    assert CALLED & (tables - others) <= {"unnest"}


def test_every_aggregate_on_the_list_is_one(engine):
    names = {name for name, kind, _ in engine if kind in {"aggregate", "macro"}}
    assert names >= AGGREGATES
    assert names >= WINDOWS


def test_whatever_the_engine_calls_volatile_is_so_here(engine):
    volatile = {name for name, _, stability in engine if stability not in {"CONSISTENT", None}}
    steady = {"current_database", "current_schema", "error"}
    assert (volatile & CALLED) - VOLATILE == steady
    assert VOLATILE <= CALLED | TABLES


@pytest.mark.parametrize(
    ("told", "is_repeatable"),
    [
        (call("UPPER", text("a")), True),
        (call("upper", schema="title"), True),
        (call("now"), False),
        (call("age", {}), False),
        (call("age", {}, {}), True),
        (call("list_aggregate", {}, text("SUM")), True),
    ],
    ids=["capitals", "on a column", "time", "age until now", "age between", "named"],
)
def test_a_call_says_whether_it_gives_the_same_each_time(told, is_repeatable):
    assert check_called(told, nowhere) is is_repeatable


@pytest.mark.parametrize(
    "told",
    [
        call("getenv", text("PATH")),
        call("read_text", text("x")),
        call(""),
        {},
        call("list_aggregate", {}, text("nextval")),
        call("list_aggregate", {}, {"class": "PARAMETER"}),
        call("list_aggregate", {}),
        call("list_aggregate", text("nextval"), text("sum"), schema="items"),
        call("list_aggregate", text("nextval"), text("sum"), schema="items", catalog="t"),
    ],
    ids=[
        *("environment", "file", "nothing", "none", "hidden name", "parameter", "missing"),
        *("hidden name on a column", "hidden name on a table's column"),
    ],
)
def test_what_is_not_on_the_list_is_refused(told):
    with pytest.raises(QueryRefused):
        check_called(told, nowhere)


def test_a_refusal_says_where_and_what_may_have_been_meant():
    with pytest.raises(QueryRefused, match=r'"uper" may not be called here somewhere\. Did you mean .*upper'):
        check_called(call("uper"), nowhere)
    with pytest.raises(QueryRefused, match="Call functions that compute"):
        check_called(call("getenv"), nowhere)
    with pytest.raises(QueryRefused, match=r"lists the tables.*/imports"):
        check_table_function(call("read_csv"), nowhere)


@pytest.mark.parametrize(
    "told",
    [call("read_csv"), call("upper"), call("range", schema="x"), call("range", catalog="x"), {"class": "COLUMN_REF"}],
    ids=["file", "scalar", "schema", "catalog", "no call"],
)
def test_what_stands_in_from_is_on_a_list_of_its_own(told):
    assert check_table_function(call("range"), nowhere)
    assert not check_table_function(call("pg_timezone_names"), nowhere)
    with pytest.raises(QueryRefused):
        check_table_function(told, nowhere)
