"""Statements in order on one connection: all or nothing, or each for itself."""

import time
from collections.abc import Sequence
from typing import Any

import orjson
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.sql_service.errors import DuckDBResourceError, told_of
from analytics_pipelines.sql_service.messages import Format, Statement
from analytics_pipelines.sql_service.worker.failures import at_fault, failure_of
from analytics_pipelines.sql_service.worker.plans import Bounds
from analytics_pipelines.sql_service.worker.query import own_plan, run_select
from analytics_pipelines.sql_service.worker.stops import ClientGone, Stopped
from analytics_pipelines.sql_service.worker.task import Task, read_only
from analytics_pipelines.sql_service.worker.writing import NO_ROWS, SELECT, OwnTables, checked_statement, write

MOST_GATHERED_BYTES = 2**26
"""Of all results: none is sent before the last one is there."""


class Results:
    """The answers so far, as JSON objects."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._bytes = 0
        self.rows = 0

    def __len__(self) -> int:
        return len(self._parts)

    def add(self, members: Sequence[bytes], told: dict[str, Any], rows: int) -> None:
        """Another answer: members of its object, and more of them; raises `DuckDBResourceError` past the bound."""
        self.rows += rows
        self._append(b"".join((b"{", *members, b",", orjson.dumps(told)[1:])))

    def add_error(self, error: AnalyticsError) -> None:
        """An error in an answer's place."""
        self._append(orjson.dumps({"error": told_of(error)}))

    def data(self) -> bytes:
        """All of them, as a member."""
        return b'"results":[' + b",".join(self._parts) + b"]"

    def _append(self, content: bytes) -> None:
        self._bytes += len(content)
        if self._bytes > MOST_GATHERED_BYTES:
            raise too_long()
        self._parts.append(content)


def answer_batch(task: Task) -> None:
    """Answer all statements; of one that fails the place is named.

    In a transaction it fails the batch; else its error stands in its place and the others run.
    """
    results, own = Results(), OwnTables()
    with task.cursor() as cursor:
        for place, statement in enumerate(task.job.statements):
            task.running.check()
            try:
                with read_only(cursor):
                    _answer_statement(task, cursor, statement, own, results)
            except (Stopped, ClientGone):
                raise
            except Exception as error:
                failure = _named(task, error, statement, place)
                if task.job.uses_transaction or task.running.is_stopping or len(results) > place:
                    raise failure from error
                results.add_error(failure)
    task.answer.head(task.head(Format.JSON))
    task.answer.data(results.data())
    task.answer.end(task.ended(results.rows, is_truncated=False))


def too_long() -> DuckDBResourceError:
    """The error of a batch whose answers are too much to hold."""
    return DuckDBResourceError(
        "The answers of the batch are too long.",
        limit=str(MOST_GATHERED_BYTES) + " bytes",
        remedy="Ask for fewer rows, or for one query at a time.",
    )


def _answer_statement(
    task: Task, cursor: DuckDBPyConnection, statement: Statement, own: OwnTables, results: Results
) -> None:
    began_at = time.perf_counter()
    checked = checked_statement(task, statement, own)
    if checked.does != SELECT:
        rows = write(task, cursor, checked, statement, own)
        results.add([NO_ROWS], _told(rows, began_at, is_truncated=False), 0)
        return
    parts: list[bytes] = []
    plan = own_plan(task, cursor, checked, statement, Bounds(Format.JSON, task.job.row_limit))
    selected = run_select(task, cursor, plan, statement.parameters, parts.append)
    results.add(parts, _told(selected.rows, began_at, is_truncated=selected.is_truncated), selected.rows)


def _told(rows: int, began_at: float, *, is_truncated: bool) -> dict[str, Any]:
    spent_s = round(time.perf_counter() - began_at, 6)
    return {"row_count": rows, "truncated": is_truncated, "execution_time": spent_s}


def _named(task: Task, error: Exception, statement: Statement, place: int) -> AnalyticsError:
    failure = failure_of(error, statement.sql, task.counted.hidden)
    return at_fault(failure, "/queries/" + str(place), "Query " + str(place + 1) + " of the batch")
