"""Sites, the event log in daily partitions, its keys, and what was rejected."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "web_events_0001"
down_revision = None
branch_labels = ("web_events",)
depends_on = None

SCHEMA = "web_events"
# The API's role may not create tables, and an imported log can hold any day: the owner lends its right for this one
# purpose. ATTACH, unlike CREATE … PARTITION OF, lets others read and write meanwhile.
CREATE_PARTITION = """
CREATE FUNCTION web_events.create_partition(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD' AS $$
DECLARE
    partition_name text := 'event_log_' || to_char(day, 'YYYYMMDD');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('web_events.create_partition'));
    IF to_regclass('web_events.' || partition_name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE web_events.%I (LIKE web_events.event_log INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
                   partition_name);
    EXECUTE format('ALTER TABLE web_events.event_log ATTACH PARTITION web_events.%I FOR VALUES FROM (%L) TO (%L)',
                   partition_name, day || ' 00:00:00+00', (day + 1) || ' 00:00:00+00');
END
$$
"""


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS web_events")
    _site()
    _event_key()
    _event_log()
    _failed_event()
    op.execute(CREATE_PARTITION)


def downgrade() -> None:
    op.execute("DROP FUNCTION web_events.create_partition(date)")
    for table in ("failed_event", "event_log", "event_key", "visitor_salt", "site"):
        op.drop_table(table, schema=SCHEMA)


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[datetime]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _site() -> None:
    op.create_table(
        "site",
        sa.Column("site_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False, server_default="UTC"),
        sa.Column("visitor_key", sa.LargeBinary, nullable=False, comment="Secret under which log visitors are hashed"),
        _moment("created_at"),
        schema=SCHEMA,
    )
    op.create_table(
        "visitor_salt",
        sa.Column("salt_date", sa.Date, primary_key=True),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        schema=SCHEMA,
    )


def _event_key() -> None:
    op.create_table(
        "event_key",
        sa.Column("site_id", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Text, primary_key=True),
        _moment("received_at"),
        schema=SCHEMA,
        comment="Keys stand apart, because a unique key of the partitioned log would not reach across days",
    )


def _event_log() -> None:
    op.create_table(
        "event_log",
        sa.Column("site_id", sa.Text, nullable=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("event_type", sa.Text, nullable=False),
        sa.Column("visitor_id", sa.Text, nullable=False),
        sa.Column("session_id", sa.Text),
        _moment("event_at"),
        _moment("received_at"),
        _moment("sent_at", nullable=True),
        *(sa.Column(name, sa.Text) for name in ("url", "path", "referrer", "title")),
        sa.Column("client_address", sa.Text, comment="Network of the client: /24 or /48"),
        sa.Column("user_agent", sa.Text),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("payload", JSONB, nullable=False),
        sa.Column("flags", ARRAY(sa.Text), nullable=False),
        sa.CheckConstraint("source IN ('collect', 'log')", name="event_log_source_check"),
        schema=SCHEMA,
        postgresql_partition_by="RANGE (received_at)",
    )
    op.create_index("event_log_received_at_idx", "event_log", ["received_at"], schema=SCHEMA)
    op.create_index("event_log_site_id_received_at_idx", "event_log", ["site_id", "received_at"], schema=SCHEMA)


def _failed_event() -> None:
    op.create_table(
        "failed_event",
        sa.Column("failed_id", sa.Text, primary_key=True),
        sa.Column("site_id", sa.Text),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False, comment="As received, at most 32 KiB of it"),
        sa.Column("line_number", sa.BigInteger),
        _moment("received_at"),
        sa.CheckConstraint("source IN ('collect', 'log')", name="failed_event_source_check"),
        schema=SCHEMA,
    )
    op.create_index("failed_event_received_at_idx", "failed_event", ["received_at"], schema=SCHEMA)
