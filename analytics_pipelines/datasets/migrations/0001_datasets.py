"""Datasets, analyses, the audit of plans, and plans that run; each user sees the own rows alone."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "datasets_0001"
down_revision = None
branch_labels = ("datasets",)
depends_on = ("accounts_0003",)

SCHEMA = "accounts"
TABLES = ("running_plans", "plan_audit", "analyses", "datasets")
OUTCOMES = "outcome IN ('succeeded', 'failed', 'rejected', 'cancelled')"
GUARDS = (
    "ALTER TABLE accounts.datasets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "ALTER TABLE accounts.analyses ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "ALTER TABLE accounts.plan_audit ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "ALTER TABLE accounts.running_plans ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
)
POLICIES = (
    "CREATE POLICY own_rows ON accounts.datasets USING (user_id = current_setting('analytics.user_id', true))",
    "CREATE POLICY own_rows ON accounts.analyses USING (user_id = current_setting('analytics.user_id', true))",
    "CREATE POLICY own_rows ON accounts.running_plans USING (user_id = current_setting('analytics.user_id', true))",
    # Whether a folder has a row is asked of all rows; only what has expired may go.
    """
CREATE POLICY swept_are_seen ON accounts.datasets FOR SELECT
    USING (current_setting('analytics.duty', true) = 'sweep')
""",
    """
CREATE POLICY swept ON accounts.datasets FOR DELETE
    USING (current_setting('analytics.duty', true) = 'sweep' AND expires_at <= now())
""",
    # Analyses of a dataset go with it.
    """
CREATE POLICY swept ON accounts.analyses
    USING (current_setting('analytics.duty', true) = 'sweep' AND dataset_id IS NULL)
    WITH CHECK (false)
""",
    """
CREATE POLICY swept ON accounts.running_plans
    USING (current_setting('analytics.duty', true) = 'sweep')
    WITH CHECK (false)
""",
    """
CREATE POLICY own_rows_are_seen ON accounts.plan_audit FOR SELECT
    USING (user_id = current_setting('analytics.user_id', true))
""",
    """
CREATE POLICY own_rows_are_added ON accounts.plan_audit FOR INSERT
    WITH CHECK (user_id = current_setting('analytics.user_id', true))
""",
    """
CREATE POLICY audited ON accounts.plan_audit FOR SELECT
    USING (current_setting('analytics.duty', true) = 'audit')
""",
)
# Nobody changes what is on record, the owner included: each statement is refused, whether it would meet a row or not.
APPEND_ONLY = """
CREATE FUNCTION accounts.refuse_to_change_the_audit() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'rows of accounts.plan_audit are only ever added'
        USING ERRCODE = 'object_not_in_prerequisite_state';
END
$$
"""
REFUSAL = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON accounts.plan_audit
FOR EACH STATEMENT EXECUTE FUNCTION accounts.refuse_to_change_the_audit()
"""


def upgrade() -> None:
    _datasets()
    _analyses()
    _plan_audit()
    _running_plans()
    for statement in (*GUARDS, *POLICIES, APPEND_ONLY, REFUSAL):
        op.execute(statement)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table, schema=SCHEMA)
    op.execute("DROP FUNCTION accounts.refuse_to_change_the_audit()")


def _moment(column: str, *, nullable: bool = False) -> "sa.Column[datetime]":
    return sa.Column(column, sa.DateTime(timezone=True), nullable=nullable)


def _owner() -> "sa.Column[Any]":
    return sa.Column("user_id", sa.Text, sa.ForeignKey("accounts.users.id", ondelete="CASCADE"), nullable=False)


def _index(table: str, *columns: str) -> None:
    op.create_index("_".join((table, *columns, "idx")), table, list(columns), schema=SCHEMA)


def _datasets() -> None:
    op.create_table(
        "datasets",
        sa.Column("id", sa.Text, primary_key=True),
        _owner(),
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("filename", sa.Text, nullable=False, comment="As the client called it; never a path"),
        sa.Column("file_path", sa.Text, nullable=False, comment="Below UPLOAD_DIR"),
        sa.Column("row_count", sa.BigInteger, nullable=False),
        sa.Column("column_count", sa.Integer, nullable=False),
        sa.Column("columns", sa.JSON, nullable=False, comment="Names, in order"),
        sa.Column("column_types", sa.JSON, nullable=False, comment="Kind by name"),
        _moment("uploaded_at"),
        _moment("expires_at"),
        sa.Column("profile", sa.JSON, nullable=False, comment="Evidence for each column, and how the file was read"),
        sa.Column("sha256", sa.Text, nullable=False, comment="Of the Parquet file, hexadecimal"),
        sa.Column("parquet_bytes", sa.BigInteger, nullable=False),
        sa.Column("has_original", sa.Boolean, nullable=False, server_default="false"),
        sa.UniqueConstraint("session_id", name="datasets_session_id_key"),
        sa.UniqueConstraint("id", "user_id", name="datasets_id_user_id_key"),
        sa.CheckConstraint("expires_at > uploaded_at", name="datasets_expires_at_check"),
        schema=SCHEMA,
    )
    _index("datasets", "user_id", "uploaded_at")
    _index("datasets", "expires_at")


def _analyses() -> None:
    op.create_table(
        "analyses",
        sa.Column("id", sa.Text, primary_key=True),
        _owner(),
        sa.Column("dataset_id", sa.Text, comment="Null of tables of the lake"),
        sa.Column("session_id", sa.Text, comment="Null of tables of the lake"),
        sa.Column("subject", sa.Text, nullable=False, comment="The session, or the name of the table"),
        sa.Column("plan_hash", sa.Text, comment="SHA-256 of the plan in its one form; null of what is no plan"),
        sa.Column("execution_plan", sa.JSON, comment="As it was sent; null where it is too large to keep"),
        sa.Column("result", sa.JSON),
        sa.Column("chart_data", sa.Text, comment="PNG in base64"),
        sa.Column("chart_spec", sa.JSON, comment="Vega-Lite"),
        sa.Column("filtered_row_count", sa.BigInteger),
        sa.Column("execution_time_ms", sa.Double, nullable=False),
        sa.Column("success", sa.Boolean, nullable=False),
        sa.Column("error_message", sa.Text),
        sa.Column("provenance", sa.JSON),
        _moment("executed_at"),
        sa.ForeignKeyConstraint(
            ["dataset_id", "user_id"],
            ["accounts.datasets.id", "accounts.datasets.user_id"],
            name="analyses_dataset_id_user_id_fkey",
            ondelete="CASCADE",
        ),
        schema=SCHEMA,
    )
    _index("analyses", "dataset_id", "user_id", "executed_at")
    _index("analyses", "user_id", "executed_at")


def _plan_audit() -> None:
    op.create_table(
        "plan_audit",
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
        schema=SCHEMA,
    )
    _index("plan_audit", "user_id", "recorded_at")
    _index("plan_audit", "recorded_at")


def _running_plans() -> None:
    op.create_table(
        "running_plans",
        sa.Column("id", sa.Text, primary_key=True),
        _owner(),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("plan_hash", sa.Text, nullable=False),
        _moment("started_at"),
        _moment("cancel_asked_at", nullable=True),
        schema=SCHEMA,
    )
    _index("running_plans", "user_id")
    _index("running_plans", "started_at")
