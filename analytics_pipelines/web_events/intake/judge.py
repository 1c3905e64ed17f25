"""Whether an event may be stored, and what of its sender is kept with it.

A site's rules come first (its origins, people who opt out, visitors who were erased), then what is wrong with the event
itself; of people who opted out or were erased nothing is kept, not even with a reject.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from analytics_pipelines.web_events.event import MOST_CHARACTERS, MOST_EVENT_BYTES, Reason, Rejected, Sender
from analytics_pipelines.web_events.event_ids import uuid7
from analytics_pipelines.web_events.intake.read_event import Given, read_event
from analytics_pipelines.web_events.intake.read_json import is_storable
from analytics_pipelines.web_events.intake.receipts import Receipt, Refusal
from analytics_pipelines.web_events.intake.rulebook import Rulebook, SiteRules
from analytics_pipelines.web_events.visitors import Salts, stored_address, visitor_of

DERIVED = "visitor_derived"
UNKNOWN_SITE = "The site is not registered."
ORIGIN_NOT_ALLOWED = "The site does not take events from this origin."
OPTED_OUT = "The person opted out by Sec-GPC or DNT."
SUPPRESSED = "The visitor was erased."
Verdict = Receipt | Refusal


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a request came; `opts_out` says that it was sent with `Sec-GPC: 1` or `DNT: 1`."""

    source: str
    received_at: datetime
    sender: Sender
    origin: str | None = None
    opts_out: bool = False


@dataclass(slots=True)
class _Claim:
    """What an event says of its site and visitor; of one that can not be read perhaps nothing."""

    site_id: str | None = None
    event_id: str | None = None
    visitor_id: str | None = None
    visitor_id_before: str | None = None


def read_events(events: Sequence[Given], arrival: Arrival) -> set[str]:
    """Read each event that was not rejected before, in place; the ids of all sites that they name."""
    sites: set[str] = set()
    for each in events:
        if each.rejected is None and each.content is not None:
            try:
                each.receipt = read_event(each.content, arrival.received_at, arrival.source)
            except Rejected as rejected:
                each.rejected = rejected
            else:
                sites.add(each.receipt.site_id)
    return sites


def judge(events: Sequence[Given], arrival: Arrival, book: Rulebook) -> list[Verdict]:
    """What is to become of each event, in order. They must have been read."""
    return [
        _judged(each, arrival if each.sender is None else replace(arrival, sender=each.sender), book) for each in events
    ]


def turned_away(rejected: Rejected, raw: bytes, arrival: Arrival) -> Refusal:
    """The refusal of a whole body, of which nobody can say whose it is."""
    return _refusal(rejected, raw, arrival, _Claim(), None)


def _judged(given: Given, arrival: Arrival, book: Rulebook) -> Verdict:
    receipt = given.receipt
    if receipt is None:
        return _rejected(given, arrival, book)
    site = book.sites.get(receipt.site_id)
    if site is None:
        site = SiteRules(site_id=receipt.site_id)
        if book.is_complete:
            claim = _Claim(receipt.site_id, receipt.event_id, receipt.visitor_id)
            _derive(claim, arrival, book.salts)
            return _refusal(Rejected(Reason.UNKNOWN_SITE, UNKNOWN_SITE), given.as_received, arrival, claim, None)
    return _allowed(given, receipt, arrival, book.salts, site)


def _allowed(given: Given, receipt: Receipt, arrival: Arrival, salts: Salts, site: SiteRules) -> Verdict:
    if arrival.opts_out and site.honours_opt_out:
        return _forgotten(Reason.OPTED_OUT, OPTED_OUT, arrival, site.site_id)
    sender = arrival.sender
    if not receipt.visitor_id:
        receipt.visitor_id, receipt.visitor_id_before = _derived(receipt.site_id, arrival, salts)
        receipt.flags = (*receipt.flags, DERIVED)
    if site.suppressed and site.has_erased(receipt.visitor_id, receipt.visitor_id_before):
        return _forgotten(Reason.SUPPRESSED, SUPPRESSED, arrival, site.site_id)
    if arrival.origin is not None and not site.allows(arrival.origin):
        claim = _Claim(receipt.site_id, receipt.event_id, receipt.visitor_id, receipt.visitor_id_before)
        rejected = Rejected(Reason.ORIGIN_NOT_ALLOWED, ORIGIN_NOT_ALLOWED)
        return _refusal(rejected, given.as_received, arrival, claim, site)
    receipt.client_address = stored_address(site.address_mode, sender.address)
    receipt.user_agent = sender.agent
    return receipt


