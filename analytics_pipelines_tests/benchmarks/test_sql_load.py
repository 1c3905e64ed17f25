import asyncio
import json

import pytest

from benchmarks.sql_load import Load, at_part, drive

ANSWER = json.dumps({"data": [[1]], "execution_time": 0.002}).encode()
WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(ANSWER), ANSWER)
IN_CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(
    b"%x\r\n%b\r\n" % (len(part), part) for part in (ANSWER[:10], ANSWER[10:], b"")
)
REFUSED = b"HTTP/1.1 503 Away\r\ncontent-length: 0\r\n\r\n"


async def found(load: dict, answer: bytes, delay_s: float):
    """What a load finds at a server that always answers so, after a while; and the parameters that it was asked."""
    asked = []

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r")[0])
            asked.append(json.loads(await reader.readexactly(length))["params"])
            await asyncio.sleep(delay_s)
            writer.write(answer)

    async with await asyncio.start_server(served, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        return await drive(Load(port=port, token="t", sql="SELECT $1", **load)), asked


@pytest.mark.parametrize("answer", [pytest.param(WHOLE, id="whole"), pytest.param(IN_CHUNKS, id="in chunks")])
def test_a_load_counts_answers_and_what_they_say_of_the_engine(answer):
    load = {"clients": 2, "per_second": 20.0, "seconds": 0.3, "warm_up_s": 0.1, "first": 5}
    counted, asked = asyncio.run(found(load, answer, delay_s=0.0))
    assert counted.failed == 0
    assert counted.answered > 0
    assert counted.engine_p50_ms == 2.0
    assert sorted(asked) == [[number] for number in range(5, 5 + len(asked))]


def test_a_query_that_waits_behind_a_slow_one_counts_from_when_it_was_due():
    load = {"clients": 1, "per_second": 20.0, "seconds": 0.5, "warm_up_s": 0.0}
    counted, _ = asyncio.run(found(load, WHOLE, delay_s=0.1))
    assert counted.most_ms > 200


def test_what_is_refused_counts_as_failed_and_has_no_latency():
    load = {"clients": 1, "per_second": 20.0, "seconds": 0.2, "warm_up_s": 0.0}
    counted, asked = asyncio.run(found(load, REFUSED, delay_s=0.0))
    assert (counted.failed, counted.answered) == (len(asked), 0)


@pytest.mark.parametrize(
    ("values", "part", "expected"),
    [
        pytest.param([], 0.5, 0.0, id="of nothing"),
        pytest.param([3.0, 1.0, 2.0], 0.5, 2.0, id="the middle"),
        pytest.param([1.0, 2.0], 1.0, 2.0, id="the last"),
    ],
)
def test_a_part_of_all_values_is_found_in_order(values, part, expected):
    assert at_part(values, part) == expected
