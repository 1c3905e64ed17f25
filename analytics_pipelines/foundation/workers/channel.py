"""Whole messages over a socket: a length, then so many bytes."""

import socket
import struct
from collections.abc import Callable

LENGTH = struct.Struct("!Q")
MOST_AT_ONCE_BYTES = 2**20


def for_ever() -> None:
    """A wait without an end."""


def send_whole(end: socket.socket, content: bytes) -> None:
    """Send a message; raises `OSError` when the other side is gone."""
    end.sendall(LENGTH.pack(len(content)))
    end.sendall(content)


def receive_whole(end: socket.socket, wait_s: Callable[[], float | None] = for_ever) -> bytes:
    """The next message; raises as `receive` does."""
    (length,) = LENGTH.unpack(receive(end, LENGTH.size, wait_s))
    return receive(end, length, wait_s)


def receive(end: socket.socket, length: int, wait_s: Callable[[], float | None]) -> bytes:
    """So many bytes; raises `EOFError` when the other side is gone before.

    `wait_s` is asked before each wait how long to wait until asking again, and gives up by raising.
    """
    content = bytearray()
    while len(content) < length:
        end.settimeout(wait_s())
        try:
            some = end.recv(min(length - len(content), MOST_AT_ONCE_BYTES))
        except TimeoutError:
            continue
        except ConnectionError:
            some = b""
        if not some:
            raise EOFError
        content += some
    return bytes(content)
