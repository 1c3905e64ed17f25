"""Items as the spool keeps them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from analytics_pipelines.web_events.event import Reason
from analytics_pipelines.web_events.intake.batch import Item, encoded
from analytics_pipelines.web_events.intake.poison import refused
from analytics_pipelines.web_events.intake.receipts import Receipt, Refusal

RECEIPT, REFUSAL = "receipt", "refusal"
MOMENTS = ("event_at", "received_at", "sent_at")


@dataclass(frozen=True, slots=True)
class Entry:
    """One item; `site_id` is empty where a refusal names none, `body` is JSON."""

    kind: str
    site_id: str
    received_at: datetime
    body: bytes


def entry_of(item: Item) -> Entry:
    """The item as an entry; one that is no Unicode becomes a refusal."""
    try:
        return _entry(item)
    except orjson.JSONEncodeError:
        return _entry(refused(item))


def item_of(entry: Entry) -> Item:
    """The item that the entry was made of."""
    values: dict[str, Any] = orjson.loads(entry.body)
    moments = {name: datetime.fromisoformat(values[name]) for name in MOMENTS if values.get(name)}
    if entry.kind == RECEIPT:
        return Receipt(**values | moments | {"flags": tuple(values["flags"])})
    payload = bytes.fromhex(values["payload"].removeprefix("\\x"))
    return Refusal(**values | moments | {"payload": payload, "reason": Reason(values["reason"])})


def _entry(item: Item) -> Entry:
    kind = RECEIPT if isinstance(item, Receipt) else REFUSAL
    return Entry(kind, item.site_id or "", item.received_at.astimezone(UTC), encoded(item))
