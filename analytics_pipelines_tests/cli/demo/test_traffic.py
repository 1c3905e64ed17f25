"""What the demo sends, and the log that it keeps of it."""

from pathlib import Path

import httpx
import pytest

from analytics_pipelines.cli.demo.traffic import keep_log, send
from analytics_pipelines.cli.demo.visitors import Request
from analytics_pipelines.foundation.errors import Unavailable

REQUEST = Request({"eventId": "e"}, "Agent/1")


def client_that_gets(answer: httpx.Response | httpx.HTTPError) -> httpx.Client:
    def answered(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, httpx.HTTPError):
            raise answer
        assert request.headers["User-Agent"] == "Agent/1"
        return answer

    return httpx.Client(base_url="http://test", transport=httpx.MockTransport(answered))


@pytest.mark.parametrize(
    ("message", "outcome"),
    [("Event received and stored", "stored"), ("Event already stored", "duplicate"), ("Event accepted", "stored")],
)
def test_the_answer_tells_stored_from_known(message: str, outcome: str) -> None:
    with client_that_gets(httpx.Response(200, json={"message": message})) as client:
        assert send(client, REQUEST) == outcome


@pytest.mark.parametrize("answer", [httpx.Response(503, text="away"), httpx.ConnectError("refused")])
def test_a_failure_stops_the_demo(answer: httpx.Response | httpx.HTTPError) -> None:
    with client_that_gets(answer) as client, pytest.raises(Unavailable, match="POST /collect"):
        send(client, REQUEST)


def test_the_log_keeps_the_collected_requests_only_and_is_made_once(tmp_path: Path) -> None:
    log, kept = tmp_path / "access.log", tmp_path / "kept.log"
    log.write_bytes(b'a "POST /collect HTTP/1.1" 200\nb "GET /health HTTP/1.1" 200\n')
    assert keep_log(log, kept, tmp_path).read_bytes() == b'a "POST /collect HTTP/1.1" 200\n'
    log.write_bytes(b'c "POST /collect HTTP/1.1" 200\n')
    assert keep_log(log, kept, tmp_path).read_bytes() == b'a "POST /collect HTTP/1.1" 200\n'
