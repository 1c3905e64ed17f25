"""One SELECT: through the gate, described, run with its values bound, and written as it comes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from duckdb import DuckDBPyConnection

from analytics_pipelines.sql_service.encode.encoding import encoded
from analytics_pipelines.sql_service.gate.checked import Checked
from analytics_pipelines.sql_service.messages import Parameters, Statement
from analytics_pipelines.sql_service.worker.answer import Answer
from analytics_pipelines.sql_service.worker.parameters import checked_parameters
from analytics_pipelines.sql_service.worker.plans import Bounds, Plan, Wanted, planned
from analytics_pipelines.sql_service.worker.task import Task, read_only


@dataclass(frozen=True, slots=True)
class Selected:
    """How a SELECT ended."""

    rows: int
    is_truncated: bool


def answer_query(task: Task) -> None:
    """Answer the job's one query; raises whatever it fails of."""
    (statement,) = task.job.statements
    with task.cursor() as cursor, read_only(cursor):
        plan = select_plan(task, cursor, statement, Bounds(task.job.format, task.job.row_limit))
        selected = answer_select(task, cursor, plan, statement.parameters, task.answer)
    task.answer.end(task.ended(selected.rows, is_truncated=selected.is_truncated))


def select_plan(task: Task, cursor: DuckDBPyConnection, statement: Statement, bounds: Bounds) -> Plan:
    """The plan of a SELECT over the generation alone."""
    checked_parameters(statement.parameters)
    wanted = Wanted(rights=task.job.rights, instance=task.instance, statement=statement, bounds=bounds)
    with task.timed():
        return task.plans.plan(cursor, wanted, partial(watch_hidden, task))


def own_plan(task: Task, cursor: DuckDBPyConnection, checked: Checked, statement: Statement, bounds: Bounds) -> Plan:
    """The plan of a SELECT that may read the caller's own tables."""
    checked_parameters(statement.parameters)
    watch_hidden(task, checked)
    with task.timed():
        return planned(cursor, replace(checked, is_repeatable=False), statement, bounds)


def watch_hidden(task: Task, checked: Checked) -> None:
    """Errors from now on may be about columns of these tables that the caller may not see."""
    hidden = task.instance.shown.hidden
    task.counted.hidden = tuple(column for table in checked.tables for column in hidden.get(table, ()))


def answer_select(
    task: Task, cursor: DuckDBPyConnection, plan: Plan, parameters: Parameters | None, answer: Answer
) -> Selected:
    """Write the head and the rows of a plan, all but END."""
    task.counted.columns = tuple(plan.columns)
    task.counted.is_repeatable = plan.checked.is_repeatable
    answer.head(task.head(plan.bounds.format, plan.columns, is_repeatable=plan.checked.is_repeatable))
    return run_select(task, cursor, plan, parameters, answer.data)


def run_select(
    task: Task, cursor: DuckDBPyConnection, plan: Plan, parameters: Parameters | None, write: Callable[[bytes], object]
) -> Selected:
    """Run a plan and hand over the parts of its answer; the rows are counted to the job's."""
    bounds = plan.bounds
    with task.timed():
        result = cursor.execute(plan.sql, parameters or None)
    encoding = encoded(result, plan.columns, bounds.format, bounds.row_limit)
    for part in encoding.parts():
        task.running.check()
        write(part)
    task.counted.engine_s += encoding.engine_s
    task.counted.rows += encoding.rows
    return Selected(encoding.rows, encoding.is_truncated)
