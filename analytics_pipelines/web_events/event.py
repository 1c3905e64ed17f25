"""What bounds an event on its way in, whom it came from, and why one is turned away."""

from dataclasses import dataclass
from enum import StrEnum

from analytics_pipelines.foundation.errors import BadInput

MOST_EVENT_BYTES = 32 * 1024
MOST_EVENTS = 1_000
"""Of one batch."""
MOST_CHARACTERS = {"site_id": 100, "event_id": 255, "event_type": 100, "visitor_id": 255, "session_id": 255}


class Reason(StrEnum):
    """Why an event is not stored; kept in `failed_event.reason`."""

    BROKEN_JSON = "broken_json"
    TOO_LARGE = "too_large"
    NOT_AN_OBJECT = "not_an_object"
    MANY_EVENTS = "many_events"
    WRONG_TYPE = "wrong_type"
    TOO_LONG = "too_long"
    TOO_DEEP = "too_deep"
    NUMBER_OUT_OF_RANGE = "number_out_of_range"
    TEXT_NOT_STORABLE = "text_not_storable"
    UNKNOWN_SITE = "unknown_site"
    MALFORMED_LINE = "malformed_line"
    ORIGIN_NOT_ALLOWED = "origin_not_allowed"
    WRONG_KEY = "wrong_key"
    OPTED_OUT = "opted_out"
    SUPPRESSED = "suppressed"


class Rejected(BadInput):
    """The event can not be stored as it is; `reason` is for programs."""

    title = "The event was rejected"

    def __init__(self, reason: Reason, detail: str, *, limit: str | None = None, site_id: str | None = None) -> None:
        super().__init__(detail, limit=limit)
        self.reason = reason
        self.site_id = site_id


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom the connection came from; either may be unknown."""

    address: str | None
    agent: str | None
