"""How DuckDB goes about a query: its operators as a tree, without names of files; analyzed, with what each one took."""

from collections.abc import Mapping
from typing import Any

import orjson
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.sql_service.errors import DuckDBQueryError
from analytics_pipelines.sql_service.gate.checked import Checked
from analytics_pipelines.sql_service.messages import Format, Statement
from analytics_pipelines.sql_service.worker.failures import A_FILE, PATH
from analytics_pipelines.sql_service.worker.parameters import checked_parameters
from analytics_pipelines.sql_service.worker.query import watch_hidden
from analytics_pipelines.sql_service.worker.task import Task, read_only

EXPLAIN = Sql("EXPLAIN (FORMAT json) {query}")
ANALYZE = Sql("EXPLAIN (ANALYZE, FORMAT json) {query}")
OF_ANALYSIS = "EXPLAIN_ANALYZE"
ESTIMATE = "Estimated Cardinality"
TOTALS = {
    "latency_s": "latency",
    "cpu_s": "cpu_time",
    "rows_scanned": "cumulative_rows_scanned",
    "most_memory_bytes": "system_peak_buffer_memory",
    "most_spilled_bytes": "system_peak_temp_dir_size",
}
"""Ours, and DuckDB's name of the same."""


def answer_explain(task: Task) -> None:
    """Answer `"plan"`, the root operator, and of an analysis `"analysis"`; raises whatever it fails of.

    An operator has `name`, `details`, `estimated_rows`, `children`, and analyzed `rows`, `scanned_rows`, `time_s`.
    """
    (statement,) = task.job.statements
    checked_parameters(statement.parameters)
    checked = task.plans.gate.select(statement.sql, task.instance.shown.columns)
    watch_hidden(task, checked)
    with task.cursor() as cursor, read_only(cursor):
        told = _explained(task, cursor, checked, statement)
    try:
        members = members_of(orjson.loads(told))
    except (orjson.JSONDecodeError, orjson.JSONEncodeError, RecursionError):
        raise DuckDBQueryError(
            "The plan nests too deep to be told.", remedy="Explain parts of the query, one at a time."
        ) from None
    task.answer.head(task.head(Format.JSON))
    task.answer.data(members)
    task.answer.end(task.ended(0, is_truncated=False))


def members_of(told: Any) -> bytes:
    """DuckDB's JSON of a plan as members of our answer."""
    if isinstance(told, list):
        return orjson.dumps({"plan": operator_of(told[0]) if told else None})[1:-1]
    roots = told.get("children") or []
    while roots and _name(roots[0]) == OF_ANALYSIS:
        roots = roots[0].get("children") or []
    analysis = {ours: told.get(theirs) for ours, theirs in TOTALS.items()}
    return orjson.dumps({"plan": operator_of(roots[0]) if roots else None, "analysis": analysis})[1:-1]


def operator_of(told: Mapping[str, Any]) -> dict[str, Any]:
    """One operator with those below it."""
    details = {name: _scrubbed(value) for name, value in (told.get("extra_info") or {}).items()}
    estimate = str(details.pop(ESTIMATE, ""))
    found = {
        "name": _name(told),
        "details": details,
        "estimated_rows": int(estimate) if estimate.isdecimal() else None,
    }
    if "operator_timing" in told:
        found["rows"] = told.get("operator_cardinality")
        found["scanned_rows"] = told.get("operator_rows_scanned")
        found["time_s"] = told["operator_timing"]
    return found | {"children": [operator_of(each) for each in told.get("children") or []]}


def _explained(task: Task, cursor: DuckDBPyConnection, checked: Checked, statement: Statement) -> str:
    text = (ANALYZE if task.job.is_analyzed else EXPLAIN).fill(query=Sql(checked.sql)).text
    with task.timed():
        rows = cursor.execute(text, statement.parameters or None).fetchall()
    return str(rows[0][1])


def _name(told: Mapping[str, Any]) -> str:
    return str(told.get("operator_name") or told.get("name") or "").strip()


def _scrubbed(value: Any) -> Any:
    if isinstance(value, list):
        return [_scrubbed(each) for each in value]
    return PATH.sub(A_FILE, value) if isinstance(value, str) else value
