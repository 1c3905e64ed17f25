"""Bodies that break careless collectors, and what ours says of them."""

import pytest

from analytics_pipelines.web_events.event import MOST_EVENT_BYTES

REJECTED = [
    pytest.param(b"", 400, "broken_json", id="empty"),
    pytest.param(b"{", 400, "broken_json", id="cut"),
    pytest.param(b'{"a": NaN}', 400, "broken_json", id="NaN"),
    pytest.param(b'{"a": -Infinity}', 400, "broken_json", id="Infinity"),
    pytest.param(b'{"title": "\xff"}', 400, "broken_json", id="not UTF-8"),
    pytest.param('{"a": 1}'.encode("utf-16"), 400, "broken_json", id="UTF-16"),
    pytest.param(b'"text"', 422, "not_an_object", id="a text"),
    pytest.param(b'{"a": 1e400}', 422, "number_out_of_range", id="1e400"),
    pytest.param(b'{"a": ' + b"9" * 30_000 + b"}", 422, "number_out_of_range", id="30,000 digits"),
    pytest.param(b'{"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", 422, "too_deep", id="10,000 levels"),
    pytest.param(b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}", 422, "too_deep", id="100 levels"),
    pytest.param(b'{"a": {"b": ["\\u0000"]}}', 422, "text_not_storable", id="NUL deep inside"),
    pytest.param(b'{"\\u0000": 1}', 422, "text_not_storable", id="NUL in a name"),
    pytest.param(b'{"title": "\\ud800"}', 422, "text_not_storable", id="lone surrogate"),
    pytest.param(b'{"title": {"a": 1}}', 422, "wrong_type", id="an object as title"),
    pytest.param(b'{"siteId": true}', 422, "wrong_type", id="a boolean as site"),
    pytest.param(b'{"eventId": "' + b"x" * 256 + b'"}', 422, "too_long", id="a long id"),
    pytest.param(b'{"a": "' + b"x" * MOST_EVENT_BYTES + b'"}', 413, "too_large", id="over 32 KB"),
]
"""(body, status, reason)"""

ODD = [
    pytest.param({"eventId": 5, "title": 1.5}, id="numbers as text"),
    pytest.param({"a": 10**999, "b": 1e308, "c": -0.0, "d": 5e-324}, id="large and small numbers"),
    pytest.param({"url": "http://[::1", "referrer": "::", "path": "\u0001"}, id="bad addresses"),
    pytest.param({"eventId": "😀" * 255, "siteId": "ß" * 100, "eventType": "%s{}" * 25}, id="longest ids"),
    pytest.param({"timestamp": "9999-12-31T23:59:59Z", "sentAt": "0001-01-01T00:00:00Z"}, id="far times"),
    pytest.param({"a": "x" * (MOST_EVENT_BYTES - 8)}, id="exactly 32 KB"),
]
"""Events that look wrong and are to be stored."""
