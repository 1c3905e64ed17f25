"""How a request is read: its body, its sender, and who may read the answer."""

import asyncio
import threading
from typing import Any

import pytest
from fastapi import FastAPI, Request
from starlette.requests import ClientDisconnect

from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.http_kit.wiring import Wiring, wire
from analytics_pipelines.web_events.event import Reason
from analytics_pipelines.web_events.intake.bodies import MOST_BODY_BYTES
from analytics_pipelines.web_events.routes.receiving import (
    MOST_AT_ONCE_BYTES,
    CutBody,
    allowed_somewhere,
    arrival_of,
    aside,
    body_of,
)
from analytics_pipelines_tests.apps import no_database

PART = {"type": "http.request", "more_body": True}
END = {"type": "http.request"}
GONE = {"type": "http.disconnect"}


def request_of(messages: list[dict[str, Any]], **scope: Any) -> Request:
    left = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(left)

    return Request({"type": "http", "headers": [], **scope}, receive)


def read(*messages: dict[str, Any]) -> bytes:
    return asyncio.run(body_of(request_of(list(messages)), {}))


def test_a_body_is_read_whole_in_one_part_or_in_many() -> None:
    assert read({**END, "body": b"abc"}) == b"abc"
    assert read({**PART, "body": b"a"}, PART, {**PART, "body": b"b"}, {**END, "body": b"c"}) == b"abc"
    assert read(END) == b""
    assert len(read({**PART, "body": b"x" * MOST_BODY_BYTES}, END)) == MOST_BODY_BYTES


@pytest.mark.parametrize("cut", [0, 1, MOST_BODY_BYTES])
def test_a_body_past_the_limit_is_read_no_further_and_its_beginning_kept(cut: int) -> None:
    body = b"x" * (MOST_BODY_BYTES + 1)
    with pytest.raises(CutBody) as caught:
        read({**PART, "body": body[:cut]}, {**PART, "body": body[cut:]})
    assert (caught.value.reason, caught.value.body) == (Reason.TOO_LARGE, body[:-1])
    with pytest.raises(CutBody):
        read({**END, "body": body})


def test_a_body_that_does_not_end_is_none() -> None:
    with pytest.raises(ClientDisconnect):
        read({**PART, "body": b"abc"}, GONE)


@pytest.mark.parametrize(("size_bytes", "is_aside"), [(MOST_AT_ONCE_BYTES, False), (MOST_AT_ONCE_BYTES + 1, True)])
def test_work_on_a_large_body_is_done_beside_the_event_loop(size_bytes: int, is_aside: bool) -> None:
    worked_in = asyncio.run(aside(size_bytes, threading.get_ident))
    assert (worked_in != threading.get_ident()) is is_aside


@pytest.mark.parametrize(
    ("client", "headers", "expected"),
    [
        pytest.param(("192.0.2.7", 5), {}, ("192.0.2.7", None, None, False), id="little"),
        pytest.param(None, {b"user-agent": b""}, (None, None, None, False), id="nothing"),
        pytest.param(("::ffff:192.0.2.7", 5), {}, ("192.0.2.7", None, None, False), id="IPv4 inside IPv6"),
        pytest.param(("::1", 5), {b"user-agent": b"a\xe9"}, ("::1", "aé", None, False), id="an agent"),
        pytest.param(("::1", 5), {b"user-agent": b"x" * 2000}, ("::1", "x" * 1000, None, False), id="a long agent"),
        pytest.param(("::1", 5), {b"origin": b"null", b"sec-gpc": b"1"}, ("::1", None, "null", True), id="GPC"),
        pytest.param(("::1", 5), {b"dnt": b"1"}, ("::1", None, None, True), id="DNT"),
        pytest.param(("::1", 5), {b"dnt": b"0", b"sec-gpc": b"yes"}, ("::1", None, None, False), id="neither"),
    ],
)
def test_a_request_tells_how_it_came(
    settings: Settings,
    client: Any,
    headers: dict[bytes, bytes],
    expected: tuple[str | None, str | None, str | None, bool],
) -> None:
    app = FastAPI()
    held = Generations(settings)
    wire(app, Wiring(settings=settings, generations=held, database=no_database, verifier={}.get))
    before = now()
    arrival = arrival_of(request_of([], client=client, app=app), headers, "pixel")
    assert (arrival.sender.address, arrival.sender.agent, arrival.origin, arrival.opts_out) == expected
    assert arrival.source == "pixel"
    assert before <= arrival.received_at <= now()


def test_before_the_application_has_started_any_page_may_read() -> None:
    assert allowed_somewhere({"app": FastAPI()}, "https://a.example") == "*"
