"""The way to the broker: one connection for each ask, read no faster than whoever wants the answer reads it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, TypeVar

import orjson

from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.sql_service.errors import (
    DuckDBConnectionError,
    DuckDBException,
    DuckDBQueryError,
    ErrorClass,
    QueryFailed,
    QueryTimedOut,
    class_of,
    error_of,
)
from analytics_pipelines.sql_service.messages import HEADER, MOST_ASK_BYTES, MOST_FRAME_BYTES, Ask, Kind, frame
from analytics_pipelines.sql_service.places import Places

CONNECT_TIMEOUT_S = 2.0
CONTROL_TIMEOUT_S = 10.0
RETRY_S = 0.005
READ_BYTES = 2**18
REMEDY = "Start it: `analytics sql`; `analytics up` does it."

T = TypeVar("T")


class _Ended(Exception):
    """The other side has closed, or says what is no frame."""


class Connection:
    """A connected socket, read frame by frame. Of one task at a time."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._loop = asyncio.get_running_loop()
        self._read = b""
        self._at = 0

    async def send(self, content: bytes) -> None:
        """Send all; who does not listen any more may still have said why, so that this is no error."""
        with suppress(BrokenPipeError, ConnectionResetError):
            await self._loop.sock_sendall(self._end, content)

    async def header(self) -> tuple[Kind, int]:
        """Kind and size of the next frame."""
        kind, size = HEADER.unpack(await self.exactly(HEADER.size))
        if size > MOST_FRAME_BYTES:
            raise _Ended
        try:
            return Kind(kind), size
        except ValueError:
            raise _Ended from None

    async def exactly(self, size: int) -> bytes:
        """So many bytes."""
        found = self._taken(size)
        while len(found) < size:
            self._read, self._at = await self._more(READ_BYTES), 0
            found += self._taken(size - len(found))
        return found

    async def pieces(self, size: int) -> AsyncIterator[bytes]:
        """So many bytes as they come; what has come already first."""
        if found := self._taken(size):
            size -= len(found)
            yield found
        while size:
            found = await self._more(min(size, READ_BYTES))
            size -= len(found)
            yield found

    def close(self) -> None:
        """Close; a query that still runs for this connection is cancelled."""
        self._end.close()

    def _taken(self, most: int) -> bytes:
        """Of what was read ahead; a slice that is all of it is no copy."""
        start, self._at = self._at, min(self._at + most, len(self._read))
        return self._read[start : self._at]

    async def _more(self, most: int) -> bytes:
        try:
            found = await self._loop.sock_recv(self._end, most)
        except OSError:
            raise _Ended from None
        if not found:
            raise _Ended
        return found


class Answer:
    """An answer whose head has come; `end` is there once all parts were read.

    It is closed by whoever opened it, early to cancel the query.
    """

    def __init__(self, connection: Connection, head: dict[str, Any]) -> None:
        self.head = head
        self.end_json = b""
        """What END says, as it came: a JSON object."""
        self.is_over = False
        """Whether END or an error has come, so that the connection is free for another ask."""
        self._connection = connection

    @property
    def end(self) -> dict[str, Any]:
        """What END says: rows, time, memory; empty before the last part was read."""
        told: dict[str, Any] = orjson.loads(self.end_json) if self.end_json else {}
        return told

    async def parts(self) -> AsyncIterator[bytes]:
        """The bytes as they come. Raises what the worker tells, and `QueryFailed` when it ends without an END."""
        with _explained("The query ended before its answer did."):
            while True:
                kind, size = await self._connection.header()
                if kind is Kind.DATA:
                    async for piece in self._connection.pieces(size):
                        yield piece
                elif kind is Kind.END:
                    self.end_json = await self._connection.exactly(size)
                    self.is_over = True
                    return
                else:
                    error = await _told(self._connection, kind, size)
                    self.is_over = True
                    raise error

    async def content(self) -> bytes:
        """All parts together."""
        return b"".join([part async for part in self.parts()])

    def close(self) -> None:
        """End the connection; what was not read is not made."""
        self._connection.close()


class Session:
    """A connection that carries one ask after another to one worker; closing it drops what they made."""

    def __init__(self, connection: Connection, opened: dict[str, Any]) -> None:
        self.opened = opened
        """Query id and generation of the session."""
        self._connection = connection
        self._turn = asyncio.Lock()
        self._is_torn = False

    @asynccontextmanager
    async def ask(self, ask: Ask) -> AsyncIterator[Answer]:
        """The next answer, once the one before was read; an answer that is not read to its end ends the session.

        Raises what the worker tells, and `QueryFailed` when the session is over.
        """
        async with self._turn:
            if self._is_torn:
                raise QueryFailed("The session is over.", remedy="Open another one.")
            answer = await self._answered(ask)
            try:
                yield answer
            finally:
                if not answer.is_over:
                    self.close()

    def close(self) -> None:
        """End it, and what runs in it."""
        self._is_torn = True
        self._connection.close()

    async def _answered(self, ask: Ask) -> Answer:
        """The worker tells mistakes of the caller's, after which the session goes on; all else ends it."""
        try:
            return await _answered(self._connection, ask)
        except BaseException as error:
            if not isinstance(error, DuckDBException) or class_of(error) is ErrorClass.INTERNAL:
                self.close()
            raise


