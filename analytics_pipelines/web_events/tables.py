"""Event log, keys, sites and rejects in PostgreSQL; events, visits and metrics in the lake."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from analytics_pipelines.foundation.tables import Column, Table, Type

ROOM = "web_events"
METADATA = sa.MetaData(schema="web_events")
SOURCES = ("collect", "log")


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[datetime]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


SITE = sa.Table(
    "site",
    METADATA,
    sa.Column("site_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("timezone", sa.Text, nullable=False, server_default="UTC"),
    sa.Column("visitor_key", sa.LargeBinary, nullable=False, comment="Secret under which log visitors are hashed"),
    _moment("created_at"),
)

VISITOR_SALT = sa.Table(
    "visitor_salt",
    METADATA,
    sa.Column("salt_date", sa.Date, primary_key=True),
    sa.Column("salt", sa.LargeBinary, nullable=False),
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
    sa.Column("client_address", sa.Text, comment="Network of the client: /24 or /48"),
    sa.Column("user_agent", sa.Text),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("payload", JSONB, nullable=False),
    sa.Column("flags", ARRAY(sa.Text), nullable=False),
    sa.Index("event_log_received_at_idx", "received_at"),
    sa.Index("event_log_site_id_received_at_idx", "site_id", "received_at"),
    sa.CheckConstraint("source IN ('collect', 'log')", name="event_log_source_check"),
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
    sa.Index("failed_event_received_at_idx", "received_at"),
    sa.CheckConstraint("source IN ('collect', 'log')", name="failed_event_source_check"),
)


def _text(name: str, meaning: str, *, null: bool = False, personal: bool = False) -> Column:
    return Column(name=name, type=Type.TEXT, meaning=meaning, is_nullable=null, is_personal=personal)


def _flag(name: str, meaning: str) -> Column:
    return Column(name=name, type=Type.BOOL, meaning=meaning)


def _count(name: str, meaning: str, least: int = 0) -> Column:
    return Column(name=name, type=Type.INT, meaning=meaning, least=least)


def _time(name: str, meaning: str, *, null: bool = False) -> Column:
    return Column(name=name, type=Type.TIMESTAMP, meaning=meaning, is_nullable=null)


SITE_ID = _text("site_id", "Site")
EVENT_ID = _text("event_id", "The client's id, a UUIDv7 of ours, or a hash of the log line; unique within the site")
EVENT_TYPE = _text("event_type", "Type as sent; `unknown` where none was")
VISITOR_ID = _text("visitor_id", "The client's id, or a keyed hash of address and agent", personal=True)
RECEIVED_AT = _time("received_at", "Receipt; of imported logs the line's own time")
SOURCE = Column(name="source", type=Type.TEXT, meaning="How the event came in", one_of=SOURCES)
PAYLOAD = _text("payload", "All other fields as a JSON object", personal=True)
FLAGS = _text("flags", "What was noticed on receipt, with commas between; empty when nothing")
AS_SENT = (
    _text("session_id", "The client's session, kept and not trusted", null=True, personal=True),
    _text("url", "Address of the page; of logs the request's target", null=True, personal=True),
    _text("referrer", "Referrer as sent", null=True, personal=True),
    _text("title", "Title of the page", null=True, personal=True),
    _text("user_agent", "User agent as sent", null=True, personal=True),
)

RAW_EVENTS = Table(
    name="raw_web__events",
    room=ROOM,
    grain="one stored event, as received",
    partition="UTC day of the receipt",
    key=("site_id", "event_id"),
    columns=(
        Column(name="received_date", type=Type.DATE, meaning="UTC day of the receipt"),
        SITE_ID,
        EVENT_ID,
        RECEIVED_AT,
        EVENT_TYPE,
        VISITOR_ID,
        _time("event_at", "Time that the client gave, or the receipt"),
        _time("sent_at", "When the client sent it, by its own clock; only where it gave a time too", null=True),
        *AS_SENT,
        _text("path", "Path as sent", null=True, personal=True),
        _text("client_address", "Network of the client: /24 or /48", null=True, personal=True),
        SOURCE,
        PAYLOAD,
        FLAGS,
    ),
)

CORE_EVENTS = Table(
    name="core_web__events",
    room=ROOM,
    grain="one event that was received within three days of happening",
    partition="UTC day in which the event happened",
    key=("site_id", "event_id"),
    columns=(
        Column(name="event_date", type=Type.DATE, meaning="UTC day in which it happened"),
        SITE_ID,
        EVENT_ID,
        _time("event_at", "When it happened: the receipt less (sent less claimed), never after the receipt"),
        RECEIVED_AT,
        EVENT_TYPE,
        VISITOR_ID,
        *AS_SENT,
        _text("host", "Host of the page, in lower case", null=True),
        _text("path", "Path of the page without query", null=True, personal=True),
        _text("referrer_host", "Host of the referrer, in lower case", null=True),
        _flag("is_pageview", "Whether it is a page view"),
        _flag("is_interactive", "Page views, and events not sent with `interactive: false`"),
        _flag("is_bot", "Whether the agent is a robot's, by our rules"),
        SOURCE,
        PAYLOAD,
        FLAGS,
    ),
)

SESSIONS = Table(
    name="core_web__sessions",
    room=ROOM,
    grain="one visit",
    partition="UTC day in which the visit began",
    key=("site_id", "session_id"),
    columns=(
        Column(name="visit_date", type=Type.DATE, meaning="UTC day in which the visit began"),
        SITE_ID,
        _text("session_id", "md5 of site, visitor and first event: stable under reprocessing"),
        VISITOR_ID,
        _text("client_session_id", "The client's session of the first event", null=True, personal=True),
        _time("started_at", "First event"),
        _time("ended_at", "Last event"),
        Column(name="duration_s", type=Type.INT, unit="s", meaning="Whole seconds from first to last event", least=0),
        _count("pageviews", "Page views"),
        _count("events", "Events, page views among them", least=1),
        _text("entry_page", "Path of the first page view", null=True, personal=True),
        _text("exit_page", "Path of the last page view", null=True, personal=True),
        _flag("is_bounce", "Exactly one interactive event"),
        _flag("is_engaged", "At least two page views, or ten seconds"),
        _text("source", "Host that the visitor came from without `www.`, or `direct`"),
        _text("referrer_host", "Host of the first event's referrer", null=True),
        _flag("is_bot", "Whether any of its events came from a robot"),
        _flag("is_cut", "Begun by the two-day rule and not by a pause"),
    ),
)

DAILY_METRICS = Table(
    name="out_web__daily_metrics",
    room=ROOM,
    grain="one site with traffic on the day; robots are left out",
    partition="UTC day",
    key=("site_id",),
    columns=(
        Column(name="metric_date", type=Type.DATE, meaning="UTC day"),
        SITE_ID,
        _count("visitors", "Distinct visitors of the day's events", least=1),
        _count("visits", "Visits that began on the day"),
        _count("pageviews", "Page views of the day"),
        _count("events", "Events of the day, page views among them", least=1),
        Column(
            name="views_per_visit",
            type=Type.DOUBLE,
            meaning="Page views of the day's visits by visits, 2 decimals; null without a visit",
            is_nullable=True,
            least=0,
        ),
        Column(
            name="bounce_rate_pct",
            type=Type.DOUBLE,
            unit="%",
            meaning="Share of the day's visits that bounced, 2 decimals; null without a visit",
            is_nullable=True,
            least=0,
            most=100,
        ),
        Column(
            name="visit_duration_s",
            type=Type.DOUBLE,
            unit="s",
            meaning="Mean duration of the day's visits, zeros included, 2 decimals; null without a visit",
            is_nullable=True,
            least=0,
        ),
        Column(
            name="median_duration_s",
            type=Type.DOUBLE,
            unit="s",
            meaning="Median duration of the day's visits; null without a visit",
            is_nullable=True,
            least=0,
        ),
    ),
    is_native=True,
)

TABLES: tuple[Table, ...] = (RAW_EVENTS, CORE_EVENTS, SESSIONS, DAILY_METRICS)
