"""A broker that says what a test has it say: a real Unix socket, real frames, no SQL."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import orjson

from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.sql_service.errors import DuckDBQueryError, told_of
from analytics_pipelines.sql_service.messages import HEADER, Ask, Does, Kind, ask_of, frame, frame_of
from analytics_pipelines.sql_service.places import Places

HOLD = "say nothing more until the other side closes"
FLOOD = "say more and more until the other side closes"
PART = b"x" * 2**16
HEAD = {
    "query_id": "q1",
    "generation": "g1",
    "format": "json",
    "columns": [["a", "INTEGER"]],
    "is_repeatable": True,
}
MEMBERS = b'"data":[[1]],"columns":[{"name":"a","type":"INTEGER"}]'
END = {
    "query_id": "q1",
    "generation": "g1",
    "row_count": 1,
    "truncated": False,
    "execution_time": 0.001,
    "memory_usage": 1.5,
    "is_cached": False,
}
WRONG = DuckDBQueryError("There is no such answer.", remedy="Script it.")


def head(**changed: object) -> bytes:
    """HEAD."""
    return frame_of(Kind.HEAD, HEAD | changed)


def data(content: bytes) -> bytes:
    """DATA."""
    return frame(Kind.DATA, content)


def end(**changed: object) -> bytes:
    """END of an answer."""
    return frame_of(Kind.END, END | changed)


def told(**content: object) -> list[bytes]:
    """What the broker itself answers."""
    return [frame_of(Kind.END, content)]


def failed(error: AnalyticsError) -> bytes:
    """ERROR."""
    return frame_of(Kind.ERROR, told_of(error))


WHOLE = [head(), data(MEMBERS), end()]


@dataclass
class StandIn:
    """What is answered to the SQL of the first statement, or else to the kind of ask; and what was asked."""

    answers: dict[str, list] = field(default_factory=lambda: {"SELECT 1": WHOLE})
    asks: list[Ask] = field(default_factory=list)
    hung_up: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    """Counts answers that ended because the other side closed."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                kind, size = HEADER.unpack(await reader.readexactly(HEADER.size))
                assert kind == Kind.ASK.value
                ask = ask_of(await reader.readexactly(size))
                self.asks.append(ask)
                await self.answer(ask, reader, writer)
                if self.asks[0].does is not Does.SESSION:
                    break
        except ConnectionError:
            self.hung_up.release()
        except asyncio.IncompleteReadError:
            pass
        except asyncio.CancelledError:
            writer.transport.abort()
            raise
        finally:
            writer.close()

    async def answer(self, ask: Ask, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        named = ask.statements[0].sql if ask.statements else ""
        for step in self.answers.get(named) or self.answers.get(ask.does.value) or [failed(WRONG)]:
            if step is HOLD:
                await reader.read()
                raise ConnectionError
            while step is FLOOD:
                writer.write(data(PART))
                await writer.drain()
            writer.write(step)
            await writer.drain()


@contextmanager
def standing_in(places: Places) -> Iterator[StandIn]:
    """A stand-in that listens where the broker does, until the end of the block."""
    places.folder.mkdir(parents=True, exist_ok=True)
    broker = StandIn()
    loop = asyncio.new_event_loop()
    with places.short_path() as path:
        server = loop.run_until_complete(asyncio.start_unix_server(broker.serve, path))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield broker
    finally:
        asyncio.run_coroutine_threadsafe(_ended(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        places.socket.unlink(missing_ok=True)


async def _ended(server: asyncio.Server) -> None:
    # What was accepted a moment ago has a task that has not begun, and would never be closed once the server is.
    await asyncio.sleep(0.01)
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for each in others:
        each.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    # Transports close a turn of the loop after they are told to.
    await asyncio.sleep(0.01)


def members(rows: list) -> bytes:
    """The members of a JSON answer."""
    return b'"data":' + orjson.dumps(rows) + b',"columns":[{"name":"a","type":"INTEGER"}]'
