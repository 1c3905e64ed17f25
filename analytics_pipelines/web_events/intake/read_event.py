"""What a request's body tells: its events, each as a receipt with all that the client said, or rejected for a reason.

A receipt lacks what the client may not say (`judge` adds it): who the visitor is where no id was given, the address.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from analytics_pipelines.web_events.event import (
    MOST_CHARACTERS,
    MOST_EVENT_BYTES,
    MOST_EVENTS,
    Reason,
    Rejected,
    Sender,
)
from analytics_pipelines.web_events.event_ids import uuid7
from analytics_pipelines.web_events.intake.read_json import (
    Unparsable,
    must_be_storable,
    must_not_be_deep,
    read_carefully,
    read_fast,
    written,
)
from analytics_pipelines.web_events.intake.receipts import Receipt
from analytics_pipelines.web_events.intake.split_batch import split_batch

LIST = "events"
MOST_BRACKETS = 100_000
"""Lists and objects of one body: a hundred for each of the most events that it may hold."""
SENT_AT = "sentAt"
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
TIME_FIELDS = {"timestamp": "event_at", SENT_AT: "sent_at"}
UNPARSABLE = {"timestamp": "timestamp_unparsable", SENT_AT: "sent_at_unparsable"}
"""Flags of times that could not be read."""
MOST = {field: MOST_CHARACTERS.get(column, MOST_EVENT_BYTES) for field, column in TEXT_FIELDS.items()}
KNOWN = TEXT_FIELDS.keys() | TIME_FIELDS.keys()


class TooManyEvents(Rejected):
    """The batch as a whole is turned away."""


@dataclass(slots=True)
class Given:
    """One event as it came: its content where there is any, its bytes where they are at hand.

    Either `receipt` or `rejected` is set once it was read. `sender` is told where it is another than the request's.
    """

    content: dict[str, object] | None
    raw: bytes | None = None
    rejected: Rejected | None = None
    receipt: Receipt | None = None
    sender: Sender | None = None

    @property
    def as_received(self) -> bytes:
        """The event's bytes, or its content written anew."""
        return written(self.content).encode("utf-8", "surrogatepass") if self.raw is None else self.raw


@dataclass(frozen=True, slots=True)
class Body:
    """The events of a request in order, and what stood around their list."""

    events: list[Given]
    is_batch: bool
    around: Mapping[str, object]


def read_body(body: bytes, *, name: str = LIST, most_bytes: int = MOST_EVENT_BYTES) -> Body:
    """One event, a list of them, or an object with the list `name`; none is read as an event yet.

    Raises `Unparsable` when the body is not JSON, `TooManyEvents`, and `Rejected` for a single event that is too large
    and for a batch that would take long to look through.
    """
    if body.count(b"[") + body.count(b"{") > MOST_BRACKETS:
        limit = str(MOST_BRACKETS) + " of them"
        raise Rejected(Reason.TOO_DEEP, "The body holds too many lists and objects.", limit=limit)
    try:
        return _plain(read_fast(body), body, name, most_bytes)
    except ValueError:
        return _careful(body, name, most_bytes)


def read_event(content: Mapping[str, object], received_at: datetime, source: str) -> Receipt:
    """The event with its defaults filled in; times are UTC. Raises `Rejected`."""
    event_at = _time(content.get("timestamp"))
    sent_at = _time(content.get(SENT_AT))
    rest = {field: value for field, value in content.items() if field not in KNOWN}
    flags = _unparsable(content, rest, event_at, sent_at)
    payload = written(rest)
    must_not_be_deep(rest, payload)
    return Receipt(
        site_id=_text(content, "siteId") or "default",
        event_id=_text(content, "eventId") or uuid7(received_at),
        event_type=_text(content, "eventType") or "unknown",
        visitor_id=_text(content, "visitorId") or "",
        visitor_id_before=None,
        session_id=_text(content, "sessionId"),
        event_at=event_at or received_at,
        received_at=received_at,
        # Without the client's own time there is nothing whose clock error `sentAt` could tell.
        sent_at=sent_at if event_at else None,
        url=_text(content, "url"),
        path=_text(content, "path"),
        referrer=_text(content, "referrer"),
        title=_text(content, "title"),
        client_address=None,
        user_agent=None,
        source=source,
        payload=payload,
        flags=flags,
    )