def _rejected(given: Given, arrival: Arrival, book: Rulebook) -> Verdict:
    """The event can not be stored; whom it is of is asked all the same, as far as it can be told."""
    rejected = given.rejected
    assert rejected is not None  # noqa: S101 - what has no receipt was rejected when it was read
    claim = _claimed(given.content) if rejected.reason is not Reason.WRONG_KEY else _Claim()
    site = book.sites.get(claim.site_id) if claim.site_id else None
    _derive(claim, arrival, book.salts)
    if site is not None and arrival.opts_out and site.honours_opt_out:
        return _forgotten(Reason.OPTED_OUT, OPTED_OUT, arrival, site.site_id)
    if site is not None and site.has_erased(claim.visitor_id, claim.visitor_id_before):
        return _forgotten(Reason.SUPPRESSED, SUPPRESSED, arrival, site.site_id)
    return _refusal(rejected, given.as_received, arrival, claim, site)


def _claimed(content: dict[str, object] | None) -> _Claim:
    if content is None:
        return _Claim()
    site_id = "default" if content.get("siteId") in (None, "") else _hint(content, "siteId", "site_id")
    return _Claim(site_id, _hint(content, "eventId", "event_id"), _hint(content, "visitorId", "visitor_id"))


def _hint(content: dict[str, object], field: str, column: str) -> str | None:
    value = content.get(field)
    is_id = isinstance(value, str) and 0 < len(value) <= MOST_CHARACTERS[column]
    return value if isinstance(value, str) and is_id and is_storable(value) else None


def _derive(claim: _Claim, arrival: Arrival, salts: Salts) -> None:
    if claim.site_id and not claim.visitor_id:
        claim.visitor_id, claim.visitor_id_before = _derived(claim.site_id, arrival, salts)


def _derived(site_id: str, arrival: Arrival, salts: Salts) -> tuple[str, str | None]:
    """The visitor under the salts of the day of receipt and of the day before."""
    day = arrival.received_at.date()
    before = salts.before(day)
    today = visitor_of(salts.of(day), site_id, arrival.sender)
    return today, visitor_of(before, site_id, arrival.sender) if before else None


def _forgotten(reason: Reason, detail: str, arrival: Arrival, site_id: str) -> Refusal:
    """Counted, and nothing kept."""
    return Refusal(
        failed_id=uuid7(arrival.received_at),
        reason=reason,
        detail=detail,
        payload=b"",
        received_at=arrival.received_at,
        source=arrival.source,
        site_id=site_id,
    )


def _refusal(rejected: Rejected, raw: bytes, arrival: Arrival, claim: _Claim, site: SiteRules | None) -> Refusal:
    """Who opts out of a site that nobody knows leaves neither address nor agent."""
    is_silent = site is None and arrival.opts_out
    mode = "none" if is_silent else site.address_mode if site else "truncated"
    return Refusal(
        failed_id=uuid7(arrival.received_at),
        reason=rejected.reason,
        detail=str(rejected),
        payload=raw[:MOST_EVENT_BYTES],
        received_at=arrival.received_at,
        source=arrival.source,
        site_id=claim.site_id,
        event_id=claim.event_id,
        visitor_id=None if is_silent else claim.visitor_id,
        visitor_id_before=None if is_silent else claim.visitor_id_before,
        client_address=stored_address(mode, arrival.sender.address),
        user_agent=None if is_silent else arrival.sender.agent,
    )
