from datetime import UTC, datetime

import pytest

from analytics_pipelines.web_events.log_lines import MalformedLine, parse_line

LATEST = datetime(2026, 3, 5, tzinfo=UTC)
START = b'192.0.2.7 - bob [17/May/2015:10:05:03 +0200] "GET /a?b=1 HTTP/1.1" 200 51'


def test_a_combined_line_is_taken_apart() -> None:
    hit = parse_line(START + b' "http://x.example/" "Say \\"hi\\""', LATEST)
    assert (hit.address, hit.method, hit.target, hit.protocol) == ("192.0.2.7", "GET", "/a?b=1", "HTTP/1.1")
    assert (hit.status, hit.size_bytes, hit.referrer, hit.agent) == (200, 51, "http://x.example/", 'Say "hi"')
    assert hit.at == datetime(2015, 5, 17, 8, 5, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(START, id="Common"),
        pytest.param(START + b' "-" "-"', id="dashes"),
        pytest.param(START + b' "-" "-" 0.005 "10.0.0.1"', id="more fields behind"),
    ],
)
def test_what_is_missing_is_none(line: bytes) -> None:
    hit = parse_line(line, LATEST)
    assert (hit.referrer, hit.agent) == (None, None)


@pytest.mark.parametrize(
    ("request_line", "parts"),
    [
        pytest.param(b"-", (None, None, None), id="nothing"),
        pytest.param(b"\\x16\\x03\\x01", (None, "\\x16\\x03\\x01", None), id="TLS on a plain port"),
        pytest.param(b"GET /with blank HTTP/1.0", ("GET", "/with blank", "HTTP/1.0"), id="blank in the target"),
        pytest.param(b"get / HTTP/1.0", (None, "get / HTTP/1.0", None), id="no method"),
    ],
)
def test_a_request_that_is_not_http_is_kept_as_it_is(request_line: bytes, parts: tuple[str | None, ...]) -> None:
    hit = parse_line(START.replace(b"GET /a?b=1 HTTP/1.1", request_line), LATEST)
    assert (hit.method, hit.target, hit.protocol) == parts


@pytest.mark.parametrize(
    ("target", "status", "is_pageview"),
    [
        pytest.param(b"GET /", b"200", True, id="root"),
        pytest.param(b"GET /a.html?x=y.png", b"304", True, id="not modified"),
        pytest.param(b"GET /v1.2/notes", b"200", True, id="a dot in a folder"),
        pytest.param(b"GET /a.PNG", b"200", False, id="picture"),
        pytest.param(b"GET /app.mjs?v=1", b"200", False, id="script with a version"),
        pytest.param(b"GET /", b"404", False, id="not found"),
        pytest.param(b"GET /", b"302", False, id="redirect"),
        pytest.param(b"POST /", b"200", False, id="POST"),
    ],
)
def test_a_page_view_is_a_page_that_was_read(target: bytes, status: bytes, is_pageview: bool) -> None:
    line = START.replace(b"GET /a?b=1", target).replace(b'" 200', b'" ' + status)
    assert parse_line(line, LATEST).is_pageview is is_pageview


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(b"hello", "not in Combined", id="words"),
        pytest.param(START + b' "-" "cut', "not in Combined", id="open quote"),
        pytest.param(START.replace(b"May", b"Mai"), "no time", id="month in German"),
        pytest.param(START.replace(b"17/", b"31/").replace(b"May", b"Feb"), "does not exist", id="31 February"),
        pytest.param(START.replace(b"+0200", b"+9900"), "does not exist", id="offset of 99 hours"),
        pytest.param(START.replace(b"2015", b"1989"), "in the future", id="before the web"),
        pytest.param(START.replace(b"2015", b"2027"), "in the future", id="future"),
        pytest.param(START.replace(b"bob", b"b\x00b"), "NUL", id="NUL"),
        pytest.param(START + b"x" * 40_000, "longer", id="endless"),
    ],
)
def test_a_malformed_line_says_what_is_wrong(line: bytes, reason: str) -> None:
    with pytest.raises(MalformedLine, match=reason):
        parse_line(line, LATEST)
