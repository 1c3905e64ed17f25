"""What PostgreSQL can not hold: which errors mean that, and the refusal that is kept instead of the event."""

from dataclasses import fields, replace
from datetime import UTC
from typing import Any

import orjson
import psycopg
from psycopg.errors import CheckViolation, ProgramLimitExceeded, StatementTooComplex

from analytics_pipelines.web_events.event import MOST_EVENT_BYTES, Reason
from analytics_pipelines.web_events.event_ids import digest
from analytics_pipelines.web_events.intake.receipts import Receipt, Refusal
from analytics_pipelines.web_events.tables import INTAKES

DETAIL = "The event holds a value that can not be stored."
BROUGHT_BY_VALUES = (
    psycopg.DataError,
    psycopg.IntegrityError,
    ProgramLimitExceeded,
    StatementTooComplex,
    orjson.JSONEncodeError,
)
"""The last is of half of a surrogate pair."""
ODD_SOURCE = INTAKES[0]


def lacks_partition(error: BaseException) -> bool:
    """Whether the day of receipt has no partition; the check of a value would name itself."""
    return isinstance(error, CheckViolation) and error.diag.constraint_name is None


def refused(item: Receipt | Refusal) -> Refusal:
    """What is kept of an item that can not be stored as it is; the same again for the same item."""
    return _cleaned(_turned_away(item) if isinstance(item, Receipt) else item)


def _turned_away(receipt: Receipt) -> Refusal:
    payload = receipt.payload.encode("utf-8", "surrogatepass")
    received_at = receipt.received_at.astimezone(UTC).isoformat()
    parts = (receipt.site_id, receipt.event_id, received_at)
    return Refusal(
        failed_id=digest(*(part.encode("utf-8", "surrogatepass") for part in parts), payload),
        reason=Reason.TEXT_NOT_STORABLE,
        detail=DETAIL,
        payload=payload[:MOST_EVENT_BYTES],
        received_at=receipt.received_at,
        source=receipt.source,
        site_id=receipt.site_id,
        event_id=receipt.event_id,
        visitor_id=receipt.visitor_id,
        visitor_id_before=receipt.visitor_id_before,
        client_address=receipt.client_address,
        user_agent=receipt.user_agent,
    )


def _cleaned(refusal: Refusal) -> Refusal:
    """Texts without what PostgreSQL takes in none, so that nothing can stop the refusal itself."""
    texts = {field.name: getattr(refusal, field.name) for field in fields(refusal)}
    clean: dict[str, Any] = {name: _storable(text) for name, text in texts.items() if type(text) is str}
    source = refusal.source if refusal.source in INTAKES else ODD_SOURCE
    return replace(refusal, **clean | {"source": source})


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
