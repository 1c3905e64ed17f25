"""What is stored of an event and its sender, and of whom nothing is kept."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from analytics_pipelines.web_events.event import MOST_EVENT_BYTES, Reason, Rejected, Sender
from analytics_pipelines.web_events.intake.judge import Arrival, judge, read_events, turned_away
from analytics_pipelines.web_events.intake.read_event import Given
from analytics_pipelines.web_events.intake.receipts import Receipt, Refusal
from analytics_pipelines.web_events.intake.rulebook import Rulebook, SiteRules
from analytics_pipelines.web_events.suppress import digest_of
from analytics_pipelines.web_events.visitors import DAY, Salts, visitor_of

AT = datetime(2026, 3, 5, 0, 0, 1, tzinfo=UTC)
SENDER = Sender("192.0.2.7", "Firefox")
ARRIVAL = Arrival("collect", AT, SENDER)
SALTS = Salts({AT.date(): b"today", AT.date() - DAY: b"before"})
PERSONAL = ("event_id", "visitor_id", "visitor_id_before", "client_address", "user_agent")


def site(site_id: str, **given: Any) -> SiteRules:
    return SiteRules(site_id=site_id, visitor_key=b"secret", **given)


def book(*sites: SiteRules, is_complete: bool = True, salts: Salts = SALTS) -> Rulebook:
    return Rulebook({each.site_id: each for each in sites}, salts, is_complete)


def judged(content: dict[str, object], held: Rulebook, arrival: Arrival = ARRIVAL) -> Receipt | Refusal:
    given = Given(content)
    read_events([given], arrival)
    (verdict,) = judge([given], arrival, held)
    return verdict


def erased(site_id: str, visitor_id: str) -> frozenset[str]:
    return frozenset({digest_of(b"secret", site_id, visitor_id)})


def test_a_visitor_without_an_id_has_two_hashes_a_given_one_none() -> None:
    derived = judged({}, book(site("default")))
    assert isinstance(derived, Receipt)
    assert (derived.visitor_id, derived.visitor_id_before, derived.flags) == (
        visitor_of(b"today", "default", SENDER),
        visitor_of(b"before", "default", SENDER),
        ("visitor_derived",),
    )
    given = judged({"visitorId": "v"}, book(site("default")))
    assert isinstance(given, Receipt)
    assert (given.visitor_id, given.visitor_id_before, given.flags) == ("v", None, ())


def test_the_hash_of_today_is_tomorrows_hash_of_the_day_before() -> None:
    today = judged({}, book(site("default")))
    tomorrow = judged(
        {},
        book(site("default"), salts=Salts({AT.date() + DAY: b"new", **SALTS.known})),
        replace(ARRIVAL, received_at=AT + DAY),
    )
    assert today.visitor_id == tomorrow.visitor_id_before
    assert today.visitor_id != tomorrow.visitor_id


def test_on_the_first_day_of_all_there_is_no_hash_of_the_day_before() -> None:
    assert judged({}, book(site("default"), salts=Salts({AT.date(): b"today"}))).visitor_id_before is None


@pytest.mark.parametrize(("mode", "kept"), [("full", "192.0.2.7"), ("truncated", "192.0.2.0/24"), ("none", None)])
def test_a_site_says_what_is_kept_of_an_address(mode: str, kept: str | None) -> None:
    held = book(site("default", address_mode=mode))
    for content in ({}, {"title": {}}):
        verdict = judged(content, held)
        assert (verdict.client_address, verdict.user_agent) == (kept, "Firefox")


def test_an_event_of_an_unknown_site_is_refused_with_what_a_replay_needs() -> None:
    refusal = judged({"siteId": "s", "eventId": "e", "a": 1}, book())
    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.site_id, refusal.event_id) == (Reason.UNKNOWN_SITE, "s", "e")
    assert refusal.payload == b'{"siteId":"s","eventId":"e","a":1}'
    assert refusal.visitor_id == visitor_of(b"today", "s", SENDER)
    assert (refusal.visitor_id_before, refusal.client_address) == (visitor_of(b"before", "s", SENDER), "192.0.2.0/24")


def test_while_nobody_knows_the_sites_an_event_of_an_unknown_one_is_let_through() -> None:
    receipt = judged({"siteId": "s"}, book(is_complete=False))
    assert isinstance(receipt, Receipt)
    assert receipt.client_address == "192.0.2.0/24"


@pytest.mark.parametrize(
    ("origin", "is_stored"),
    [("https://own.example", True), ("https://other.example", False), ("null", False), (None, True)],
)
def test_a_site_takes_events_of_its_own_origins_and_of_senders_without_one(origin: str | None, is_stored: bool) -> None:
    held = book(site("default", allowed_origins=frozenset({"https://own.example"})))
    verdict = judged({"visitorId": "v"}, held, replace(ARRIVAL, origin=origin))
    assert isinstance(verdict, Receipt) is is_stored
    if isinstance(verdict, Refusal):
        assert (verdict.reason, verdict.visitor_id) == (Reason.ORIGIN_NOT_ALLOWED, "v")


QUIET = site("quiet", honours_opt_out=True, allowed_origins=frozenset())
ERASED = site("erased", suppressed=erased("erased", "v"), allowed_origins=frozenset())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param({"siteId": "quiet", "visitorId": "v", "eventId": "e"}, Reason.OPTED_OUT, id="who opts out"),
        pytest.param({"siteId": "quiet", "visitorId": "v", "title": {}}, Reason.OPTED_OUT, id="with a bad event"),
        pytest.param({"siteId": "erased", "visitorId": "v", "eventId": "e"}, Reason.SUPPRESSED, id="who was erased"),
        pytest.param({"siteId": "erased", "visitorId": "v", "title": {}}, Reason.SUPPRESSED, id="with a bad event too"),
        pytest.param({"siteId": "erased", "visitorId": "v", "a": "\x00"}, Reason.SUPPRESSED, id="or with poison"),
    ],
)
def test_of_people_who_opted_out_or_were_erased_nothing_is_kept(content: dict[str, object], reason: Reason) -> None:
    poison = Rejected(Reason.TEXT_NOT_STORABLE, "A text holds NUL.") if "a" in content else None
    given = Given(content, b"raw", poison)
    arrival = replace(ARRIVAL, opts_out=True, origin="https://other.example")
    read_events([given], arrival)
    (verdict,) = judge([given], arrival, book(QUIET, ERASED))
    assert isinstance(verdict, Refusal)
    assert (verdict.reason, verdict.payload, verdict.site_id) == (reason, b"", content["siteId"])
    assert {getattr(verdict, name) for name in PERSONAL} == {None}


@pytest.mark.parametrize("key", [b"today", b"before"])
def test_an_erased_visitor_is_known_by_the_hash_of_either_day(key: bytes) -> None:
    visitor_id = visitor_of(key, "s", SENDER)
    verdict = judged({"siteId": "s"}, book(site("s", suppressed=erased("s", visitor_id))))
    assert isinstance(verdict, Refusal)
    assert verdict.reason is Reason.SUPPRESSED


def test_opting_out_changes_nothing_at_a_site_that_does_not_honour_it() -> None:
    assert isinstance(judged({}, book(site("default")), replace(ARRIVAL, opts_out=True)), Receipt)


def test_who_opts_out_of_a_site_that_nobody_knows_leaves_no_address() -> None:
    refusal = judged({"siteId": "s"}, book(), replace(ARRIVAL, opts_out=True))
    assert isinstance(refusal, Refusal)
    assert {getattr(refusal, name) for name in PERSONAL[1:]} == {None}


@pytest.mark.parametrize(
    ("content", "site_id", "event_id", "visitor_id"),
    [
        pytest.param({"eventId": "e", "visitorId": "v", "title": {}}, "default", "e", "v", id="told"),
        pytest.param({"siteId": {}, "eventId": 5}, None, None, None, id="not to be told"),
        pytest.param(
            {"siteId": "s", "eventId": "x" * 300, "visitorId": "\ud800"}, "s", None, "derived", id="not storable"
        ),
    ],
)
def test_a_rejected_event_is_kept_with_what_it_tells(
    content: dict[str, object], site_id: str | None, event_id: str | None, visitor_id: str | None
) -> None:
    refusal = judged(content, book(site("default"), site("s")))
    assert isinstance(refusal, Refusal)
    assert (refusal.site_id, refusal.event_id) == (site_id, event_id)
    assert refusal.visitor_id == (visitor_of(b"today", "s", SENDER) if visitor_id == "derived" else visitor_id)


def test_a_message_whose_key_is_wrong_belongs_to_no_site() -> None:
    given = Given({"eventId": "e"}, rejected=Rejected(Reason.WRONG_KEY, "Wrong."))
    (refusal,) = judge([given], ARRIVAL, book(site("default")))
    assert (refusal.site_id, refusal.event_id, refusal.visitor_id) == (None, None, None)


def test_an_event_may_have_a_sender_of_its_own() -> None:
    events = [Given({}), Given({}, sender=Sender("198.51.100.1", "Safari"))]
    read_events(events, ARRIVAL)
    found = judge(events, ARRIVAL, book(site("default")))
    assert [each.user_agent for each in found] == ["Firefox", "Safari"]
    assert found[0].visitor_id != found[1].visitor_id


def test_a_body_that_can_not_be_read_is_kept_in_part() -> None:
    refusal = turned_away(Rejected(Reason.BROKEN_JSON, "Broken."), b"x" * (MOST_EVENT_BYTES + 1), ARRIVAL)
    assert (refusal.reason, refusal.detail, refusal.payload) == (Reason.BROKEN_JSON, "Broken.", b"x" * MOST_EVENT_BYTES)
    assert (refusal.site_id, refusal.visitor_id, refusal.client_address) == (None, None, "192.0.2.0/24")


def test_the_sites_that_events_name_are_told() -> None:
    events = [
        Given({"siteId": "a"}),
        Given({}),
        Given({"title": {}, "siteId": "b"}),
        Given(None, b"5", Rejected(Reason.NOT_AN_OBJECT, "No.")),
    ]
    assert read_events(events, ARRIVAL) == {"a", "default"}
