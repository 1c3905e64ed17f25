"""Messages of the Segment API become events of ours, with nothing lost but the address."""

import base64

import pytest

from analytics_pipelines.web_events.event import Sender
from analytics_pipelines.web_events.intake.segment import event_of, sender_of, write_key_of

SENT = "2026-03-05T12:00:00Z"


@pytest.mark.parametrize(
    ("message", "kind", "expected"),
    [
        pytest.param(
            {
                "type": "track",
                "event": "Bought",
                "userId": "u",
                "anonymousId": "a",
                "messageId": "m",
                "properties": {"p": 1},
            },
            None,
            {
                "eventType": "Bought",
                "visitorId": "a",
                "eventId": "m",
                "properties": {"p": 1},
                "userId": "u",
                "event": "Bought",
                "type": "track",
            },
            id="track",
        ),
        pytest.param(
            {"event": "Bought", "userId": 7},
            "track",
            {"eventType": "Bought", "visitorId": 7, "userId": 7, "event": "Bought"},
            id="a user's id names the visitor",
        ),
        pytest.param({}, "track", {"eventType": "track"}, id="track without a name"),
        pytest.param(
            {
                "name": "Home",
                "context": {"page": {"url": "https://a/", "path": "/", "referrer": "https://b/", "title": "T"}},
            },
            "page",
            {
                "eventType": "pageview",
                "name": "Home",
                "url": "https://a/",
                "path": "/",
                "referrer": "https://b/",
                "title": "T",
                "context": {"page": {"url": "https://a/", "path": "/", "referrer": "https://b/", "title": "T"}},
            },
            id="page",
        ),
        pytest.param(
            {"properties": {"url": "https://a/", "title": 5}},
            "page",
            {"eventType": "pageview", "url": "https://a/", "properties": {"url": "https://a/", "title": 5}},
            id="page by its properties",
        ),
        pytest.param(
            {"traits": {"plan": "free"}},
            "identify",
            {"eventType": "identify", "traits": {"plan": "free"}},
            id="identify",
        ),
        pytest.param(
            {"type": "group", "groupId": "g"}, None, {"eventType": "group", "type": "group", "groupId": "g"}, id="group"
        ),
        pytest.param(
            {"type": "alias", "previousId": "p", "userId": "u"},
            None,
            {"eventType": "alias", "type": "alias", "previousId": "p", "userId": "u", "visitorId": "u"},
            id="alias",
        ),
        pytest.param(
            {"timestamp": "t", "originalTimestamp": "o", "sentAt": "s"},
            "screen",
            {"eventType": "screen", "timestamp": "o", "sentAt": "s"},
            id="times",
        ),
        pytest.param(
            {
                "context": {
                    "campaign": {"source": "mail"},
                    "ip": "192.0.2.7",
                    "userAgent": "X",
                    "library": {"name": "l"},
                }
            },
            "screen",
            {
                "eventType": "screen",
                "attribution": {"utmParams": {"source": "mail"}},
                "context": {"campaign": {"source": "mail"}, "userAgent": "X", "library": {"name": "l"}},
            },
            id="context without the address",
        ),
        pytest.param(
            {"context": 5, "properties": [1]},
            "screen",
            {"eventType": "screen", "context": 5, "properties": [1]},
            id="odd types are kept",
        ),
        pytest.param(
            {"type": 5, "siteId": "spoofed", "writeKey": "k"},
            None,
            {"eventType": 5, "type": 5},
            id="the key alone says the site",
        ),
    ],
)
def test_a_message_is_an_event_in_our_words(
    message: dict[str, object], kind: str | None, expected: dict[str, object]
) -> None:
    assert event_of(message, kind, "s", SENT) == {"siteId": "s", "sentAt": SENT} | expected


def basic(text: bytes) -> str:
    return "Basic " + base64.b64encode(text).decode()


@pytest.mark.parametrize(
    ("authorization", "around", "key"),
    [
        pytest.param(basic(b"k:"), {}, "k", id="the user of basic authentication"),
        pytest.param(basic(b"k"), {"writeKey": "other"}, "k", id="which wins"),
        pytest.param(basic(b":"), {"writeKey": "k"}, "k", id="or the body's"),
        pytest.param("Bearer token", {"writeKey": "k"}, "k", id="beside another kind"),
        pytest.param("Basic !!", {}, None, id="nonsense"),
        pytest.param(basic(b"\xff"), {}, None, id="no text"),
        pytest.param("", {"writeKey": 5}, None, id="no text in the body"),
        pytest.param("", {}, None, id="none"),
    ],
)
def test_the_write_key_is_found(authorization: str, around: dict[str, object], key: str | None) -> None:
    assert write_key_of(authorization, around) == key


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        pytest.param(None, Sender("10.0.0.1", "lib"), id="nothing told"),
        pytest.param({"ip": "::ffff:192.0.2.7", "userAgent": "Firefox"}, Sender("192.0.2.7", "Firefox"), id="both"),
        pytest.param({"ip": "nonsense", "userAgent": 5}, Sender("10.0.0.1", "lib"), id="nothing that can be believed"),
    ],
)
def test_the_person_is_told_from_who_passes_the_message_on(context: object, expected: Sender) -> None:
    assert sender_of({"context": context}, Sender("10.0.0.1", "lib")) == expected
