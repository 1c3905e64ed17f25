import duckdb
import pytest

from analytics_pipelines.sql_service.errors import QueryRefused
from analytics_pipelines.sql_service.gate.casts import NAMES, TYPES, check_collation, check_type

INTEGER = {"id": "INTEGER"}


def listed(depth):
    told = INTEGER
    for _ in range(depth):
        told = {"id": "LIST", "type_info": {"type": "LIST_TYPE_INFO", "child_type": told}}
    return told


def named(name, **more):
    return {"id": "UNBOUND", "type_info": {"type": "UNBOUND_TYPE_INFO", "name": name, **more}}


@pytest.mark.parametrize("told", [INTEGER, listed(3), named("JSON"), named("enum", user_type_modifiers=[])])
def test_the_engines_own_types_may_be_named(told):
    check_type(told)


@pytest.mark.parametrize(
    "told",
    [
        {"id": "LAMBDA"},
        {"id": "TYPE"},
        {"id": "BLOB", "type_info": {"alias": "GEOMETRY"}},
        named("core_web__sessions"),
        named("integer", schema="main"),
        named("integer", catalog="web_events"),
        listed(61),
        {"id": "VARCHAR", "type_info": {"collation": "../x"}},
        {"id": "INTEGER", "type_info": {"extension_info": {"modifiers": []}}},
        {"id": "STRUCT", "type_info": {"child_types": [{"first": "a", "second": named("x")}]}},
        {},
        None,
    ],
    ids=str,
)
def test_any_other_type_is_refused(told):
    with pytest.raises(QueryRefused):
        check_type(told)


def test_a_wrong_name_is_told_with_a_near_one():
    with pytest.raises(QueryRefused, match="Did you mean"):
        check_type(named("integr"))


def test_a_collation_is_a_name():
    check_collation("de.NOACCENT")
    with pytest.raises(QueryRefused):
        check_collation("a/b")


def test_every_type_on_the_lists_is_the_engines():
    rows = duckdb.connect().execute("SELECT DISTINCT lower(type_name), logical_type FROM duckdb_types()").fetchall()
    assert {name for name, _ in rows} >= NAMES - {"time_ns"}
    assert {kind for _, kind in rows} >= TYPES - {"CHAR", "INTEGER_LITERAL", "STRING_LITERAL"}
