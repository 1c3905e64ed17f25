"""Answers on their way: whole or cut off, tagged when they repeat, ended when the client goes."""

import socket

import httpx
import orjson
import pytest

from analytics_pipelines.sql_service.errors import DuckDBQueryError
from analytics_pipelines.sql_service.routes.answers import GATHERED_BYTES
from analytics_pipelines_tests.sql_service.routes.door import asked
from analytics_pipelines_tests.sql_service.stand_in import (
    END,
    FLOOD,
    HEAD,
    HOLD,
    PART,
    data,
    end,
    failed,
    head,
    members,
)
from analytics_pipelines_tests.waiting import wait_until

LONG_ROWS = [["x" * 1000] for _ in range(GATHERED_BYTES // 500)]


def test_a_long_json_answer_is_streamed_and_whole(broker, analyst):
    content = members(LONG_ROWS)
    halves = [data(content[: GATHERED_BYTES + 10]), data(content[GATHERED_BYTES + 10 :])]
    broker.answers["SELECT 1"] = [head(), *halves, end(row_count=len(LONG_ROWS))]
    answer = asked(analyst)
    assert "content-length" not in answer.headers
    assert orjson.loads(answer.content)["data"] == LONG_ROWS
    assert answer.json()["row_count"] == len(LONG_ROWS)


@pytest.mark.parametrize("last", [b"", failed(DuckDBQueryError("Division by zero."))], ids=["nothing", "an error"])
@pytest.mark.parametrize("mode", ["all", "arrow", "csv", "parquet"])
def test_an_answer_that_breaks_off_never_ends_well(broker, analyst, mode, last):
    parts = [data(b"x" * (GATHERED_BYTES + 1))] if mode == "all" else [data(b"abc")]
    broker.answers["SELECT 1"] = [head(), *parts, last]
    with pytest.raises(httpx.RemoteProtocolError):
        asked(analyst, fetch_mode=mode)


def test_an_error_after_a_little_json_is_a_problem_still(broker, analyst):
    broker.answers["SELECT 1"] = [head(), data(b'"data":[[1],'), failed(DuckDBQueryError("Division by zero."))]
    answer = asked(analyst)
    assert (answer.status_code, answer.json()["detail"]) == (422, "Division by zero.")
    assert "etag" not in answer.headers


@pytest.mark.parametrize(
    ("limit", "is_whole"),
    [
        pytest.param(None, False, id="by the service's bound"),
        pytest.param(5000, False, id="by the service's bound, which is smaller"),
        pytest.param(10, True, id="as the client wished"),
    ],
)
def test_rows_that_a_stream_lacks_are_never_kept_quiet(broker, analyst, limit, is_whole):
    broker.answers["SELECT 1"] = [head(), data(b"a\n1\n"), end(truncated=True)]
    if is_whole:
        assert asked(analyst, fetch_mode="csv", limit=limit).content == b"a\n1\n"
    else:
        with pytest.raises(httpx.RemoteProtocolError):
            asked(analyst, fetch_mode="csv", limit=limit)


def test_an_answer_that_repeats_has_a_tag_and_is_sent_once(broker, analyst):
    first = asked(analyst)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    assert first.headers["cache-control"] == "private, no-cache"
    again = asked(analyst, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert again.headers["x-query-id"] == HEAD["query_id"]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"sql": "SELECT 2"}, id="SQL"),
        pytest.param({"params": [1]}, id="parameters"),
        pytest.param({"limit": 5}, id="limit"),
        pytest.param({"fetch_mode": "csv"}, id="format"),
        pytest.param({"generation": "g2"}, id="generation"),
        pytest.param({"who": "admin"}, id="rights"),
    ],
)
def test_a_tag_is_of_one_answer_alone(broker, door, changed):
    tag = asked(door.analyst).headers["etag"]
    broker.answers["SELECT 2"] = broker.answers["SELECT 1"]
    client = getattr(door, changed.pop("who", "analyst"))
    if generation := changed.pop("generation", None):
        broker.answers["SELECT 1"] = [head(generation=generation), data(members([[1]])), end()]
    answer = asked(client, **changed, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["etag"] != tag


def test_what_does_not_repeat_has_no_tag(broker, analyst):
    broker.answers["SELECT 1"] = [head(is_repeatable=False), data(members([[1]])), end()]
    answer = asked(analyst, headers={"If-None-Match": "*"})
    assert (answer.status_code, "etag" in answer.headers) == (200, False)


@pytest.mark.parametrize(
    ("steps", "mode", "reads"),
    [
        pytest.param([HOLD], "all", False, id="that has not begun"),
        pytest.param([head(), data(b'"data":['), HOLD], "all", False, id="of which JSON is gathered"),
        pytest.param([head(), data(b"abc"), HOLD], "csv", True, id="that rests in the middle"),
        pytest.param([head(), FLOOD], "arrow", True, id="that flows"),
    ],
)
def test_going_away_ends_a_query(broker, door, steps, mode, reads):
    broker.answers["SELECT 1"] = steps
    url = door.analyst.base_url
    body = orjson.dumps({"query": "SELECT 1", "fetch_mode": mode})
    request = (
        f"POST {url.path}query HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer analyst\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((url.host, url.port), timeout=10) as client:
        client.sendall(request.encode() + body)
        if reads:
            assert client.recv(len(PART)).startswith(b"HTTP/1.1 200")
        else:
            wait_until(lambda: broker.asks)
    assert broker.hung_up.acquire(timeout=10)


def test_a_client_that_stops_reading_stops_the_writer(broker, door):
    broker.answers["SELECT 1"] = [head(), FLOOD]
    with door.analyst.stream("POST", "/query", json={"query": "SELECT 1", "fetch_mode": "arrow"}) as answer:
        parts = answer.iter_raw(len(PART))
        assert next(parts)
        assert not broker.hung_up.acquire(timeout=0.1)
        assert answer.num_bytes_downloaded < 50 * len(PART)
    assert broker.hung_up.acquire(timeout=10)


def test_no_end_is_told_twice(broker, analyst):
    assert asked(analyst).content.count(b'"row_count"') == 1
    assert set(asked(analyst).json()) == {"data", "columns", *END}
