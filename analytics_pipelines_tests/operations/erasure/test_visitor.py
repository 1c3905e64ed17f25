"""Whose an event is, and whom a payload names."""

from datetime import UTC, datetime

import pytest

from analytics_pipelines.operations.erasure.visitor import Visitor, linked
from analytics_pipelines.web_events.event import Reason
from analytics_pipelines.web_events.intake.receipts import Receipt, Refusal

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ANNA = Visitor("shop", frozenset({"anna", "visitor-77", 'ä"ö'}))


def receipt(visitor_id: str, *, before: str | None = None, site: str = "shop") -> Receipt:
    absent = dict.fromkeys(
        ("session_id", "sent_at", "url", "path", "referrer", "title", "client_address", "user_agent")
    )
    return Receipt(
        site_id=site,
        event_id="e",
        event_type="x",
        visitor_id=visitor_id,
        visitor_id_before=before,
        event_at=NOW,
        received_at=NOW,
        source="collect",
        payload='{"who": "anna"}',
        **absent,
    )


def refusal(payload: bytes = b"{}", *, site: str | None = "shop", visitor: str | None = None) -> Refusal:
    return Refusal(
        failed_id="f",
        reason=Reason.TOO_LONG,
        detail="",
        payload=payload,
        received_at=NOW,
        source="collect",
        site_id=site,
        visitor_id=visitor,
    )


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param(receipt("anna"), True, id="by its id"),
        pytest.param(receipt("x", before="anna"), True, id="by the id of the day before"),
        pytest.param(receipt("anna", site="other"), False, id="another site"),
        pytest.param(receipt("ben"), False, id="another visitor who names them"),
        pytest.param(refusal(visitor="anna"), True, id="a reject of theirs"),
        pytest.param(refusal(b'{"visitorId": "anna"}'), True, id="a reject that names them"),
        pytest.param(refusal(b'{"visitorId": "anna"}', site=None), True, id="a reject of no site that names them"),
        pytest.param(refusal(b'{"visitorId": "anna"}', site="other"), False, id="a reject of another site"),
        pytest.param(refusal(b'{"visitorId": "ben"}', site=None), False, id="a reject of somebody else"),
    ],
)
def test_an_item_is_theirs_by_site_and_id(item, expected) -> None:
    assert ANNA.is_theirs(item) is expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        pytest.param(b'{"events": [{"traits": {"id": "anna"}}]}', True, id="deep in JSON"),
        pytest.param(b'{"anna": 1}', True, id="as a name"),
        pytest.param(b'{"note": "annabel"}', False, id="a part of another word"),
        pytest.param(b'{"note": "anna went"}', False, id="a common word in a sentence"),
        pytest.param(b'{"url": "/?uid=visitor-77"}', True, id="a telling id within a text"),
        pytest.param(b'{"url": "/?uid=visitor-771"}', False, id="the beginning of another id"),
        pytest.param(b'{"visitorId": "anna"', True, id="JSON cut off"),
        pytest.param(b"siteId=shop&visitorId=anna", True, id="a query"),
        pytest.param(b"visitorId=%C3%A4%22%C3%B6", True, id="a query in other letters"),
        pytest.param(b'{"v": "\\u00e4\\"\\u00f6"}', True, id="JSON in ASCII"),
        pytest.param('{"v": "ä\\"ö"}'.encode(), True, id="JSON in UTF-8"),
        pytest.param(b"\xff anna \xff", True, id="no text at all"),
        pytest.param(b"[" * 100_000 + b'"anna"', True, id="too deep to read"),
        pytest.param(b"", False, id="nothing"),
    ],
)
def test_a_payload_names_a_visitor_in_any_spelling_and_no_part_of_a_word(payload, expected) -> None:
    assert ANNA.is_named_in(payload) is expected


def test_every_payload_that_names_them_holds_one_of_the_spellings() -> None:
    assert {b"anna", b"visitor-77", b"%C3%A4%22%C3%B6", b'\\u00e4\\"\\u00f6'} <= set(ANNA.spellings)


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        pytest.param([], "a", id="none"),
        pytest.param([("a", "b")], "ab", id="the day after"),
        pytest.param([("c", "b"), ("b", "a"), ("d", "c")], "abcd", id="four days in a row"),
        pytest.param([("x", "y"), ("b", "a")], "ab", id="somebody else's"),
        pytest.param([("b", "a"), ("a", "b")], "ab", id="a circle"),
    ],
)
def test_links_are_followed_to_their_ends(links, expected) -> None:
    assert linked({"a"}, links) == set(expected)
