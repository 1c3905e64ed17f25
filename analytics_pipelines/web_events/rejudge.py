"""Judges rejects again, as of their receipt: by the parsers, sites and erasures of today, with what was kept of them.

Salts and addresses of old days are gone, so a visitor without an id of the client's is whom the reject was noted for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import psycopg
import sqlalchemy as sa

from analytics_pipelines.web_events.event import Reason
from analytics_pipelines.web_events.event import Rejected as NotAnEvent
from analytics_pipelines.web_events.event_ids import digest
from analytics_pipelines.web_events.intake.judge import DERIVED, OPTED_OUT, SUPPRESSED, UNKNOWN_SITE
from analytics_pipelines.web_events.intake.read_event import read_body, read_event
from analytics_pipelines.web_events.intake.receipts import Receipt, Refusal
from analytics_pipelines.web_events.intake.rulebook import SiteRules
from analytics_pipelines.web_events.intake.rules_in_postgres import SITE_RULES
from analytics_pipelines.web_events.log_lines import MalformedLine, parse_line
from analytics_pipelines.web_events.log_receipts import SOURCE as LOG
from analytics_pipelines.web_events.log_receipts import LogSite, receipt_of
from analytics_pipelines.web_events.replay import Rejected
from analytics_pipelines.web_events.visitors import network_of

AHEAD = timedelta(days=1)
"""How far after its import a line's own time may lie."""
SEGMENT = "segment"
NO_SITE = "No site has the message's write key, which is not kept."
"""Messages of the Segment API are kept as events of the site that their key names."""
SEVERAL = "The body holds several events, of which none can be told apart any more."


def rejudged(connection: sa.Connection, rows: Sequence[Rejected]) -> list[Receipt | Refusal]:
    """What each reject would become today, in order; nothing is stored."""
    read = [_read(row) for row in rows]
    named = {each.site_id for each in read if each.site_id}
    sites = _sites(connection, named)
    return [_judged(row, each, sites) for row, each in zip(rows, read, strict=True)]


@dataclass(frozen=True, slots=True)
class _Read:
    """What a payload says of its site, and the event in it, unless it is a line of a log or says none."""

    site_id: str | None
    receipt: Receipt | None = None
    rejected: NotAnEvent | None = None


def _read(row: Rejected) -> _Read:
    if row.source == LOG:
        return _Read(row.site_id)
    try:
        receipt = _event(row)
    except NotAnEvent as rejected:
        return _Read(row.site_id, rejected=rejected)
    return _Read(receipt.site_id, receipt)


def _event(row: Rejected) -> Receipt:
    """The one event in the payload, under the id that it had or would have had; raises `NotAnEvent`."""
    body = read_body(row.payload)
    given = body.events[0] if body.events and not body.is_batch else None
    if given is None:
        raise NotAnEvent(Reason.MANY_EVENTS, SEVERAL)
    if given.rejected is not None or given.content is None:
        raise given.rejected or NotAnEvent(Reason.NOT_AN_OBJECT, SEVERAL)
    if row.source == SEGMENT and not given.content.get("siteId"):
        raise NotAnEvent(Reason.WRONG_KEY, NO_SITE)
    receipt = read_event(given.content, row.received_at, row.source)
    if not given.content.get("eventId"):
        receipt.event_id = row.event_id or row.failed_id
    return receipt


def _judged(row: Rejected, read: _Read, sites: Mapping[str, SiteRules]) -> Receipt | Refusal:
    if read.rejected is not None:
        return _refusal(row, read.rejected.reason, str(read.rejected))
    site = sites.get(read.site_id or "")
    if site is None:
        return _refusal(row, Reason.UNKNOWN_SITE, UNKNOWN_SITE)
    if read.receipt is None:
        return _line(row, site)
    return _collected(row, read.receipt, site)


def _line(row: Rejected, site: SiteRules) -> Receipt | Refusal:
    try:
        hit = parse_line(row.payload, row.received_at + AHEAD)
    except MalformedLine as malformed:
        return _refusal(row, Reason.MALFORMED_LINE, malformed.detail)
    receipt = receipt_of(LogSite(site.site_id, site.visitor_key, site.address_mode), row.failed_id, hit)
    return _refusal(row, Reason.SUPPRESSED, SUPPRESSED) if site.has_erased(receipt.visitor_id) else receipt


def _collected(row: Rejected, receipt: Receipt, site: SiteRules) -> Receipt | Refusal:
    # The intake notes a visitor for every event of an unknown site, but for one that came with an opt-out.
    if site.honours_opt_out and row.reason == Reason.UNKNOWN_SITE and row.visitor_id is None:
        return _refusal(row, Reason.OPTED_OUT, OPTED_OUT)
    if not receipt.visitor_id:
        receipt.visitor_id = row.visitor_id or digest(b"replay", row.failed_id.encode())
        receipt.visitor_id_before = row.visitor_id_before if row.visitor_id else None
        receipt.flags = (*receipt.flags, DERIVED)
    if site.has_erased(receipt.visitor_id, receipt.visitor_id_before):
        return _refusal(row, Reason.SUPPRESSED, SUPPRESSED)
    receipt.client_address = _address(site.address_mode, row.client_address)
    receipt.user_agent = row.user_agent
    return receipt


def _address(mode: str, kept: str | None) -> str | None:
    """What the site keeps of an address by now; a network stays one."""
    if mode == "none":
        return None
    return (network_of(kept) or kept) if mode == "truncated" else kept


def _refusal(row: Rejected, reason: Reason, detail: str) -> Refusal:
    return Refusal(
        failed_id=row.failed_id,
        reason=reason,
        detail=detail,
        payload=row.payload,
        received_at=row.received_at,
        source=row.source,
        site_id=row.site_id,
    )


def _sites(connection: sa.Connection, named: Iterable[str]) -> dict[str, SiteRules]:
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    found = driver.execute(SITE_RULES, {"named": sorted(named)}).fetchall()
    names = ("site_id", "allowed_origins", "address_mode", "honours_opt_out", "write_key", "visitor_key", "suppressed")
    rules = (dict(zip(names, row, strict=True)) for row in found)
    sets = ("allowed_origins", "suppressed")
    return {each["site_id"]: SiteRules(**each | {name: frozenset(each[name]) for name in sets}) for each in rules}
