"""What of a line goes into the log, and what of one that is turned away is kept."""

from datetime import UTC, datetime

import pytest

from analytics_pipelines.web_events.event import MOST_EVENT_BYTES, Reason
from analytics_pipelines.web_events.log_lines import parse_line
from analytics_pipelines.web_events.log_receipts import LogSite, malformed, receipt_of, suppressed

LINE = b'192.0.2.7 - - [17/May/2015:10:05:03 +0200] "GET /b.css?x=1 HTTP/1.1" 200 5 "http://a.example/" "Firefox"'
AT = datetime(2015, 5, 17, 8, 5, 3, tzinfo=UTC)
NOW = datetime(2026, 3, 5, tzinfo=UTC)


def site(mode: str = "truncated", site_id: str = "shop", key: bytes = b"k" * 16) -> LogSite:
    return LogSite(site_id, key, mode)


def test_the_time_of_the_line_is_receipt_and_event() -> None:
    found = receipt_of(site(), "id", parse_line(LINE, NOW))
    assert (found.site_id, found.event_id, found.source) == ("shop", "id", "log")
    assert found.received_at == found.event_at == AT
    assert (found.url, found.referrer, found.user_agent) == ("/b.css?x=1", "http://a.example/", "Firefox")
    assert (found.event_type, found.flags, found.visitor_id_before) == ("request", ("visitor_derived",), None)
    assert found.payload == '{"method": "GET", "status": 200, "bytes": 5, "protocol": "HTTP/1.1", "interactive": false}'


def test_a_visitor_is_the_same_within_a_site_only() -> None:
    hit = parse_line(LINE, NOW)
    other_agent = parse_line(LINE.replace(b"Firefox", b"Safari"), NOW)
    found = receipt_of(site(), "a", hit).visitor_id
    assert receipt_of(site(), "b", hit).visitor_id == found
    others = [receipt_of(site(site_id="b"), "a", hit), receipt_of(site(key=b"l" * 16), "a", hit)]
    assert found not in {each.visitor_id for each in [*others, receipt_of(site(), "a", other_agent)]}


@pytest.mark.parametrize(
    ("mode", "address", "stored"),
    [
        pytest.param("full", "192.0.2.7", "192.0.2.7", id="all of it"),
        pytest.param("full", "2001:DB8:0::7", "2001:db8::7", id="all of it, in its shortest spelling"),
        pytest.param("full", "host.example", None, id="a name in its place"),
        pytest.param("truncated", "192.0.2.7", "192.0.2.0/24", id="its network"),
        pytest.param("truncated", "host.example", None, id="no network of a name"),
        pytest.param("none", "192.0.2.7", None, id="nothing"),
    ],
)
def test_addresses_are_stored_as_the_site_says(mode: str, address: str, stored: str | None) -> None:
    hit = parse_line(LINE.replace(b"192.0.2.7", address.encode()), NOW)
    assert receipt_of(site(mode), "id", hit).client_address == stored


def test_a_malformed_line_is_kept_up_to_a_limit() -> None:
    found = malformed("shop", "id", b"x" * (MOST_EVENT_BYTES + 1), "too long", NOW)
    assert (found.reason, found.detail, found.received_at) == (Reason.MALFORMED_LINE, "too long", NOW)
    assert len(found.payload) == MOST_EVENT_BYTES


def test_of_an_erased_visitor_only_the_day_is_kept() -> None:
    receipt = receipt_of(site("full"), "id", parse_line(LINE, NOW))
    found = suppressed(receipt)
    assert (found.failed_id, found.reason, found.payload, found.received_at) == ("id", Reason.SUPPRESSED, b"", AT)
    assert (found.event_id, found.visitor_id, found.client_address, found.user_agent) == (None, None, None, None)
