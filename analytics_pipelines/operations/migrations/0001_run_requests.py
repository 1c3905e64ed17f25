"""Run requests, the mirror of what Dagster made, heartbeats."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "operations_0001"
down_revision = None
branch_labels = ("operations",)
depends_on = None

SCHEMA = "operations"


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS operations")
    _run_request()
    op.create_table(
        "materialization",
        sa.Column("asset", sa.Text, primary_key=True),
        sa.Column("partition", sa.Text, primary_key=True, comment="YYYY-MM-DD; empty without partitions"),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("rows", sa.BigInteger),
        sa.Column("size_bytes", sa.BigInteger),
        sa.Column("materialized_at", sa.DateTime(timezone=True), nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("beaten_at", sa.DateTime(timezone=True), nullable=False),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in ("heartbeat", "materialization", "run_request"):
        op.drop_table(table, schema=SCHEMA)


def _run_request() -> None:
    op.create_table(
        "run_request",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("assets", ARRAY(sa.Text), nullable=False, comment="Names of assets; empty means all"),
        sa.Column("first_date", sa.Date, nullable=False),
        sa.Column("last_date", sa.Date, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, comment="Dagster's id of the run that answers the request"),
        sa.Column("error", sa.Text, comment="Why it failed, in a few lines without a stack trace"),
        sa.Column("requested_by", sa.Text, nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trace_context", JSONB, comment="W3C trace context of the request"),
        sa.CheckConstraint(
            "state IN ('new', 'queued', 'running', 'succeeded', 'failed', 'cancelled')", name="run_request_state_check"
        ),
        sa.CheckConstraint("first_date <= last_date", name="run_request_days_check"),
        schema=SCHEMA,
    )
    op.create_index(
        "run_request_open",
        "run_request",
        ["state"],
        schema=SCHEMA,
        postgresql_where=sa.text("state IN ('new', 'queued', 'running')"),
    )
    op.create_index("run_request_requested_at", "run_request", ["requested_at", "id"], schema=SCHEMA)
