"""Versioned sites, two-day visitors, counters that balance, the spool's mark, and the fence of the export."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "web_events_0002"
down_revision = "web_events_0001"
branch_labels = None
depends_on = None

SCHEMA = "web_events"
INTAKES = "('collect', 'pixel', 'segment', 'log')"
NEW_TABLES = (
    "dropped_day",
    "suppressed_visitor",
    "touched_day",
    "site_day",
    "export_watermark",
    "spool_mark",
    "intake_count",
    "site_version",
)
SITE_COLUMNS = (
    "gap_limit_s",
    "allowed_origins",
    "retention_days",
    "write_key",
    "address_mode",
    "honours_opt_out",
    "conversion_events",
    "version",
    "updated_at",
)
FAILED_COLUMNS = (
    "event_id",
    "visitor_id",
    "visitor_id_before",
    "client_address",
    "user_agent",
    "replayed_at",
    "outcome",
)
# The API's role may not drop tables; the owner lends its right for days that retention has verified and recorded.
DROP_PARTITION = """
CREATE FUNCTION web_events.drop_partition(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD' AS $$
DECLARE
    partition_name text := 'event_log_' || to_char(day, 'YYYYMMDD');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('web_events.create_partition'));
    IF NOT EXISTS (SELECT FROM web_events.dropped_day AS dropped WHERE dropped.received_date = day) THEN
        RAISE EXCEPTION 'the day is not recorded as exported and verified';
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS web_events.%I', partition_name);
END
$$
"""


def upgrade() -> None:
    _sites()
    _event_log()
    _failed_event()
    _intake()
    _export()
    _suppressed_visitor()
    op.execute(DROP_PARTITION)


def downgrade() -> None:
    op.execute("DROP FUNCTION web_events.drop_partition(date)")
    for table in NEW_TABLES:
        op.drop_table(table, schema=SCHEMA)
    for column in FAILED_COLUMNS:
        op.drop_column("failed_event", column, schema=SCHEMA)
    for column in ("visitor_id_before", "log_number"):
        op.drop_column("event_log", column, schema=SCHEMA)
    op.execute("DROP SEQUENCE web_events.event_log_number, web_events.touched_day_number")
    for column in SITE_COLUMNS:
        op.drop_column("site", column, schema=SCHEMA)


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[datetime]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _list(name: str, default: str) -> "sa.Column[list[str]]":
    return sa.Column(name, ARRAY(sa.Text), nullable=False, server_default=default)


def _count(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


def _sites() -> None:
    for column in (
        sa.Column("gap_limit_s", sa.Integer, nullable=False, server_default="1800"),
        _list("allowed_origins", "{*}"),
        sa.Column("retention_days", sa.Integer),
        sa.Column("write_key", sa.Text, unique=True),
        sa.Column("address_mode", sa.Text, nullable=False, server_default="truncated"),
        sa.Column("honours_opt_out", sa.Boolean, nullable=False, server_default="false"),
        _list("conversion_events", "{}"),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    ):
        op.add_column("site", column, schema=SCHEMA)
    op.create_check_constraint("site_gap_limit_s_check", "site", "gap_limit_s BETWEEN 1 AND 86399", schema=SCHEMA)
    op.create_check_constraint("site_retention_days_check", "site", "retention_days > 0", schema=SCHEMA)
    modes = "address_mode IN ('full', 'truncated', 'none')"
    op.create_check_constraint("site_address_mode_check", "site", modes, schema=SCHEMA)
    op.create_table(
        "site_version",
        sa.Column("site_id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("settings", JSONB, nullable=False, comment="The site's settings in this version, no secrets"),
        sa.Column("changed_by", sa.Text, nullable=False),
        _moment("changed_at"),
        schema=SCHEMA,
    )


def _event_log() -> None:
    told = "Address or network of the client, as the site's setting says"
    op.alter_column("event_log", "client_address", comment=told, existing_type=sa.Text(), schema=SCHEMA)
    op.execute("CREATE SEQUENCE web_events.event_log_number")
    number = sa.text("nextval('web_events.event_log_number')")
    before = "The same visitor under the salt of the day before"
    op.add_column("event_log", sa.Column("visitor_id_before", sa.Text, comment=before), schema=SCHEMA)
    op.add_column(
        "event_log", sa.Column("log_number", sa.BigInteger, nullable=False, server_default=number), schema=SCHEMA
    )
    op.create_index("event_log_log_number_idx", "event_log", ["log_number"], schema=SCHEMA)
    for table in ("event_log", "failed_event"):
        op.drop_constraint(table + "_source_check", table, schema=SCHEMA, type_="check")
        op.create_check_constraint(table + "_source_check", table, "source IN " + INTAKES, schema=SCHEMA)


def _failed_event() -> None:
    for name in FAILED_COLUMNS:
        kind = sa.DateTime(timezone=True) if name == "replayed_at" else sa.Text()
        op.add_column("failed_event", sa.Column(name, kind), schema=SCHEMA)


def _intake() -> None:
    op.create_table(
        "intake_count",
        sa.Column("received_date", sa.Date, primary_key=True),
        sa.Column("site_id", sa.Text, primary_key=True, comment="Empty where a reject named no site"),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("writer", sa.Text, primary_key=True, comment="One row a writer, so that writers never wait"),
        *(_count(name) for name in ("received", "stored", "duplicate", "rejected")),
        schema=SCHEMA,
        comment="Committed with the batch that it counts; received = stored + duplicate + rejected",
    )
    op.create_table(
        "spool_mark",
        sa.Column("spool_id", sa.Text, primary_key=True),
        sa.Column("drained_number", sa.BigInteger, nullable=False, comment="Entries up to here are in the log"),
        _moment("drained_at"),
        schema=SCHEMA,
    )


def _export() -> None:
    op.create_table(
        "export_watermark",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("log_number", sa.BigInteger, nullable=False, comment="Every event up to here has touched its days"),
        _moment("fenced_at", nullable=True),
        _moment("blocked_since_at", nullable=True),
        sa.Column("blocked_by", sa.Text, comment="Who held the log when the fence gave up"),
        schema=SCHEMA,
    )
    op.create_table(
        "site_day",
        sa.Column("site_id", sa.Text, primary_key=True),
        sa.Column("event_date", sa.Date, primary_key=True),
        schema=SCHEMA,
        comment="UTC days on which the site has events: what a changed site makes anew",
    )
    op.execute("CREATE SEQUENCE web_events.touched_day_number")
    op.create_table(
        "touched_day",
        sa.Column("touched_date", sa.Date, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True, comment="received: of the receipt; event: of the event"),
        sa.Column(
            "touch_number",
            sa.BigInteger,
            nullable=False,
            server_default=sa.text("nextval('web_events.touched_day_number')"),
        ),
        _moment("touched_at"),
        sa.CheckConstraint("kind IN ('received', 'event')", name="touched_day_kind_check"),
        schema=SCHEMA,
        comment="Days to make anew; a row goes once a run that began after its number has succeeded",
    )
    op.create_table(
        "dropped_day",
        sa.Column("received_date", sa.Date, primary_key=True),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("checksum", sa.Text, nullable=False),
        _moment("dropped_at"),
        schema=SCHEMA,
        comment="Days of receipt whose events live in the lake alone",
    )


def _suppressed_visitor() -> None:
    op.create_table(
        "suppressed_visitor",
        sa.Column("site_id", sa.Text, primary_key=True),
        sa.Column("visitor_digest", sa.Text, primary_key=True, comment="Keyed hash under the site's key, no id"),
        _moment("suppressed_at"),
        schema=SCHEMA,
    )
