"""Events, sites, visits, visitors and metrics in the lake; what PostgreSQL holds stands in `log_tables`."""

from analytics_pipelines.foundation.tables import Column, Table, Type

ROOM = "web_events"
INTAKES = ("collect", "pixel", "segment", "log")
DIMENSIONS = (
    "page",
    "entry_page",
    "exit_page",
    "source",
    "medium",
    "campaign",
    "channel",
    "referrer",
    "country",
    "device",
    "browser",
    "os",
    "event_name",
)
DEVICES = ("desktop", "mobile", "tablet", "tv", "console", "other")


def _text(name: str, meaning: str, *, null: bool = False, personal: bool = False) -> Column:
    return Column(name=name, type=Type.TEXT, meaning=meaning, is_nullable=null, is_personal=personal)


def _flag(name: str, meaning: str) -> Column:
    return Column(name=name, type=Type.BOOL, meaning=meaning)


def _count(name: str, meaning: str, least: int = 0) -> Column:
    return Column(name=name, type=Type.INT, meaning=meaning, least=least)


def _time(name: str, meaning: str, *, null: bool = False) -> Column:
    return Column(name=name, type=Type.TIMESTAMP, meaning=meaning, is_nullable=null)


def _date(name: str, meaning: str) -> Column:
    return Column(name=name, type=Type.DATE, meaning=meaning)


def _ratio(name: str, meaning: str, *, unit: str = "", most: int | None = None) -> Column:
    told = meaning + "; null without a visit"
    return Column(name=name, type=Type.DOUBLE, unit=unit, meaning=told, is_nullable=True, least=0, most=most)


SITE_ID = _text("site_id", "Site")
EVENT_ID = _text(
    "event_id", "The client's id, a UUIDv7 of ours, or a hash of the log line; unique within the site", personal=True
)
EVENT_TYPE = _text("event_type", "Type as sent; `unknown` where none was")
VISITOR_ID = _text("visitor_id", "The client's id, or a keyed hash of address and agent", personal=True)
VISITOR_ID_BEFORE = _text(
    "visitor_id_before",
    "The same visitor's hash of the day before; null where the client named it",
    null=True,
    personal=True,
)
RECEIVED_AT = _time("received_at", "Receipt; of imported logs the line's own time")
PAYLOAD = _text("payload", "All other fields as a JSON object", personal=True)
FLAGS = _text("flags", "What was noticed on receipt, with commas between; empty when nothing")
CLIENT_ADDRESS = _text(
    "client_address", "Network (/24 or /48), address, or null, as the site's setting says", null=True, personal=True
)
AS_SENT = (
    _text("session_id", "The client's session, kept and not trusted", null=True, personal=True),
    _text("url", "Address of the page; of logs the request's target", null=True, personal=True),
    _text("referrer", "Referrer as sent", null=True, personal=True),
    _text("title", "Title of the page", null=True, personal=True),
    _text("user_agent", "User agent as sent", null=True, personal=True),
)
FROM_WHERE = (
    _text("source", "utm_source, the referrer's name or host without `www.`, or `direct`"),
    _text("medium", "utm_medium, or what referrer and click id imply", null=True),
    _text("campaign", "utm_campaign", null=True),
    _text("channel", "GA4 default channel group"),
    _text("referrer_host", "Host of the referrer, in lower case", null=True),
)
WITH_WHAT = (
    _text("country", "ISO 3166-1 code of the client's network; null without a country file", null=True),
    Column(name="device", type=Type.TEXT, meaning="Kind of device by its agent", one_of=DEVICES),
    _text("browser", "Browser family by its agent", null=True),
    _text("os", "Operating system by its agent", null=True),
)

RAW_EVENTS = Table(
    name="raw_web__events",
    room=ROOM,
    grain="one stored event, as received",
    partition="UTC day of the receipt",
    key=("site_id", "event_id"),
    columns=(
        _date("received_date", "UTC day of the receipt"),
        SITE_ID,
        EVENT_ID,
        RECEIVED_AT,
        EVENT_TYPE,
        VISITOR_ID,
        VISITOR_ID_BEFORE,
        _time("event_at", "Time that the client gave, or the receipt"),
        _time("sent_at", "When the client sent it, by its own clock; only where it gave a time too", null=True),
        *AS_SENT,
        _text("path", "Path as sent", null=True, personal=True),
        CLIENT_ADDRESS,
        Column(name="source", type=Type.TEXT, meaning="How the event came in", one_of=INTAKES),
        PAYLOAD,
        FLAGS,
    ),
    version="2",
)

LATE_EVENTS = Table(
    name="raw_web__late_events",
    room=ROOM,
    grain="one event that was received too late to count: more than `LATE_EVENT_DAYS` days after it happened",
    partition="UTC day of the receipt",
    key=("site_id", "event_id"),
    columns=(
        _date("received_date", "UTC day of the receipt"),
        SITE_ID,
        EVENT_ID,
        RECEIVED_AT,
        _time("event_at", "When it happened: the receipt less (sent less claimed)"),
        EVENT_TYPE,
        Column(name="late_s", type=Type.INT, unit="s", meaning="Whole seconds from happening to receipt", least=0),
    ),
)

