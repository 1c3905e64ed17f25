"""Tables of the schema `operations` in PostgreSQL; ids are uuids as text, times are aware, in UTC.

Constraints and indexes stand in `migrations/`. The lake holds nothing of this room.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from analytics_pipelines.foundation.tables import Table

METADATA = sa.MetaData(schema="operations")

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

HEARTBEAT = sa.Table(
    "heartbeat",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("beaten_at", sa.DateTime(timezone=True), nullable=False),
)

TABLES: tuple[Table, ...] = ()
