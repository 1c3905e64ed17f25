"""Statements over tables of the caller's own: temporary ones of one connection, which vanish with it."""

from dataclasses import dataclass, field

from duckdb import DuckDBPyConnection

from analytics_pipelines.sql_service.errors import DuckDBQueryError
from analytics_pipelines.sql_service.gate.checked import Checked
from analytics_pipelines.sql_service.messages import Statement
from analytics_pipelines.sql_service.worker.parameters import checked_parameters
from analytics_pipelines.sql_service.worker.query import watch_hidden
from analytics_pipelines.sql_service.worker.task import Task

MOST_TABLES = 64
SELECT = "select"
NO_ROWS = b'"data":[],"columns":[]'
"""What statements that write answer, as JSON."""


@dataclass(slots=True)
class OwnTables:
    """Those that there are."""

    names: set[str] = field(default_factory=set)

    def changed_by(self, checked: Checked) -> None:
        """Note what a statement made or removed."""
        if checked.does == "create":
            self.names.add(checked.target)
        elif checked.does == "drop":
            self.names.discard(checked.target)


def checked_statement(task: Task, statement: Statement, own: OwnTables) -> Checked:
    """The statement as the gate lets it through; raises what the gate raises, and `DuckDBQueryError`."""
    checked_parameters(statement.parameters)
    with task.timed():
        checked = task.plans.gate.batch_statement(statement.sql, task.instance.shown.columns, own.names)
    if checked.does == "create" and len(own.names) >= MOST_TABLES:
        raise DuckDBQueryError(
            "There are too many temporary tables.", limit=str(MOST_TABLES), remedy="DROP those that are done with."
        )
    return checked


def write(task: Task, cursor: DuckDBPyConnection, checked: Checked, statement: Statement, own: OwnTables) -> int:
    """Make, fill or remove a table; how many rows it was about."""
    watch_hidden(task, checked)
    with task.timed():
        row = cursor.execute(checked.sql, statement.parameters or None).fetchone()
    own.changed_by(checked)
    return int(row[0]) if row and isinstance(row[0], int) else 0
