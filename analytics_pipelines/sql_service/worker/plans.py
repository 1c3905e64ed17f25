"""What is known of a query before it runs: that it may, its columns, and the SQL that gives them exactly.

The last ones are remembered, since checking and describing a short query takes longer than running it. Queries over
tables of the caller's own are not: other tables may have their names next time.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import duckdb
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.sql_service.allowance import Rights
from analytics_pipelines.sql_service.encode.preparation import prepared
from analytics_pipelines.sql_service.gate.checked import Checked
from analytics_pipelines.sql_service.gate.gate import Gate
from analytics_pipelines.sql_service.messages import Format, Parameters, Statement
from analytics_pipelines.sql_service.worker.engine import Instance
from analytics_pipelines.sql_service.worker.parameters import shape_of

MOST_REMEMBERED = 256
LONGEST_REMEMBERED = 10_000
"""Characters of a query."""
DESCRIBE = Sql("DESCRIBE {query}")

Columns = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How an answer is written, and how long it may be."""

    format: Format
    row_limit: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A SELECT that may run."""

    checked: Checked
    columns: Columns
    """Names and DuckDB's types, as the caller's SQL gives them."""
    sql: str
    """What is run in its place."""
    bounds: Bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A SELECT that somebody wants answered."""

    rights: Rights
    instance: Instance
    statement: Statement
    bounds: Bounds


class Plans:
    """Those of this process."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self._remembered: OrderedDict[Hashable, Plan] = OrderedDict()

    def plan(self, cursor: DuckDBPyConnection, wanted: Wanted, watch: Callable[[Checked], None]) -> Plan:
        """The plan of a SELECT; raises what the gate raises and what DuckDB says of SQL that can not be bound.

        `watch` is given what the gate found before anything is asked of DuckDB.
        """
        statement = wanted.statement
        key = (wanted.rights, wanted.bounds, statement.sql, shape_of(statement.parameters))
        found = self._remembered.get(key)
        if found is not None:
            self._remembered.move_to_end(key)
            watch(found.checked)
            return found
        checked = self.gate.select(statement.sql, wanted.instance.shown.columns)
        watch(checked)
        found = planned(cursor, checked, statement, wanted.bounds)
        self._remember(key, found, statement.sql)
        return found

    def _remember(self, key: Hashable, plan: Plan, sql: str) -> None:
        if len(sql) <= LONGEST_REMEMBERED:
            self._remembered[key] = plan
        if len(self._remembered) > MOST_REMEMBERED:
            self._remembered.popitem(last=False)


def planned(cursor: DuckDBPyConnection, checked: Checked, statement: Statement, bounds: Bounds) -> Plan:
    """The plan of a SELECT that passed the gate; raises what DuckDB says of SQL that can not be bound."""
    columns = described(cursor, checked.sql, statement.parameters)
    return Plan(checked, columns, prepared(checked.sql, columns, bounds.format, bounds.row_limit), bounds)


def described(cursor: DuckDBPyConnection, sql: str, parameters: Parameters | None) -> Columns:
    """Names and types of what a SELECT gives, without running it; raises what DuckDB says of it."""
    try:
        if parameters:
            rows = cursor.execute(DESCRIBE.fill(query=Sql(sql)).text, parameters).fetchall()
            return [(str(row[0]), str(row[1])) for row in rows]
        # Binds alone, which takes a third of the time, but knows no values.
        relation = cursor.sql(sql)
        return list(zip(relation.columns, map(str, relation.types), strict=True))
    except duckdb.Error as error:
        return _told_by_running(cursor, sql, parameters, error)


def _told_by_running(
    cursor: DuckDBPyConnection, sql: str, parameters: Parameters | None, error: duckdb.Error
) -> Columns:
    """Said of the caller's own text, an error shows the place in it; what fails to be bound does not run."""
    try:
        result = cursor.execute(sql, parameters or None)
    except duckdb.TransactionException:
        raise error from None
    return [(str(each[0]), str(each[1])) for each in result.description]
