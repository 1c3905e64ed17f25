"""A request's body becomes an `Event`, or is `Rejected` for a typed reason; nothing here raises anything else.

The body is parsed by us and not by the web framework, whose own validation answers 500 to NaN, to 1e400 and
to lone surrogates.
"""

import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime

from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.web_events.event import MOST_CHARACTERS, MOST_EVENT_BYTES, Event, Reason, Rejected, Sender
from analytics_pipelines.web_events.event_ids import uuid7

MOST_DEPTH = 64
MOST_DIGITS = 1_000
TEXT_FIELDS = {
    "siteId": "site_id",
    "eventId": "event_id",
    "eventType": "event_type",
    "visitorId": "visitor_id",
    "sessionId": "session_id",
    "url": "url",
    "path": "path",
    "referrer": "referrer",
    "title": "title",
}
TIME_FIELDS = {"timestamp": "event_at", "sentAt": "sent_at"}
TIME_FLAGS = {"event_at": "timestamp_unparsable", "sent_at": "sent_at_unparsable"}


class NotJson(BadInput):
    """A constant that Python's parser takes and JSON does not know."""

    title = "The input is not JSON"


def parse_event(body: bytes, sender: Sender, received_at: datetime) -> Event:
    """The event of one JSON object, defaults filled in; times are UTC. Raises `Rejected`."""
    content = parse_object(body)
    texts = {column: _text(content, field, column) for field, column in TEXT_FIELDS.items()}
    times = {column: _time(content.get(field)) for field, column in TIME_FIELDS.items()}
    unparsable = {column for field, column in TIME_FIELDS.items() if content.get(field) and not times[column]}
    known = TEXT_FIELDS.keys() | {field for field, column in TIME_FIELDS.items() if column not in unparsable}
    return Event(
        site_id=texts["site_id"] or "default",
        event_id=texts["event_id"] or uuid7(received_at),
        event_type=texts["event_type"] or "unknown",
        visitor_id=texts["visitor_id"],
        session_id=texts["session_id"],
        event_at=times["event_at"] or received_at,
        received_at=received_at,
        # Without the client's own time there is nothing whose clock error `sentAt` could tell.
        sent_at=times["sent_at"] if times["event_at"] else None,
        url=texts["url"],
        path=texts["path"],
        referrer=texts["referrer"],
        title=texts["title"],
        sender=sender,
        payload={field: value for field, value in content.items() if field not in known},
        flags=tuple(TIME_FLAGS[column] for column in sorted(unparsable)),
    )


def parse_object(body: bytes) -> dict[str, object]:
    """The JSON object in `body`, safe to store in PostgreSQL. Raises `Rejected`."""
    if len(body) > MOST_EVENT_BYTES:
        raise Rejected(Reason.TOO_LARGE, "The event is too large.", limit=str(MOST_EVENT_BYTES) + " bytes")
    content = _parsed(body)
    if isinstance(content, list) or (isinstance(content, dict) and isinstance(content.get("events"), list)):
        raise Rejected(Reason.MANY_EVENTS, "Send one event per request; lists of events are not taken.")
    if not isinstance(content, dict):
        raise Rejected(Reason.NOT_AN_OBJECT, "An event is a JSON object.")
    for depth, value in _walk(content):
        if depth > MOST_DEPTH:
            raise _too_deep()
        if isinstance(value, str):
            _must_be_storable(value)
    return content


def _parsed(body: bytes) -> object:
    try:
        text = body.decode("utf-8-sig")
        return json.loads(text, parse_constant=_no_constant, parse_float=_finite, parse_int=_short)
    except (UnicodeDecodeError, json.JSONDecodeError, NotJson):
        raise Rejected(Reason.BROKEN_JSON, "The body is not valid JSON.") from None
    except RecursionError:
        raise _too_deep() from None


def _no_constant(name: str) -> float:
    raise NotJson(name + " is not JSON.")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise Rejected(Reason.NUMBER_OUT_OF_RANGE, "A number is out of range.", limit="±1.8e308")
    return number


def _short(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise Rejected(Reason.NUMBER_OUT_OF_RANGE, "A number is too long.", limit=str(MOST_DIGITS) + " digits")
    return int(digits)


def _too_deep() -> Rejected:
    return Rejected(Reason.TOO_DEEP, "The event is nested too deeply.", limit=str(MOST_DEPTH) + " levels")


def _walk(root: object) -> Iterator[tuple[int, object]]:
    """Every value and name with its depth; a stack of our own, since depth is what is being tested."""
    stack = [(1, root)]
    while stack:
        depth, value = stack.pop()
        yield depth, value
        if isinstance(value, dict):
            stack.extend((depth + 1, part) for pair in value.items() for part in pair)
        elif isinstance(value, list):
            stack.extend((depth + 1, part) for part in value)


def _must_be_storable(text: str) -> None:
    """PostgreSQL's text takes neither NUL nor halves of a surrogate pair."""
    try:
        has_nul = b"\x00" in text.encode()
    except UnicodeEncodeError:
        raise Rejected(Reason.TEXT_NOT_STORABLE, "A text holds half of a surrogate pair.") from None
    if has_nul:
        raise Rejected(Reason.TEXT_NOT_STORABLE, "A text holds NUL.")


def _text(content: dict[str, object], field: str, column: str) -> str | None:
    """The field as text; absent, null and empty are None, and numbers become their digits."""
    value = content.get(field)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Rejected(Reason.WRONG_TYPE, field + " must be text.")
    text, most = str(value), MOST_CHARACTERS.get(column, MOST_EVENT_BYTES)
    if len(text) > most:
        raise Rejected(Reason.TOO_LONG, field + " is too long.", limit=str(most) + " characters")
    return text


def _time(value: object) -> datetime | None:
    """An ISO 8601 time in UTC, naive ones taken as UTC; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        given = datetime.fromisoformat(value.strip())
        return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
