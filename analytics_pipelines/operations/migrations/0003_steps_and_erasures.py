"""What each step of a run did, since the API reads no Dagster; erasures, so that a killed one can be finished."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "operations_0003"
down_revision = "operations_0002"
branch_labels = None
depends_on = None

SCHEMA = "operations"


def upgrade() -> None:
    op.create_table(
        "run_step",
        sa.Column("run_id", sa.Text, primary_key=True),
        sa.Column("asset", sa.Text, primary_key=True),
        sa.Column("has_succeeded", sa.Boolean, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False, comment="Of the partitions that the step made"),
        sa.Column("days", sa.BigInteger, nullable=False, comment="Partitions that the step made"),
        sa.Column("failed_days", sa.BigInteger, nullable=False, comment="Partitions that were not published"),
        sa.Column("duration_s", sa.Double, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        schema=SCHEMA,
    )
    op.create_index("run_step_asset_ended_at_idx", "run_step", ["asset", "ended_at"], schema=SCHEMA)
    op.create_index("run_step_ended_at_idx", "run_step", ["ended_at"], schema=SCHEMA)
    op.create_table(
        "erasure",
        sa.Column("site_id", sa.Text, primary_key=True),
        sa.Column("visitor_digest", sa.Text, primary_key=True, comment="As in web_events.suppressed_visitor"),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), comment="Null: begin it again"),
        sa.Column(
            "received_dates",
            ARRAY(sa.Date),
            nullable=False,
            comment="Partitions of the event log from which rows were deleted",
        ),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("erasure", schema=SCHEMA)
    op.drop_table("run_step", schema=SCHEMA)
