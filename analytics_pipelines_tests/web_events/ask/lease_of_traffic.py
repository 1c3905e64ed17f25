"""Stands for a generation: drawn traffic under the names and with the scans that a lease has."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from analytics_pipelines.foundation.duck import Duck, rows_of
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.web_events.tables import CORE_EVENTS, SESSIONS, SITES
from analytics_pipelines_tests.web_events.traffic import Traffic

COLUMNS = {CORE_EVENTS.name: "event_date", SESSIONS.name: "visit_date"}
SCAN = Sql("SELECT * FROM {table} WHERE {column} BETWEEN CAST({first} AS DATE) AND CAST({last} AS DATE)")


class TrafficLease:
    """Answers like `Lease`, from rows in memory."""

    def __init__(self, duck: Duck, traffic: Traffic) -> None:
        self._duck = duck
        self._rows = {
            CORE_EVENTS.name: traffic.events(date.min, date.max),
            SESSIONS.name: traffic.sessions(date.min, date.max),
            SITES.name: traffic.sites(date.min, date.max),
        }
        self.scanned: dict[str, tuple[date, date]] = {}

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        with self._duck.cursor() as cursor:
            for table, rows in self._rows.items():
                rows.mount(cursor, table)
            yield cursor

    def rows(self, model: Any, query: Sql, **values: object) -> Any:
        with self.cursor() as cursor:
            return rows_of(cursor, model, query, values)

    def days(self, table: str, first: date, last: date) -> tuple[date, ...]:
        found = {row[COLUMNS[table]] for row in self._rows[table].rows.to_pylist()}
        return tuple(sorted(day for day in found if first <= day <= last))

    def scan(self, table: str, first: date, last: date) -> Sql:
        self.scanned[table] = first, last
        days = {"first": Sql("'" + str(first) + "'"), "last": Sql("'" + str(last) + "'")}
        return SCAN.fill(table=Sql(table), column=Sql(COLUMNS[table]), **days)
