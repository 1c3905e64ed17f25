"""Kinds of columns."""

import pytest

from analytics_pipelines.datasets.evidence import ColumnKind, kind_of


@pytest.mark.parametrize(
    ("duckdb_type", "kind"),
    [
        ("BIGINT", ColumnKind.INTEGER),
        ("HUGEINT", ColumnKind.INTEGER),
        ("DOUBLE", ColumnKind.NUMBER),
        ("DECIMAL(12,2)", ColumnKind.NUMBER),
        ("BOOLEAN", ColumnKind.BOOLEAN),
        ("DATE", ColumnKind.DATE),
        ("TIMESTAMP WITH TIME ZONE", ColumnKind.TIMESTAMP),
        ("VARCHAR", ColumnKind.TEXT),
        ("BLOB", ColumnKind.OTHER),
        ("INTEGER[]", ColumnKind.OTHER),
    ],
)
def test_the_kind_follows_from_the_type(duckdb_type, kind):
    assert kind_of(duckdb_type) is kind


def test_one_calculates_with_numbers_and_places_rows_by_times():
    assert [kind for kind in ColumnKind if kind.is_numeric] == [ColumnKind.INTEGER, ColumnKind.NUMBER]
    assert [kind for kind in ColumnKind if kind.is_temporal] == [ColumnKind.DATE, ColumnKind.TIMESTAMP]
