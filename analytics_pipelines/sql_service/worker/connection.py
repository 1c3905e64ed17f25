"""Writing into the connection of whoever asked, at the pace at which it is read."""

import select
import socket
from collections.abc import Sequence

from analytics_pipelines.sql_service.messages import HEADER, Kind
from analytics_pipelines.sql_service.worker.stops import ClientGone, Running

LOOK_EVERY_MS = 50
"""How soon one that waits notices that it is to stop."""
READABLE_AT_ONCE = 2**16


class Connection:
    """The API's end of one ask; its description is shared with the broker, so it never blocks."""

    def __init__(self, end: socket.socket, running: Running) -> None:
        self._end = end
        self._running = running
        end.setblocking(False)
        self._is_whole = True
        self.sent_bytes = 0

    @property
    def is_whole(self) -> bool:
        """Whether the last frame was sent to its end, so that another may follow."""
        return self._is_whole

    def send(self, pieces: Sequence[bytes]) -> None:
        """Send whole frames, in as few calls as may be; raises `ClientGone`, and `Stopped` from within a wait."""
        rest = [memoryview(each) for each in pieces if each]
        self._is_whole = False
        while rest:
            try:
                sent = self._end.sendmsg(rest)
            except BlockingIOError:
                self._wait(select.POLLOUT)
            except OSError as error:
                raise ClientGone from error
            else:
                self.sent_bytes += sent
                rest = _without(rest, sent)
        self._is_whole = True

    def next_frame(self, most_bytes: int) -> tuple[Kind, bytes]:
        """What comes next from the client; raises `ClientGone` when nothing or nonsense does, and `Stopped`."""
        kind, length = HEADER.unpack(self._receive(HEADER.size))
        if length > most_bytes:
            raise ClientGone
        try:
            return Kind(kind), self._receive(length)
        except ValueError:
            raise ClientGone from None

    def close(self) -> None:
        """Let go of it; the broker may still hold it."""
        self._end.close()

    def _receive(self, length: int) -> bytes:
        content = bytearray()
        while len(content) < length:
            try:
                some = self._end.recv(min(length - len(content), READABLE_AT_ONCE))
            except BlockingIOError:
                self._wait(select.POLLIN)
                continue
            except OSError as error:
                raise ClientGone from error
            if not some:
                raise ClientGone
            content += some
        return bytes(content)

    def _wait(self, event: int) -> None:
        poll = select.poll()
        poll.register(self._end, event)
        while not poll.poll(LOOK_EVERY_MS):
            self._running.check()


def _without(pieces: list[memoryview], sent: int) -> list[memoryview]:
    """What is left once so many bytes are gone."""
    for place, piece in enumerate(pieces):
        if sent < len(piece):
            return [piece[sent:], *pieces[place + 1 :]]
        sent -= len(piece)
    return []
