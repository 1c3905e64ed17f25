"""Messages of the Segment HTTP API in the words of `POST /collect`.

The clock is corrected as for our own events: the client's time of the event and its `sentAt` go by the same clock.
What the message says of agent and address is of the person, what the connection says is often of a server that passes
messages on; so the message's win, and the address leaves `context`, where it would be kept whatever the site's setting.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from analytics_pipelines.web_events.event import Sender
from analytics_pipelines.web_events.visitors import plain_address

LIST = "batch"
TYPES = ("track", "page", "screen", "identify", "group", "alias")
EVENT_TYPES = {"page": "pageview"}
PAGE_FIELDS = ("url", "path", "referrer", "title")
MOST_AGENT_CHARACTERS = 1_000
TAKEN = frozenset({"anonymousId", "messageId", "timestamp", "originalTimestamp", "writeKey", "siteId"})
"""Fields that an event has under another name, and what only names the site."""


def write_key_of(authorization: str, around: Mapping[str, object]) -> str | None:
    """The write key: the user of HTTP's basic authentication, else the body's `writeKey`."""
    kind, _, given = authorization.partition(" ")
    if kind.lower() == "basic":
        try:
            user = base64.b64decode(given.strip(), validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            user = ""
        if user:
            return user
    key = around.get("writeKey")
    return key if isinstance(key, str) and key else None


def event_of(message: Mapping[str, Any], kind: str | None, site_id: str, sent_at: object) -> dict[str, object]:
    """The message as an event of the site; `kind` is the route's, None where the message says it itself."""
    named = kind or message.get("type")
    context = _mapping(message.get("context"))
    page = {**_mapping(message.get("properties")), **_mapping(context.get("page"))}
    event = {name: value for name, value in message.items() if name not in TAKEN}
    event |= {field: page[field] for field in PAGE_FIELDS if _is_text(page.get(field)) and not event.get(field)}
    if context:
        event["context"] = {name: value for name, value in context.items() if name != "ip"}
    if campaign := _mapping(context.get("campaign")):
        event["attribution"] = {**_mapping(message.get("attribution")), "utmParams": campaign}
    event |= {
        "siteId": site_id,
        "eventType": _event_type(named, message),
        "visitorId": _first(message.get("anonymousId"), message.get("userId")),
        "eventId": message.get("messageId"),
        "timestamp": _first(message.get("originalTimestamp"), message.get("timestamp")),
        "sentAt": _first(message.get("sentAt"), sent_at),
    }
    return {name: value for name, value in event.items() if value is not None}


def sender_of(message: Mapping[str, Any], sender: Sender) -> Sender:
    """The person's address and agent where the message tells them, else the sender's."""
    context = _mapping(message.get("context"))
    agent, address = context.get("userAgent"), context.get("ip")
    return Sender(
        (plain_address(address) if isinstance(address, str) else None) or sender.address,
        agent[:MOST_AGENT_CHARACTERS] if isinstance(agent, str) and agent else sender.agent,
    )


def _event_type(kind: object, message: Mapping[str, Any]) -> object:
    if kind == "track":
        return _first(message.get("event"), kind)
    return EVENT_TYPES.get(kind, kind) if isinstance(kind, str) else kind


def _first(*values: object) -> object:
    return next((value for value in values if value not in (None, "")), None)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
