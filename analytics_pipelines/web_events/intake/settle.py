"""Judges again, when the spool is drained, what could not be known while PostgreSQL was away."""

from collections.abc import Sequence
from datetime import datetime

import orjson

from analytics_pipelines.web_events.event import MOST_EVENT_BYTES, Reason
from analytics_pipelines.web_events.event_ids import digest
from analytics_pipelines.web_events.intake.batch import Item
from analytics_pipelines.web_events.intake.judge import DERIVED, SUPPRESSED, UNKNOWN_SITE
from analytics_pipelines.web_events.intake.lanes import Connection
from analytics_pipelines.web_events.intake.read_event import TEXT_FIELDS, TIME_FIELDS, UNPARSABLE
from analytics_pipelines.web_events.intake.receipts import Receipt, Refusal
from analytics_pipelines.web_events.intake.rulebook import SiteRules
from analytics_pipelines.web_events.intake.rules_in_postgres import register_sites, site_rules


async def settled(connection: Connection, items: Sequence[Item], *, registers_sites: bool, at: datetime) -> list[Item]:
    """The items, where events of sites that are none and of visitors who were erased have become refusals.

    Unknown sites are registered instead where `registers_sites` says so. The same items become the same refusals
    again. Raises `psycopg.Error`.
    """
    named = {item.site_id for item in items if item.site_id}
    found = {site.site_id: site for site in await site_rules(connection, named)}
    events_of = {item.site_id for item in items if isinstance(item, Receipt)}
    if registers_sites and (new := events_of - found.keys()):
        await register_sites(connection, new, at)
        found |= {site.site_id: site for site in await site_rules(connection, new)}
    return [_settled(item, found.get(item.site_id or "")) for item in items]


def as_sent(receipt: Receipt) -> bytes:
    """The event in the words of `POST /collect`."""
    told = {field: getattr(receipt, column) for field, column in {**TEXT_FIELDS, **TIME_FIELDS}.items()}
    given = {field: value for field, value in told.items() if value is not None}
    for field, flag in UNPARSABLE.items():
        if flag in receipt.flags:  # as it came it stands in the payload
            given.pop(field, None)
    if receipt.visitor_id_before or DERIVED in receipt.flags:
        given.pop("visitorId")
    payload = receipt.payload.strip()
    return orjson.dumps(given)[:-1] + (b"," if payload != "{}" else b"") + payload.encode()[1:]


def _settled(item: Item, site: SiteRules | None) -> Item:
    if site is None:
        return _refused(item, Reason.UNKNOWN_SITE, UNKNOWN_SITE) if isinstance(item, Receipt) else item
    if site.has_erased(item.visitor_id, item.visitor_id_before):
        return _forgotten(item)
    return item


def _refused(receipt: Receipt, reason: Reason, detail: str) -> Refusal:
    payload = as_sent(receipt)
    return Refusal(
        failed_id=_failed_id(receipt),
        reason=reason,
        detail=detail,
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


def _forgotten(item: Item) -> Refusal:
    return Refusal(
        failed_id=item.failed_id if isinstance(item, Refusal) else _failed_id(item),
        reason=Reason.SUPPRESSED,
        detail=SUPPRESSED,
        payload=b"",
        received_at=item.received_at,
        source=item.source,
        site_id=item.site_id,
    )


def _failed_id(receipt: Receipt) -> str:
    return digest(receipt.site_id.encode(), receipt.event_id.encode(), receipt.received_at.isoformat().encode())
