"""Which types Arrow and Parquet get, and which are sent unchanged."""

import pytest

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.sql_service.encode.exact_types import kept
from analytics_pipelines.sql_service.encode.types import type_of
from analytics_pipelines.sql_service.messages import Format

X = Sql("x")


@pytest.mark.parametrize("kind", ["INTEGER", "VARCHAR[]", "STRUCT(a DATE, b DOUBLE[])", "MAP(VARCHAR, BLOB)"])
@pytest.mark.parametrize("target", [Format.ARROW, Format.PARQUET])
def test_types_that_both_hold_are_sent_as_they_are(kind, target):
    assert kept(X, type_of(kind), target) is X


@pytest.mark.parametrize("kind", ["ENUM('a')", "UUID", "TIMESTAMP_S", "TIME_NS", "INTEGER[2]"])
def test_arrow_holds_more_than_parquet(kind):
    assert kept(X, type_of(kind), Format.ARROW) is X
    assert kept(X, type_of(kind), Format.PARQUET) is not X


@pytest.mark.parametrize("kind", ["HUGEINT", "INTERVAL", "BIT", "TIME WITH TIME ZONE", "UNION(a INTEGER)", "VARIANT"])
@pytest.mark.parametrize("around", ["{}", "{}[]", "STRUCT(a INTEGER, b {})", "MAP({}, INTEGER)", "MAP(DATE, {})"])
@pytest.mark.parametrize("target", [Format.ARROW, Format.PARQUET])
def test_what_neither_holds_is_changed_wherever_it_stands(kind, around, target):
    assert kept(X, type_of(around.format(kind)), target) is not X
