"""Every word that a question may use, and the column behind it; nothing else reaches the SQL as a name."""

METRICS = (
    "visitors",
    "visits",
    "pageviews",
    "events",
    "views_per_visit",
    "bounce_rate",
    "visit_duration",
    "percentage",
    "conversion_rate",
)
OF_VISITS = frozenset({"views_per_visit", "bounce_rate", "visit_duration"})
"""Figures of whole visits, which have no meaning for single events."""
OF_EVENTS = frozenset({"visitors", "pageviews", "events", "percentage", "conversion_rate"})
EVENT_DIMENSIONS = {"event:name": "event_type", "event:page": "path", "event:hostname": "host", "event:goal": "goal"}
VISIT_DIMENSIONS = {
    "visit:entry_page": "entry_page",
    "visit:exit_page": "exit_page",
    "visit:source": "source",
    "visit:referrer": "referrer_host",
    "visit:channel": "channel",
    "visit:utm_source": "source",
    "visit:utm_medium": "medium",
    "visit:utm_campaign": "campaign",
    "visit:device": "device",
    "visit:browser": "browser",
    "visit:os": "os",
    "visit:country": "country",
}
COLUMNS = EVENT_DIMENSIONS | VISIT_DIMENSIONS
AUTOMATIC_TIME = "time"
TIME_DIMENSIONS = (AUTOMATIC_TIME, "time:hour", "time:day", "time:week", "time:month")
DIMENSIONS = (*COLUMNS, *TIME_DIMENSIONS)
OPERATORS = ("is", "is_not", "contains", "contains_not", "matches", "matches_not")
LISTS = ("and", "or")
NEGATION = "not"
DIRECTIONS = ("asc", "desc")
NO_REFERRER = "Direct / None"
NOT_SET = "(not set)"
"""What stands for a dimension without a value, in answers and in filters."""
