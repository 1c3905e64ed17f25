import duckdb
import pytest

from analytics_pipelines.foundation.bound import Bound
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.ask.filters import (
    MOST_FILTERS,
    BadFilter,
    Filters,
    FilterTooLarge,
    UnknownField,
    UnknownOperator,
)
from analytics_pipelines.storage_snapshots.ask.values import BadValue


@pytest.fixture
def cursor():
    with duckdb.connect() as found:
        yield found


def made(cursor, *given):
    bound = Bound()
    filters = Filters(cursor, None, bound)
    return filters.every(list(given), "/filters"), bound, filters


UID = {"field": "uid", "op": "gt", "value": 5}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(UID, [6], id="a test"),
        pytest.param({"not": UID}, [None, 4], id="what is not known passes not"),
        pytest.param({"not": {"not": UID}}, [6], id="and fails not not"),
        pytest.param({"field": "uid", "op": "is_null"}, [None], id="null"),
        pytest.param({"field": "uid", "op": "is_null", "value": False}, [4, 6], id="not null"),
        pytest.param({"field": "uid", "op": "ne", "value": 4}, [6], id="what is not known is not unequal"),
        pytest.param({"or": [UID, {"field": "uid", "op": "is_null"}]}, [None, 6], id="or"),
    ],
)
def test_what_is_not_known_passes_few_tests(cursor, given, expected):
    condition, bound, _ = made(cursor, given)
    query = Sql("SELECT uid FROM (VALUES (NULL), (4), (6)) AS t(uid) WHERE {condition} ORDER BY uid NULLS FIRST")
    found = cursor.execute(query.fill(condition=condition).text, bound.values).fetchall()
    assert [uid for (uid,) in found] == expected


def nested(depth):
    given = UID
    for _ in range(depth):
        given = {"not": given}
    return given


@pytest.mark.parametrize(
    ("given", "error", "where"),
    [
        pytest.param([], BadFilter, "/filters/0", id="a list"),
        pytest.param({"and": []}, BadFilter, "/filters/0", id="none of nothing"),
        pytest.param({"and": [UID], "or": [UID]}, BadFilter, "/filters/0", id="two at once"),
        pytest.param(UID | {"extra": 1}, BadFilter, "/filters/0", id="a word too many"),
        pytest.param({"and": [UID, 5]}, BadFilter, "/filters/0/and/1", id="a number"),
        pytest.param({"field": "x", "op": "eq", "value": 1}, UnknownField, "/filters/0/field", id="field"),
        pytest.param(UID | {"op": "="}, UnknownOperator, "/filters/0/op", id="operator"),
        pytest.param(UID | {"case_sensitive": True}, BadValue, "/filters/0/case_sensitive", id="case of a number"),
        pytest.param(UID | {"op": "between", "value": [1]}, BadValue, "/filters/0/value", id="one end"),
        pytest.param(UID | {"op": "in", "value": list(range(1001))}, FilterTooLarge, "/filters/0/value", id="values"),
        pytest.param(UID | {"op": "is_null", "value": 3}, BadValue, "/filters/0/value", id="null is true or false"),
        pytest.param({"and": [UID] * MOST_FILTERS}, FilterTooLarge, "/filters/0/and/", id="many"),
        pytest.param(nested(9), FilterTooLarge, "/filters/0/not", id="deep"),
    ],
)
def test_a_bad_filter_is_refused_by_where_it_stands(cursor, given, error, where):
    with pytest.raises(error, match="^At " + where):
        made(cursor, given)


def test_only_patterns_that_every_name_must_match_serve_the_index(cursor):
    pattern = {"field": "name", "op": "contains", "value": "abc"}
    for given, count in [(pattern, 1), ({"and": [pattern]}, 0), ({"or": [pattern]}, 0), ({"not": pattern}, 0)]:
        assert len(made(cursor, given)[2].of_names) == count