def _plain(content: object, body: bytes, name: str, most_bytes: int) -> Body:
    """The fast parser knows no places, so an event of a large batch is measured as if written without blanks."""
    listed = content if isinstance(content, list) else content.get(name) if isinstance(content, dict) else None
    if not isinstance(listed, list):
        must_not_be_large(body, most_bytes)
        return Body([_given(content, body)], is_batch=False, around={})
    _must_not_be_many(listed)
    events = [_given(each, None) for each in listed]
    if len(body) > most_bytes:
        for each in events:
            if each.raw is None and len(each.as_received) > most_bytes:
                each.rejected = _too_large(most_bytes)
    return Body(events, is_batch=True, around=content if isinstance(content, dict) else {})


def _careful(body: bytes, name: str, most_bytes: int) -> Body:
    pieces = split_batch(body, name, MOST_EVENTS)
    if pieces is None:
        given = _carefully_given(body, len(body))
        must_not_be_large(body, most_bytes)
        return Body([given], is_batch=False, around={})
    _must_not_be_many(pieces.events)
    around = read_carefully(pieces.rest)
    events = [_carefully_given(each, most_bytes) for each in pieces.events]
    return Body(events, is_batch=True, around=around if isinstance(around, dict) else {})


def _carefully_given(raw: bytes, most_bytes: int) -> Given:
    """Raises `Unparsable`: half of a list that is not JSON is no list."""
    if len(raw) > most_bytes:
        return Given(None, raw, _too_large(most_bytes))
    try:
        given = _given(read_carefully(raw), raw)
    except Unparsable:
        raise
    except Rejected as rejected:
        return Given(None, raw, rejected)
    try:
        must_be_storable(given.content)
    except Rejected as rejected:
        given.rejected = rejected
    return given


def _given(content: object, raw: bytes | None) -> Given:
    if isinstance(content, dict):
        return Given(content, raw)
    rejected = Rejected(Reason.NOT_AN_OBJECT, "An event is a JSON object.")
    return Given(None, written(content).encode() if raw is None else raw, rejected)


def must_not_be_large(body: bytes, most_bytes: int = MOST_EVENT_BYTES) -> None:
    """Raise `Rejected` for a single event over the limit."""
    if len(body) > most_bytes:
        raise _too_large(most_bytes)


def _too_large(most_bytes: int) -> Rejected:
    return Rejected(Reason.TOO_LARGE, "The event is too large.", limit=str(most_bytes) + " bytes")


def _must_not_be_many(events: list[object] | list[bytes]) -> None:
    if len(events) > MOST_EVENTS:
        limit = str(MOST_EVENTS) + " events"
        raise TooManyEvents(Reason.MANY_EVENTS, "The batch holds too many events.", limit=limit)


def _text(content: Mapping[str, object], field: str) -> str | None:
    """The field as text; absent, null and empty are None, and numbers become their digits."""
    value = content.get(field)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Rejected(Reason.WRONG_TYPE, field + " must be text.")
        value = str(value)
    if len(value) > MOST[field]:
        raise Rejected(Reason.TOO_LONG, field + " is too long.", limit=str(MOST[field]) + " characters")
    return value


def _time(value: object) -> datetime | None:
    """An ISO 8601 time in UTC, naive ones taken as UTC; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        given = datetime.fromisoformat(value.strip())
        if given.tzinfo is UTC:
            return given
        return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _unparsable(
    content: Mapping[str, object], rest: dict[str, object], event_at: datetime | None, sent_at: datetime | None
) -> tuple[str, ...]:
    """Flags of the times that could not be read, which stay in the payload as they came."""
    if event_at is not None and (sent_at is not None or SENT_AT not in content):
        return ()
    found = {"timestamp": event_at, SENT_AT: sent_at}
    wrong = [field for field, at in found.items() if at is None and content.get(field)]
    rest.update((field, content[field]) for field in wrong)
    return tuple(UNPARSABLE[field] for field in wrong)
