"""Asking the broker: frames of any cut, errors that are told, a connection that ends early on either side."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.sql_service.allowance import Caller, Rights
from analytics_pipelines.sql_service.client import BrokerClient
from analytics_pipelines.sql_service.errors import (
    CircuitBreakerOpenException,
    DuckDBConnectionError,
    DuckDBQueryError,
    QueryFailed,
    QueryTimedOut,
)
from analytics_pipelines.sql_service.messages import (
    HEADER,
    MOST_ASK_BYTES,
    MOST_FRAME_BYTES,
    Ask,
    Does,
    Kind,
    Statement,
    frame,
)
from analytics_pipelines.sql_service.places import Places
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.sql_service.stand_in import (
    END,
    FLOOD,
    HEAD,
    HOLD,
    MEMBERS,
    StandIn,
    data,
    end,
    failed,
    head,
    standing_in,
    told,
)
from analytics_pipelines_tests.waiting import wait_until

CALLER = Caller("anna", Rights.ANALYST)
HEALTH = Ask(does=Does.HEALTH, caller=CALLER)
SESSION = Ask(does=Does.SESSION, caller=CALLER)
SPACE_BYTES = 100_000


def query(sql: str = "SELECT 1", parameters: list | None = None) -> Ask:
    return Ask(does=Does.QUERY, caller=CALLER, statements=(Statement(sql, parameters),))


@pytest.fixture
def places(tmp_path) -> Places:
    """Deeper than an address has room for."""
    return Places(tmp_path / ("d" * 100) / "sql")


@pytest.fixture
def broker(places) -> Iterator[StandIn]:
    with standing_in(places) as found:
        yield found


@pytest.fixture
def client(places) -> BrokerClient:
    return BrokerClient(places, connect_timeout_s=0.2)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def whole(client: BrokerClient, ask: Ask) -> tuple[dict, bytes, dict]:
    async with client.ask(ask) as answer:
        content = await answer.content()
        return answer.head, content, answer.end


def test_an_answer_is_its_head_its_parts_and_its_end(broker, client):
    asked = query(parameters=[1, "a", None])
    assert asyncio.run(whole(client, asked)) == (HEAD, MEMBERS, END)
    assert broker.asks == [asked]


@given(cuts=st.lists(st.integers(1, 400), max_size=12), parts=st.lists(st.binary(max_size=300), max_size=5))
@settings(max_examples=examples(100), deadline=None)
def test_frames_may_come_in_any_pieces(tmp_path_factory, cuts, parts):
    places = Places(tmp_path_factory.mktemp("cut"))
    answer = b"".join([head(), *(data(each) for each in parts), end()])
    with standing_in(places) as broker:
        broker.answers["SELECT 1"] = [
            answer[start:stop] for start, stop in zip([0, *sorted(cuts)], [*sorted(cuts), None], strict=True)
        ]
        assert asyncio.run(whole(BrokerClient(places), query())) == (HEAD, b"".join(parts), END)


def test_an_error_comes_as_the_error_that_was_raised(broker, client):
    broker.answers["SELECT 1"] = [failed(CircuitBreakerOpenException("Resting.", retry_after_s=7))]
    with pytest.raises(CircuitBreakerOpenException, match="Resting") as raised:
        asyncio.run(whole(client, query()))
    assert raised.value.retry_after_s == 7


def test_an_error_in_the_middle_is_raised_after_the_parts_before_it(broker, client):
    broker.answers["SELECT 1"] = [head(), data(b"a"), failed(DuckDBQueryError("Division by zero."))]

    async def read() -> bytes:
        async with client.ask(query()) as answer:
            parts = answer.parts()
            first = await anext(parts)
            with pytest.raises(DuckDBQueryError, match="Division"):
                await anext(parts)
            assert answer.is_over
            assert answer.end == {}
        return first

    assert asyncio.run(read()) == b"a"


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([b""], id="at once"),
        pytest.param([head()[:3]], id="in a header"),
        pytest.param([head()[:-1]], id="in the head"),
        pytest.param([head(), data(b"abc")[:-1]], id="in a part"),
        pytest.param([head(), data(b"abc")], id="before the end"),
        pytest.param([head(), data(b"abc"), end()[:-1]], id="in the end"),
        pytest.param([HEADER.pack(b"?", 1) + b"a"], id="with an unknown frame"),
        pytest.param([frame(Kind.READY)], id="with a frame of another talk"),
        pytest.param([HEADER.pack(Kind.HEAD.value, MOST_FRAME_BYTES + 1)], id="with a frame too long"),
        pytest.param([head(), HEADER.pack(Kind.DATA.value, MOST_FRAME_BYTES + 1), b"a"], id="with a part too long"),
        pytest.param([head(), head()], id="with two heads"),
    ],
)
def test_an_answer_that_breaks_off_is_a_failure(broker, client, steps):
    broker.answers["SELECT 1"] = steps
    with pytest.raises(QueryFailed):
        asyncio.run(whole(client, query()))


def test_leaving_early_hangs_up(broker, client):
    broker.answers["SELECT 1"] = [head(), data(b"a"), HOLD]

    async def leave() -> None:
        async with client.ask(query()) as answer:
            assert answer.head == HEAD

    asyncio.run(leave())
    assert broker.hung_up.acquire(timeout=10)


def test_a_cancelled_task_hangs_up(broker, client):
    broker.answers["SELECT 1"] = [HOLD]

    async def cancelled() -> None:
        waiting = asyncio.create_task(client.open(query()))
        await asyncio.to_thread(wait_until, lambda: broker.asks)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(cancelled())
    assert broker.hung_up.acquire(timeout=10)


def test_who_reads_slowly_holds_the_writer_back(broker, client):
    broker.answers["SELECT 1"] = [head(), FLOOD]

    async def read_two() -> None:
        async with client.ask(query()) as answer:
            parts = answer.parts()
            await anext(parts)
            await asyncio.sleep(0.1)
            assert not broker.hung_up.acquire(blocking=False)
            assert await anext(parts)
            await parts.aclose()

    asyncio.run(read_two())
    assert broker.hung_up.acquire(timeout=10)


def test_nobody_there_is_told_with_the_remedy(places, client):
    for prepare in (lambda: None, lambda: places.folder.mkdir(parents=True), lambda: dead_socket(places)):
        prepare()
        with pytest.raises(DuckDBConnectionError, match="is not running") as raised:
            asyncio.run(client.control(HEALTH))
        assert "`analytics sql`" in (raised.value.remedy or "")


def dead_socket(places: Places) -> None:
    with socket.socket(socket.AF_UNIX) as left, places.short_path() as path:
        left.bind(path)


def test_a_full_backlog_is_waited_for_and_then_told(places, client):
    places.folder.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as deaf, places.short_path() as path, socket.socket(socket.AF_UNIX) as first:
        deaf.bind(path)
        deaf.listen(0)
        first.connect(path)
        with pytest.raises(DuckDBConnectionError, match="takes no connection"):
            asyncio.run(client.control(HEALTH))

        async def once_there_is_room() -> dict:
            asked = asyncio.create_task(BrokerClient(places).control(HEALTH))
            await asyncio.sleep(0.05)
            deaf.accept()[0].close()
            connection, _ = await asyncio.to_thread(deaf.accept)
            connection.sendall(told(status="healthy")[0])
            answer = await asked
            connection.close()
            return answer

        assert asyncio.run(once_there_is_room()) == {"status": "healthy"}


def test_a_broker_that_never_answers_is_given_up(broker, client):
    broker.answers |= {"health": [HOLD], "SELECT 1": [HOLD]}
    with pytest.raises(DuckDBConnectionError, match="does not answer"):
        asyncio.run(client.control(HEALTH, within_s=0.05))
    with pytest.raises(QueryTimedOut):
        asyncio.run(client.open(query(), within_s=0.05))
    assert broker.hung_up.acquire(timeout=10)


def test_an_error_is_read_although_the_ask_was_not(places, client):
    """A broker that refuses at once closes while the ask is on its way."""
    places.folder.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as listener, places.short_path() as path:
        listener.bind(path)
        listener.listen()

        async def refused() -> None:
            asked = asyncio.create_task(client.open(query(parameters=["x" * (MOST_ASK_BYTES - SPACE_BYTES)])))
            await asyncio.sleep(0.05)
            connection, _ = listener.accept()
            connection.sendall(failed(DuckDBConnectionError("Not now.")))
            connection.shutdown(socket.SHUT_RDWR)
            await asyncio.sleep(0.05)
            with pytest.raises((DuckDBConnectionError, QueryFailed)):
                await asked
            connection.close()

        asyncio.run(refused())


@pytest.mark.parametrize(
    ("parameters", "told_of_it"),
    [
        pytest.param([2**70], "64", id="a number too long for JSON"),
        pytest.param(["x" * MOST_ASK_BYTES], "too long", id="more than an ask may have"),
    ],
)
def test_parameters_that_can_not_be_sent_are_the_callers_mistake(broker, client, parameters, told_of_it):
    with pytest.raises(DuckDBQueryError, match=told_of_it):
        asyncio.run(client.open(query(parameters=parameters)))
    assert broker.asks == []


def test_a_session_carries_one_ask_after_another(broker, client):
    broker.answers["session"] = told(query_id="s1", generation="g1")

    async def talk() -> list[bytes]:
        session = await client.session(SESSION)
        assert session.opened["query_id"] == "s1"
        found = []
        for _ in range(2):
            async with session.ask(query()) as answer:
                found.append(await answer.content())
            with pytest.raises(DuckDBQueryError):
                async with session.ask(query("SELECT wrong")):
                    pass
        session.close()
        return found

    assert asyncio.run(talk()) == [MEMBERS, MEMBERS]


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([head(), data(MEMBERS), HOLD], id="is left"),
        pytest.param([head(), data(MEMBERS)[:-3]], id="stops in the middle"),
    ],
)
def test_a_session_is_over_when_an_answer(broker, client, steps):
    broker.answers |= {"session": told(query_id="s1", generation="g1"), "SELECT half": steps}

    async def talk() -> None:
        session = await client.session(SESSION)
        async with session.ask(query("SELECT half")) as answer:
            assert await anext(answer.parts())
        with pytest.raises(QueryFailed, match="over"):
            async with session.ask(query()):
                pass

    asyncio.run(talk())


def test_no_descriptor_is_left_behind(broker, client):
    broker.answers["bad"] = [head()[:4]]

    async def many() -> int:
        await whole(client, query())
        before = open_descriptors()
        for _ in range(20):
            await whole(client, query())
            with pytest.raises(QueryFailed):
                await client.open(query("bad"))
            await client.control(Ask(does=Does.QUERIES, caller=CALLER))
        await asyncio.sleep(0.05)
        return open_descriptors() - before

    broker.answers["queries"] = told(running=[], recent=[])
    assert asyncio.run(many()) <= 0
