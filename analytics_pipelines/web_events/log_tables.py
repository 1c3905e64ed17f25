"""Event log, keys, sites, rejects, counters and the export's state in PostgreSQL (schema `web_events`)."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

METADATA = sa.MetaData(schema="web_events")
LOG_NUMBERS = sa.Sequence("event_log_number", metadata=METADATA)
TOUCH_NUMBERS = sa.Sequence("touched_day_number", metadata=METADATA)
ADDRESS_MODES = ("full", "truncated", "none")


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[datetime]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _list(name: str, default: str) -> "sa.Column[list[str]]":
    return sa.Column(name, ARRAY(sa.Text), nullable=False, server_default=default)


def _count(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


SITE = sa.Table(
    "site",
    METADATA,
    sa.Column("site_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("timezone", sa.Text, nullable=False, server_default="UTC"),
    sa.Column("visitor_key", sa.LargeBinary, nullable=False, comment="Secret under which log visitors are hashed"),
    _moment("created_at"),
    sa.Column("gap_limit_s", sa.Integer, nullable=False, server_default="1800"),
    _list("allowed_origins", "{*}"),
    sa.Column("retention_days", sa.Integer),
    sa.Column("write_key", sa.Text, unique=True),
    sa.Column("address_mode", sa.Text, nullable=False, server_default="truncated"),
    sa.Column("honours_opt_out", sa.Boolean, nullable=False, server_default="false"),
    _list("conversion_events", "{}"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.CheckConstraint("gap_limit_s BETWEEN 1 AND 86399", name="site_gap_limit_s_check"),
    sa.CheckConstraint("retention_days > 0", name="site_retention_days_check"),
    sa.CheckConstraint("address_mode IN ('full', 'truncated', 'none')", name="site_address_mode_check"),
)

SITE_VERSION = sa.Table(
    "site_version",
    METADATA,
    sa.Column("site_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("settings", JSONB, nullable=False, comment="The site's settings in this version, no secrets"),
    sa.Column("changed_by", sa.Text, nullable=False),
    _moment("changed_at"),
)

VISITOR_SALT = sa.Table(
    "visitor_salt",
    METADATA,
    sa.Column("salt_date", sa.Date, primary_key=True),
    sa.Column("salt", sa.LargeBinary, nullable=False),
)

SUPPRESSED_VISITOR = sa.Table(
    "suppressed_visitor",
    METADATA,
    sa.Column("site_id", sa.Text, primary_key=True),
    sa.Column("visitor_digest", sa.Text, primary_key=True, comment="Keyed hash under the site's key, no id"),
    _moment("suppressed_at"),
)

EVENT_KEY = sa.Table(
    "event_key",
    METADATA,
    sa.Column("site_id", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Text, primary_key=True),
    _moment("received_at"),
    comment="Keys stand apart, because a unique key of the partitioned log would not reach across days",
)

EVENT_LOG = sa.Table(
    "event_log",
    METADATA,
    sa.Column("site_id", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("event_type", sa.Text, nullable=False),
    sa.Column("visitor_id", sa.Text, nullable=False),
    sa.Column("session_id", sa.Text),
    _moment("event_at"),
    _moment("received_at"),
    _moment("sent_at", nullable=True),
    sa.Column("url", sa.Text),
    sa.Column("path", sa.Text),
    sa.Column("referrer", sa.Text),
    sa.Column("title", sa.Text),
    sa.Column("client_address", sa.Text, comment="Address or network of the client, as the site's setting says"),
    sa.Column("user_agent", sa.Text),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("payload", JSONB, nullable=False),
    sa.Column("flags", ARRAY(sa.Text), nullable=False),
    sa.Column("visitor_id_before", sa.Text, comment="The same visitor under the salt of the day before"),
    sa.Column(
        "log_number", sa.BigInteger, nullable=False, server_default=sa.text("nextval('web_events.event_log_number')")
    ),
    sa.Index("event_log_received_at_idx", "received_at"),
    sa.Index("event_log_site_id_received_at_idx", "site_id", "received_at"),
    sa.Index("event_log_log_number_idx", "log_number"),
    sa.CheckConstraint("source IN ('collect', 'pixel', 'segment', 'log')", name="event_log_source_check"),
    postgresql_partition_by="RANGE (received_at)",
)

FAILED_EVENT = sa.Table(
    "failed_event",
    METADATA,
    sa.Column("failed_id", sa.Text, primary_key=True),
    sa.Column("site_id", sa.Text),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False, comment="As received, at most 32 KiB of it"),
    sa.Column("line_number", sa.BigInteger),
    _moment("received_at"),
    sa.Column("event_id", sa.Text),
    sa.Column("visitor_id", sa.Text),
    sa.Column("visitor_id_before", sa.Text),
    sa.Column("client_address", sa.Text),
    sa.Column("user_agent", sa.Text),
    _moment("replayed_at", nullable=True),
    sa.Column("outcome", sa.Text),
    sa.Index("failed_event_received_at_idx", "received_at"),
    sa.CheckConstraint("source IN ('collect', 'pixel', 'segment', 'log')", name="failed_event_source_check"),
)

INTAKE_COUNT = sa.Table(
    "intake_count",
    METADATA,
    sa.Column("received_date", sa.Date, primary_key=True),
    sa.Column("site_id", sa.Text, primary_key=True, comment="Empty where a reject named no site"),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("writer", sa.Text, primary_key=True, comment="One row a writer, so that writers never wait"),
    *(_count(name) for name in ("received", "stored", "duplicate", "rejected")),
    comment="Committed with the batch that it counts; received = stored + duplicate + rejected",
)

SPOOL_MARK = sa.Table(
    "spool_mark",
    METADATA,
    sa.Column("spool_id", sa.Text, primary_key=True),
    sa.Column("drained_number", sa.BigInteger, nullable=False, comment="Entries up to here are in the log"),
    _moment("drained_at"),
)

EXPORT_WATERMARK = sa.Table(
    "export_watermark",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("log_number", sa.BigInteger, nullable=False, comment="Every event up to here has touched its days"),
    _moment("fenced_at", nullable=True),
    _moment("blocked_since_at", nullable=True),
    sa.Column("blocked_by", sa.Text, comment="Who held the log when the fence gave up"),
)

SITE_DAY = sa.Table(
    "site_day",
    METADATA,
    sa.Column("site_id", sa.Text, primary_key=True),
    sa.Column("event_date", sa.Date, primary_key=True),
    comment="UTC days on which the site has events: what a changed site makes anew",
)

TOUCHED_DAY = sa.Table(
    "touched_day",
    METADATA,
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
    comment="Days to make anew; a row goes once a run that began after its number has succeeded",
)

DROPPED_DAY = sa.Table(
    "dropped_day",
    METADATA,
    sa.Column("received_date", sa.Date, primary_key=True),
    sa.Column("events", sa.BigInteger, nullable=False),
    sa.Column("checksum", sa.Text, nullable=False),
    _moment("dropped_at"),
    comment="Days of receipt whose events live in the lake alone",
)
