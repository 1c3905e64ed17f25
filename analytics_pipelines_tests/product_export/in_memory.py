"""Stands for a lease: the product's core tables, on a DuckDB of the test's own."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import duckdb

from analytics_pipelines.foundation.duck import rows_of

DECLARE = """
SET TimeZone = 'Asia/Tokyo';
CREATE TABLE core_app__users (
    export_date DATE, id BIGINT, email VARCHAR, full_name VARCHAR, is_active BOOLEAN, created_at TIMESTAMPTZ
);
CREATE TABLE core_app__items (export_date DATE, id BIGINT, owner_id BIGINT, created_at TIMESTAMPTZ);
"""
ADD_USER = "INSERT INTO core_app__users VALUES (?, ?, ?, ?, ?, ?)"
ADD_ITEM = "INSERT INTO core_app__items VALUES (?, ?, ?, ?)"
SOME_TIME = datetime(2026, 1, 1, tzinfo=UTC)


class InMemory:
    """Rows without their last column, `created_at`, have one in the past; `days` are those of the rows unless given."""

    def __init__(self, users: Iterable[Sequence[Any]], items: Iterable[Sequence[Any]], days=None) -> None:
        self.cursor = duckdb.connect()
        self.cursor.execute(DECLARE)
        user_rows = [row if len(row) == 6 else [*row, SOME_TIME] for row in users]
        item_rows = [row if len(row) == 4 else [*row, SOME_TIME] for row in items]
        found = {"core_app__users": days_of(user_rows), "core_app__items": days_of(item_rows)}
        self.exported: Mapping[str, Sequence[date]] = found | (days or {})
        for query, rows in [(ADD_USER, user_rows), (ADD_ITEM, item_rows)]:
            if rows:
                self.cursor.executemany(query, rows)

    def days(self, table: str, first: date, last: date) -> tuple[date, ...]:
        return tuple(day for day in self.exported[table] if first <= day <= last)

    def rows(self, model, sql, **values):
        return rows_of(self.cursor, model, sql, values)


def days_of(rows: Iterable[Sequence[Any]]) -> list[date]:
    """Days are given as such or as text."""
    return sorted({date.fromisoformat(str(row[0])) for row in rows})
