"""Lines as Apache writes them, whatever is in the request."""

import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.http_kit.access_log import AccessLog, Answered, escaped

COMBINED = re.compile(
    r'\S+ - - \[\d\d/[A-Z][a-z]{2}/\d{4}(:\d\d){3} \+0000\] "((?:[^"\\]|\\.)*)" \d{3} (?:\d+|-) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"'
)


def answered(headers: dict[str, str] | None = None, **scope: object) -> Answered:
    given_scope = {
        "type": "http",
        "method": "GET",
        "path": "/a b",
        "raw_path": b"/a%20b",
        "query_string": b"",
        "http_version": "1.1",
        "client": ("192.0.2.7", 5),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in (headers or {}).items()],
    } | scope
    found = Answered(given_scope)
    found.received_at = datetime(2026, 11, 21, 9, 30, 5, tzinfo=UTC)
    return found


def test_a_request_becomes_a_combined_line():
    request = answered({"referer": "https://example.com/", "user-agent": 'Say "hi"'}, query_string=b"q=1")
    request.note({"type": "http.response.start", "status": 200})
    request.note({"type": "http.response.body", "body": b"12345"})
    request.note({"type": "http.response.body"})
    assert request.combined() == (
        '192.0.2.7 - - [21/Nov/2026:09:30:05 +0000] "GET /a%20b?q=1 HTTP/1.1" 200 5'
        ' "https://example.com/" "Say \\"hi\\""'
    )


def test_what_is_missing_is_a_dash():
    request = answered(client=None, raw_path=None)
    assert request.combined().startswith('- - - [21/Nov/2026:09:30:05 +0000] "GET /a b HTTP/1.1" 500 - "-" "-"')


@given(st.text(st.characters(max_codepoint=255)), st.text(st.characters(max_codepoint=255)))
def test_no_header_breaks_the_line(referer, agent):
    line = answered({"referer": referer, "user-agent": agent}).combined()
    assert COMBINED.fullmatch(line)
    assert line.isascii()


def test_bytes_that_can_not_be_printed_are_written_in_hex():
    assert escaped('a\n"\\\x7fé') == 'a\\x0a\\"\\\\\\x7f\\xe9'


def test_lines_are_appended_to_what_is_there(tmp_path):
    for _ in range(2):
        log = AccessLog(tmp_path / "new" / "access.log")
        log.write(answered())
        log.close()
    assert len((tmp_path / "new" / "access.log").read_text().splitlines()) == 2
