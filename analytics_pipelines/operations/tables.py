"""Tables of the schema `operations` in PostgreSQL; ids are uuids as text, times are aware, in UTC.

The lake holds nothing of this room.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from analytics_pipelines.foundation.tables import Table

METADATA = sa.MetaData(schema="operations")
OPEN_STATES = "state IN ('new', 'queued', 'running')"
STATES = "state IN ('new', 'queued', 'running', 'succeeded', 'failed', 'cancelled')"

RUN_REQUEST = sa.Table(
    "run_request",
    METADATA,
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
    sa.CheckConstraint(STATES, name="run_request_state_check"),
    sa.CheckConstraint("first_date <= last_date", name="run_request_days_check"),
    sa.Index("run_request_open", "state", postgresql_where=sa.text(OPEN_STATES)),
    sa.Index("run_request_requested_at", "requested_at", "id"),
)

MATERIALIZATION = sa.Table(
    "materialization",
    METADATA,
    sa.Column("asset", sa.Text, primary_key=True),
    sa.Column("partition", sa.Text, primary_key=True, comment="YYYY-MM-DD; empty without partitions"),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("rows", sa.BigInteger),
    sa.Column("size_bytes", sa.BigInteger),
    sa.Column("materialized_at", sa.DateTime(timezone=True), nullable=False),
)

RUN_STEP = sa.Table(
    "run_step",
    METADATA,
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("asset", sa.Text, primary_key=True),
    sa.Column("has_succeeded", sa.Boolean, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False, comment="Of the partitions that the step made"),
    sa.Column("days", sa.BigInteger, nullable=False, comment="Partitions that the step made"),
    sa.Column("failed_days", sa.BigInteger, nullable=False, comment="Partitions that were not published"),
    sa.Column("duration_s", sa.Double, nullable=False),
    sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("run_step_asset_ended_at_idx", "asset", "ended_at"),
    sa.Index("run_step_ended_at_idx", "ended_at"),
)

ERASURE = sa.Table(
    "erasure",
    METADATA,
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
)

REMAKE_DAY = sa.Table(
    "remake_day",
    METADATA,
    sa.Column("made_date", sa.Date, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True, comment="received or event, as touched; or the table to make"),
    sa.Column("touch_number", sa.BigInteger, nullable=False, comment="As it was when the day was asked for"),
    sa.Column("request_id", sa.Text, comment="The open request; null while none is open"),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("retry_at", sa.DateTime(timezone=True), comment="Not to be asked for before, after a failure"),
)

HEARTBEAT = sa.Table(
    "heartbeat",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("beaten_at", sa.DateTime(timezone=True), nullable=False),
)

TABLES: tuple[Table, ...] = ()
