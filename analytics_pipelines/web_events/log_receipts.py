"""From a line of an access log to the event that is stored, or to the reject that is kept."""

import json
from dataclasses import dataclass
from datetime import datetime

from analytics_pipelines.web_events.event import MOST_EVENT_BYTES, Reason, Sender
from analytics_pipelines.web_events.intake.receipts import Receipt, Refusal
from analytics_pipelines.web_events.log_lines import Hit
from analytics_pipelines.web_events.visitors import stored_address, visitor_of

SOURCE = "log"


@dataclass(frozen=True, slots=True)
class LogSite:
    """What an import must know of its site: the key of its visitors, and what is stored of their addresses."""

    site_id: str
    visitor_key: bytes
    address_mode: str


def receipt_of(site: LogSite, event_id: str, hit: Hit) -> Receipt:
    """The event that the line tells of; its own time is its receipt."""
    return Receipt(
        site_id=site.site_id,
        event_id=event_id,
        event_type="pageview" if hit.is_pageview else "request",
        visitor_id=visitor_of(site.visitor_key, site.site_id, Sender(hit.address, hit.agent)),
        visitor_id_before=None,
        session_id=None,
        event_at=hit.at,
        received_at=hit.at,
        sent_at=None,
        url=hit.target,
        path=None,
        referrer=hit.referrer,
        title=None,
        client_address=stored_address(site.address_mode, hit.address),
        user_agent=hit.agent,
        source=SOURCE,
        payload=json.dumps(_payload(hit)),
        flags=("visitor_derived",),
    )


def malformed(site_id: str, failed_id: str, line: bytes, complaint: str, at: datetime) -> Refusal:
    """The reject for a line that can not be read, received when it was imported."""
    return Refusal(
        failed_id=failed_id,
        reason=Reason.MALFORMED_LINE,
        detail=complaint,
        payload=line[:MOST_EVENT_BYTES],
        received_at=at,
        source=SOURCE,
        site_id=site_id,
    )


def suppressed(receipt: Receipt) -> Refusal:
    """The reject in place of an event of an erased visitor: nothing of the line is kept but its day."""
    return Refusal(
        failed_id=receipt.event_id,
        reason=Reason.SUPPRESSED,
        detail="The visitor was erased.",
        payload=b"",
        received_at=receipt.received_at,
        source=SOURCE,
        site_id=receipt.site_id,
    )


def _payload(hit: Hit) -> dict[str, object]:
    logged: dict[str, object] = {
        "method": hit.method,
        "status": hit.status,
        "bytes": hit.size_bytes,
        "protocol": hit.protocol,
    }
    return logged if hit.is_pageview else {**logged, "interactive": False}
