"""The broker's end of an API connection: reads the ask, may write what little it answers itself, sees a hang-up."""

import asyncio
import select
import socket
from collections.abc import Callable
from contextlib import suppress

from analytics_pipelines.sql_service.broker.frames import BrokenFrames, FrameReader
from analytics_pipelines.sql_service.messages import MOST_ASK_BYTES, Ask, Kind, ask_of

READ_BYTES = 2**16
ASK_S = 10.0
"""Longest wait for a whole ask."""
SEND_S = 10.0
HANG_UP = select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR


async def ask_from(connection: socket.socket) -> Ask:
    """The ask of a new connection; raises `BrokenFrames`, and `TimeoutError` when it does not come."""
    reader = FrameReader(MOST_ASK_BYTES)
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(ASK_S):
        while content := await loop.sock_recv(connection, READ_BYTES):
            for kind, whole in reader.feed(content):
                if kind is not Kind.ASK:
                    raise BrokenFrames("something else than an ask")
                try:
                    return ask_of(whole)
                except (ValueError, KeyError, TypeError, AttributeError) as error:
                    raise BrokenFrames("an ask that can not be read") from error
    raise BrokenFrames("no ask")


async def sent(connection: socket.socket, content: bytes) -> None:
    """Send, close; whoever has gone is told nothing."""
    try:
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(SEND_S):
                await asyncio.get_running_loop().sock_sendall(connection, content)
    finally:
        closed(connection)


def closed(connection: socket.socket) -> None:
    """Close it for whoever holds it: a worker that kept it can write no more, and the other side sees its end."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
    connection.close()


class HangUps:
    """Tells when the other side of a connection has gone, without reading from it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._epoll = select.epoll()
        self._gone: dict[int, Callable[[], None]] = {}
        loop.add_reader(self._epoll.fileno(), self._look)

    def watch(self, connection: socket.socket, gone: Callable[[], None]) -> None:
        """Call `gone` once, when the other side has closed."""
        self._gone[connection.fileno()] = gone
        self._epoll.register(connection.fileno(), HANG_UP | select.EPOLLONESHOT)

    def forget(self, connection: socket.socket) -> None:
        """Watch no more; to be said before the connection is closed."""
        if self._gone.pop(connection.fileno(), None) is not None:
            with suppress(OSError):
                self._epoll.unregister(connection.fileno())

    def close(self) -> None:
        """Watch nothing any more."""
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()

    def _look(self) -> None:
        for descriptor, _ in self._epoll.poll(0):
            gone = self._gone.get(descriptor)
            if gone is not None:
                gone()