class BrokerClient:
    """Asks the broker of a home; keeps nothing open between asks."""

    def __init__(self, places: Places, connect_timeout_s: float = CONNECT_TIMEOUT_S) -> None:
        self._places = places
        self._connect_timeout_s = connect_timeout_s

    async def open(self, ask: Ask, *, within_s: float | None = None) -> Answer:
        """The answer from its head on, which the caller closes.

        Raises what the broker or the worker tells, `DuckDBConnectionError` when no broker listens, and
        `QueryTimedOut` when nothing has come in `within_s` seconds.
        """
        return await self._opened(_answered, ask, within_s)

    @asynccontextmanager
    async def ask(self, ask: Ask, *, within_s: float | None = None) -> AsyncIterator[Answer]:
        """The same, closed at the end of the block."""
        answer = await self.open(ask, within_s=within_s)
        try:
            yield answer
        finally:
            answer.close()

    async def session(self, ask: Ask, *, within_s: float | None = None) -> Session:
        """A session, which the caller closes; raises as `open` does."""
        return await self._opened(_session, ask, within_s)

    async def control(self, ask: Ask, *, within_s: float = CONTROL_TIMEOUT_S) -> dict[str, Any]:
        """What the broker itself answers; raises as `open` does, and `DuckDBConnectionError` past the time."""
        try:
            return await self._opened(_controlled, ask, within_s)
        except QueryTimedOut:
            raise DuckDBConnectionError("The SQL service does not answer.", remedy="See its log.") from None

    async def _opened(self, talk: Callable[[Connection, Ask], Awaitable[T]], ask: Ask, within_s: float | None) -> T:
        """What `talk` makes of a new connection, which is closed when it fails."""
        connection = await self._connected()
        try:
            async with asyncio.timeout(within_s):
                return await talk(connection, ask)
        except TimeoutError:
            connection.close()
            raise QueryTimedOut("The SQL service has not answered.", limit=str(within_s) + " s") from None
        except BaseException:
            connection.close()
            raise

    async def _connected(self) -> Connection:
        end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                await self._connect(end)
        except (OSError, TimeoutError) as error:
            end.close()
            raise _away(error) from None
        except BaseException:
            end.close()
            raise
        return Connection(end)

    async def _connect(self, end: socket.socket) -> None:
        """A full backlog is no connection under way that one could wait for, so it is tried again."""
        while True:
            with self._places.short_path() as path, suppress(BlockingIOError):
                end.connect(path)
                return
            await asyncio.sleep(RETRY_S)


async def _answered(connection: Connection, ask: Ask) -> Answer:
    return Answer(connection, orjson.loads(await _first(connection, ask, Kind.HEAD)))


async def _session(connection: Connection, ask: Ask) -> Session:
    return Session(connection, orjson.loads(await _first(connection, ask, Kind.END)))


async def _controlled(connection: Connection, ask: Ask) -> dict[str, Any]:
    told: dict[str, Any] = orjson.loads(await _first(connection, ask, Kind.END))
    connection.close()
    return told


async def _first(connection: Connection, ask: Ask, expected: Kind) -> bytes:
    """The frame that an ask is answered with."""
    with _explained("The SQL service ended before it answered."):
        await connection.send(frame(Kind.ASK, _written(ask)))
        kind, size = await connection.header()
        if kind is not expected:
            raise await _told(connection, kind, size)
        return await connection.exactly(size)


def _written(ask: Ask) -> bytes:
    try:
        content = orjson.dumps(ask)
    except TypeError as error:
        raise DuckDBQueryError(
            "A parameter can not be sent: " + str(error) + ".",
            remedy="Send numbers beyond 64 bits, days and times as text and cast them: `CAST($1 AS HUGEINT)`.",
        ) from None
    if len(content) > MOST_ASK_BYTES:
        raise DuckDBQueryError("The query and its parameters are too long.", limit=str(MOST_ASK_BYTES) + " bytes")
    return content


async def _told(connection: Connection, kind: Kind, size: int) -> AnalyticsError:
    """The error that the frame tells."""
    if kind is not Kind.ERROR:
        raise _Ended
    return error_of(orjson.loads(await connection.exactly(size)))


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except _Ended:
        raise QueryFailed(what, remedy="Try again.") from None


def _away(error: Exception) -> DuckDBConnectionError:
    if isinstance(error, FileNotFoundError | ConnectionRefusedError):
        return DuckDBConnectionError("The SQL service is not running.", remedy=REMEDY)
    if isinstance(error, PermissionError):
        return DuckDBConnectionError("The SQL service belongs to another account of this machine.")
    return DuckDBConnectionError("The SQL service takes no connection.", remedy="See its log.")
