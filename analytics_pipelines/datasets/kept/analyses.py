"""What became of plans: each execution is a row of its user's, and an entry of the audit in the same transaction.

A dataset takes its analyses with it when it goes; the audit stays.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from psycopg.errors import ForeignKeyViolation

from analytics_pipelines.datasets.folders import new_id
from analytics_pipelines.datasets.kept.audit import AuditEntry, Outcome, add_entry
from analytics_pipelines.datasets.kept.datasets import found_dataset
from analytics_pipelines.datasets.kept.storable import MOST_NAME_CHARACTERS, storable_json, storable_text
from analytics_pipelines.datasets.kept.transactions import reading_for, writing_for
from analytics_pipelines.datasets.tables import ANALYSES, DATASETS
from analytics_pipelines.foundation.clock import Clock, now
from analytics_pipelines.foundation.postgres.database import Database

MOST_PLAN_BYTES = 2**17
MOST_RESULT_BYTES = 2**20
"""Of a result, and of a chart; what is larger is not kept, as the plan gives it again."""
USUAL_LISTED = 100
MOST_LISTED = 1000
COLUMNS = ANALYSES.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """A plan that was run, or refused before it could be, and what came of it."""

    user_id: str
    username: str
    subject: str
    """The session of an upload, or the name of a table."""
    plan: object
    """As it was sent, whatever that is."""
    outcome: Outcome
    executed_at: datetime
    execution_time_ms: float
    session_id: str | None = None
    dataset_id: str | None = None
    """Both of uploads only."""
    operation: str | None = None
    plan_hash: str | None = None
    result: object = None
    chart_data: str | None = None
    chart_spec: object = None
    provenance: object = None
    row_count: int | None = None
    filtered_row_count: int | None = None
    error_code: str | None = None
    error_message: str | None = None
    fingerprint: str | None = None
    generation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """An execution as its user sees it."""

    id: str
    user_id: str
    dataset_id: str | None
    session_id: str | None
    subject: str
    plan_hash: str | None
    execution_plan: Any
    result: Any
    chart_data: str | None
    """PNG in base64."""
    chart_spec: Any
    filtered_row_count: int | None
    execution_time_ms: float
    success: bool
    error_message: str | None
    provenance: Any
    executed_at: datetime


def record(database: Database, execution: Execution) -> str:
    """The id under which the execution is on record, as analysis and in the audit, both or neither.

    Where the dataset, or the user, has gone meanwhile, the audit alone keeps it. Raises `Unavailable`.
    """
    found = new_id()
    with writing_for(database, execution.user_id) as connection:
        _add_analysis(connection, found, execution)
        add_entry(connection, _entry(found, execution))
    return found


def history(
    database: Database,
    user_id: str,
    session_id: str,
    *,
    limit: int = USUAL_LISTED,
    before: datetime | None = None,
    clock: Clock = now,
) -> list[Analysis]:
    """What the user has asked of the dataset, newest first, as far as it was before that moment.

    At most `MOST_LISTED`. Raises `NoSuchDataset`.
    """
    with reading_for(database, user_id) as connection:
        found = found_dataset(connection, user_id, session_id, clock(), DATASETS.c.id)
        return _listed(connection, COLUMNS.dataset_id == found["id"], COLUMNS.user_id == user_id, before, limit)


def history_of_table(
    database: Database, user_id: str, table: str, *, limit: int = USUAL_LISTED, before: datetime | None = None
) -> list[Analysis]:
    """The same of a table of the lake; nothing where there was nothing."""
    of_table = sa.and_(COLUMNS.subject == storable_text(table, MOST_NAME_CHARACTERS), COLUMNS.dataset_id.is_(None))
    with reading_for(database, user_id) as connection:
        return _listed(connection, of_table, COLUMNS.user_id == user_id, before, limit)


def _listed(
    connection: sa.Connection,
    of_subject: "sa.ColumnElement[bool]",
    own: "sa.ColumnElement[bool]",
    before: datetime | None,
    limit: int,
) -> list[Analysis]:
    wanted = sa.select(*(COLUMNS[field.name] for field in fields(Analysis))).where(of_subject, own)
    if before is not None:
        wanted = wanted.where(COLUMNS.executed_at < before)
    newest_first = wanted.order_by(COLUMNS.executed_at.desc(), COLUMNS.id).limit(min(limit, MOST_LISTED))
    return [Analysis(**row) for row in connection.execute(newest_first).mappings()]


def _add_analysis(connection: sa.Connection, analysis_id: str, execution: Execution) -> None:
    """Unless what it refers to has gone, of which the foreign keys know for certain."""
    try:
        with connection.begin_nested():
            connection.execute(sa.insert(ANALYSES).values(_row(analysis_id, execution)))
    except sa.exc.IntegrityError as error:
        if not isinstance(error.orig, ForeignKeyViolation):
            raise


def _row(analysis_id: str, execution: Execution) -> dict[str, object]:
    message = execution.error_message
    return {
        "id": analysis_id,
        "user_id": execution.user_id,
        "dataset_id": execution.dataset_id,
        "session_id": execution.session_id,
        "subject": storable_text(execution.subject, MOST_NAME_CHARACTERS),
        "plan_hash": execution.plan_hash,
        "execution_plan": storable_json(execution.plan, MOST_PLAN_BYTES),
        "result": storable_json(execution.result, MOST_RESULT_BYTES),
        "chart_data": execution.chart_data,
        "chart_spec": storable_json(execution.chart_spec, MOST_RESULT_BYTES),
        "filtered_row_count": execution.filtered_row_count,
        "execution_time_ms": execution.execution_time_ms,
        "success": execution.outcome is Outcome.SUCCEEDED,
        "error_message": None if message is None else storable_text(message),
        "provenance": storable_json(execution.provenance),
        "executed_at": execution.executed_at,
    }


def _entry(analysis_id: str, execution: Execution) -> AuditEntry:
    return AuditEntry(
        id=analysis_id,
        recorded_at=execution.executed_at,
        user_id=execution.user_id,
        username=storable_text(execution.username, MOST_NAME_CHARACTERS),
        subject=storable_text(execution.subject, MOST_NAME_CHARACTERS),
        operation=execution.operation,
        plan_hash=execution.plan_hash,
        outcome=execution.outcome,
        error_code=execution.error_code,
        duration_ms=execution.execution_time_ms,
        row_count=execution.row_count,
        filtered_row_count=execution.filtered_row_count,
        fingerprint=execution.fingerprint,
        generation=execution.generation,
    )