CORE_EVENTS = Table(
    name="core_web__events",
    room=ROOM,
    grain="one event that was received in time",
    partition="UTC day in which the event happened",
    key=("site_id", "event_id"),
    columns=(
        _date("event_date", "UTC day in which it happened"),
        SITE_ID,
        EVENT_ID,
        _time("event_at", "When it happened: the receipt less (sent less claimed), never after the receipt"),
        RECEIVED_AT,
        EVENT_TYPE,
        VISITOR_ID,
        VISITOR_ID_BEFORE,
        *AS_SENT,
        _text("host", "Host of the page, in lower case", null=True),
        _text("path", "Path of the page without query", null=True, personal=True),
        *FROM_WHERE,
        *WITH_WHAT,
        _flag("is_pageview", "Whether it is a page view"),
        _flag("is_interactive", "Page views, and events not sent with `interactive: false`"),
        _flag("is_bot", "Whether the agent is a robot's"),
        Column(name="intake", type=Type.TEXT, meaning="How the event came in", one_of=INTAKES),
        PAYLOAD,
        FLAGS,
    ),
    version="2",
)

SITES = Table(
    name="core_web__sites",
    room=ROOM,
    grain="one site with events on the day, as its settings are",
    partition="UTC day of the events",
    key=("site_id",),
    columns=(
        _date("event_date", "UTC day of the events"),
        SITE_ID,
        _text("name", "Name of the site"),
        _text("timezone", "IANA name of the time zone in which the site's days are counted"),
        Column(name="gap_limit_s", type=Type.INT, unit="s", meaning="Pause after which a visit ends", least=1),
        _text("conversion_events", "Event types that are conversions, as a JSON array"),
    ),
    is_native=True,
)

SESSIONS = Table(
    name="core_web__sessions",
    room=ROOM,
    grain="one visit",
    partition="UTC day in which the visit began",
    key=("site_id", "session_id"),
    columns=(
        _date("visit_date", "UTC day in which the visit began"),
        SITE_ID,
        _text("session_id", "md5 of site, visitor and first event: stable under reprocessing"),
        VISITOR_ID,
        VISITOR_ID_BEFORE,
        _text("client_session_id", "The client's session of the first event", null=True, personal=True),
        _time("started_at", "First event"),
        _time("ended_at", "Last event"),
        Column(name="duration_s", type=Type.INT, unit="s", meaning="Whole seconds from first to last event", least=0),
        _count("pageviews", "Page views"),
        _count("events", "Events, page views among them", least=1),
        _count("conversions", "Events whose type the site lists as conversions"),
        _text("entry_page", "Path of the first page view", null=True, personal=True),
        _text("exit_page", "Path of the last page view", null=True, personal=True),
        _flag("is_bounce", "Exactly one interactive event"),
        _flag("is_engaged", "At least two page views, ten seconds, or a conversion"),
        *FROM_WHERE,
        *WITH_WHAT,
        _flag("is_bot", "Whether any of its events came from a robot"),
        _flag("is_cut", "Begun by the two-day rule and not by a pause"),
    ),
    version="2",
)

VISITORS = Table(
    name="core_web__visitors",
    room=ROOM,
    grain="one visitor of a site on one of its local days; robots are left out",
    partition="Day in the site's time zone",
    key=("site_id", "visitor_id"),
    columns=(
        _date("metric_date", "Day in the site's time zone"),
        SITE_ID,
        VISITOR_ID,
        _count("pageviews", "Page views of the visitor on the day"),
        _count("events", "Events of the visitor on the day, page views among them", least=1),
    ),
)

DAILY_METRICS = Table(
    name="out_web__daily_metrics",
    room=ROOM,
    grain="one site with traffic on the day; robots are left out",
    partition="Day in the site's time zone",
    key=("site_id",),
    columns=(
        _date("metric_date", "Day in the site's time zone"),
        SITE_ID,
        _count("visitors", "Distinct visitors of the day's events", least=1),
        _count("new_visitors", "Visitors not seen in the 30 days before"),
        _count("returning_visitors", "Visitors seen in the 30 days before"),
        _count("visits", "Visits that began on the day"),
        _count("pageviews", "Page views of the day"),
        _count("events", "Events of the day, page views among them", least=1),
        _ratio("views_per_visit", "Page views of the day's visits by visits, 2 decimals"),
        _ratio("bounce_rate_pct", "Share of the day's visits that bounced, 2 decimals", unit="%", most=100),
        _ratio("visit_duration_s", "Mean duration of the day's visits, zeros included, 2 decimals", unit="s"),
        _ratio("median_duration_s", "Median duration of the day's visits", unit="s"),
        _ratio("p90_duration_s", "Nine visits in ten were no longer: the 90th percentile, nearest rank", unit="s"),
    ),
    is_native=True,
    version="2",
)

DAILY_BREAKDOWN = Table(
    name="out_web__daily_breakdown",
    room=ROOM,
    grain="one value of one dimension with traffic on the day; robots are left out",
    partition="Day in the site's time zone",
    key=("site_id", "dimension", "value"),
    columns=(
        _date("metric_date", "Day in the site's time zone"),
        SITE_ID,
        Column(name="dimension", type=Type.TEXT, meaning="What is told apart", one_of=DIMENSIONS),
        _text("value", "Value of the dimension; empty where there is none", personal=True),
        _count("visitors", "Distinct visitors with the value"),
        _count("visits", "Visits that began on the day with the value, or had an event with it"),
        _count("pageviews", "Page views with the value, or of the visits with it"),
        _count("events", "Events with the value, or of the visits with it"),
        _count("bounces", "Visits with the value that bounced"),
        Column(name="duration_s", type=Type.INT, unit="s", meaning="Seconds of all visits with the value", least=0),
    ),
    is_native=True,
)

TABLES: tuple[Table, ...] = (
    RAW_EVENTS,
    LATE_EVENTS,
    CORE_EVENTS,
    SITES,
    SESSIONS,
    VISITORS,
    DAILY_METRICS,
    DAILY_BREAKDOWN,
)
