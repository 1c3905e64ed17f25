"""The audit of plans: who ran what on which data, when, and how it ended. Entries are added and never change."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from analytics_pipelines.datasets.kept.transactions import reading_for
from analytics_pipelines.datasets.tables import PLAN_AUDIT
from analytics_pipelines.foundation.postgres.acting import Duty
from analytics_pipelines.foundation.postgres.database import Database

USUAL_LISTED = 1000
MOST_LISTED = 100_000
COLUMNS = PLAN_AUDIT.c


class Outcome(StrEnum):
    """How the run of a plan ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REJECTED = "rejected"
    """Before it ran: it is no plan, or none for this data."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One run of a plan; the id is that of the analysis, for as long as there is one."""

    id: str
    recorded_at: datetime
    user_id: str
    username: str
    """As it was then."""
    subject: str
    operation: str | None
    plan_hash: str | None
    outcome: Outcome
    error_code: str | None
    duration_ms: float
    row_count: int | None
    """Of the subject."""
    filtered_row_count: int | None
    fingerprint: str | None
    generation: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which entries: from a moment on, before another; at most `MOST_LISTED`."""

    since: datetime | None = None
    until: datetime | None = None
    limit: int = USUAL_LISTED


EVERYTHING = Asked()


def add_entry(connection: sa.Connection, entry: AuditEntry) -> None:
    """Put it on record within the caller's transaction, which acts for the entry's user."""
    connection.execute(sa.insert(PLAN_AUDIT).values(asdict(entry)))


def audit_of(database: Database, user_id: str, asked: Asked = EVERYTHING) -> list[AuditEntry]:
    """The user's own entries, newest first, also of datasets that are gone."""
    with reading_for(database, user_id) as connection:
        return _entries(connection, asked, COLUMNS.user_id == user_id)


def audit_of_all(database: Database, asked: Asked = EVERYTHING) -> list[AuditEntry]:
    """Everybody's entries, newest first, also of users who are gone; for those alone who may see all."""
    with reading_for(database, Duty.AUDIT) as connection:
        return _entries(connection, asked, sa.true())


def _entries(connection: sa.Connection, asked: Asked, whose: "sa.ColumnElement[bool]") -> list[AuditEntry]:
    wanted = sa.select(*(COLUMNS[field.name] for field in fields(AuditEntry))).where(whose)
    if asked.since is not None:
        wanted = wanted.where(COLUMNS.recorded_at >= asked.since)
    if asked.until is not None:
        wanted = wanted.where(COLUMNS.recorded_at < asked.until)
    newest_first = wanted.order_by(COLUMNS.recorded_at.desc(), COLUMNS.id).limit(min(asked.limit, MOST_LISTED))
    return [
        AuditEntry(**(dict(row) | {"outcome": Outcome(row["outcome"])}))
        for row in connection.execute(newest_first).mappings()
    ]
