"""What is kept of users' datasets in PostgreSQL, beside the users themselves in the schema `accounts`.

Ids are uuids as text, times are aware, in UTC. Row-level security shows each user's rows to that user alone. The lake
holds nothing of this room.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from analytics_pipelines.foundation.tables import Table

METADATA = sa.MetaData(schema="accounts")
OUTCOMES = "outcome IN ('succeeded', 'failed', 'rejected', 'cancelled')"
JSON = sa.JSON(none_as_null=True)
"""As text, in the order and with the digits in which it was written; NULs that it holds are escaped."""


def _moment(name: str, *, nullable: bool = False, comment: str | None = None) -> "sa.Column[datetime]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, comment=comment)


def _owner() -> "sa.Column[Any]":
    """The table of the users is another room's: it is named, never imported."""
    owner = sa.ForeignKey("accounts.users.id", ondelete="CASCADE")
    return sa.Column("user_id", sa.Text, owner, nullable=False)


DATASETS = sa.Table(
    "datasets",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    _owner(),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("filename", sa.Text, nullable=False, comment="As the client called it; never a path"),
    sa.Column("file_path", sa.Text, nullable=False, comment="Below UPLOAD_DIR"),
    sa.Column("row_count", sa.BigInteger, nullable=False),
    sa.Column("column_count", sa.Integer, nullable=False),
    sa.Column("columns", JSON, nullable=False, comment="Names, in order"),
    sa.Column("column_types", JSON, nullable=False, comment="Kind by name"),
    _moment("uploaded_at"),
    _moment("expires_at"),
    sa.Column("profile", JSON, nullable=False, comment="Evidence for each column, and how the file was read"),
    sa.Column("sha256", sa.Text, nullable=False, comment="Of the Parquet file, hexadecimal"),
    sa.Column("parquet_bytes", sa.BigInteger, nullable=False),
    sa.Column("has_original", sa.Boolean, nullable=False, server_default="false"),
    sa.UniqueConstraint("session_id", name="datasets_session_id_key"),
    sa.UniqueConstraint("id", "user_id", name="datasets_id_user_id_key"),
    sa.CheckConstraint("expires_at > uploaded_at", name="datasets_expires_at_check"),
    sa.Index("datasets_user_id_uploaded_at_idx", "user_id", "uploaded_at"),
    sa.Index("datasets_expires_at_idx", "expires_at"),
)

ANALYSES = sa.Table(
    "analyses",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    _owner(),
    sa.Column("dataset_id", sa.Text, comment="Null of tables of the lake"),
    sa.Column("session_id", sa.Text, comment="Null of tables of the lake"),
    sa.Column("subject", sa.Text, nullable=False, comment="The session, or the name of the table"),
    sa.Column("plan_hash", sa.Text, comment="SHA-256 of the plan in its one form; null of what is no plan"),
    sa.Column("execution_plan", JSON, comment="As it was sent; null where it is too large to keep"),
    sa.Column("result", JSON),
    sa.Column("chart_data", sa.Text, comment="PNG in base64"),
    sa.Column("chart_spec", JSON, comment="Vega-Lite"),
    sa.Column("filtered_row_count", sa.BigInteger),
    sa.Column("execution_time_ms", sa.Double, nullable=False),
    sa.Column("success", sa.Boolean, nullable=False),
    sa.Column("error_message", sa.Text),
    sa.Column("provenance", JSON),
    _moment("executed_at"),
    # Of the same user: no slip of the code hangs an analysis on another's dataset.
    sa.ForeignKeyConstraint(
        ["dataset_id", "user_id"],
        ["accounts.datasets.id", "accounts.datasets.user_id"],
        name="analyses_dataset_id_user_id_fkey",
        ondelete="CASCADE",
    ),
    sa.Index("analyses_dataset_id_user_id_executed_at_idx", "dataset_id", "user_id", "executed_at"),
    sa.Index("analyses_user_id_executed_at_idx", "user_id", "executed_at"),
)

PLAN_AUDIT = sa.Table(
    "plan_audit",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True, comment="That of the analysis"),
    _moment("recorded_at"),
    sa.Column("user_id", sa.Text, nullable=False, comment="Refers to nothing, so that it survives the user"),
    sa.Column("username", sa.Text, nullable=False, comment="As it was then"),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("operation", sa.Text, comment="Null of what is no plan, and of several measures"),
    sa.Column("plan_hash", sa.Text),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("error_code", sa.Text),
    sa.Column("duration_ms", sa.Double, nullable=False),
    sa.Column("row_count", sa.BigInteger, comment="Of the subject"),
    sa.Column("filtered_row_count", sa.BigInteger),
    sa.Column("fingerprint", sa.Text, comment="Of the subject's rows"),
    sa.Column("generation", sa.Text, comment="Of tables of the lake"),
    sa.CheckConstraint(OUTCOMES, name="plan_audit_outcome_check"),
    sa.Index("plan_audit_user_id_recorded_at_idx", "user_id", "recorded_at"),
    sa.Index("plan_audit_recorded_at_idx", "recorded_at"),
)

RUNNING_PLANS = sa.Table(
    "running_plans",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    _owner(),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("plan_hash", sa.Text, nullable=False),
    _moment("started_at"),
    _moment("cancel_asked_at", nullable=True),
    sa.Index("running_plans_user_id_idx", "user_id"),
    sa.Index("running_plans_started_at_idx", "started_at"),
)

TABLES: tuple[Table, ...] = ()
