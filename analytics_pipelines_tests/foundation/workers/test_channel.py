"""Messages arrive whole or not at all."""

import socket
import threading

import pytest

from analytics_pipelines.foundation.errors import TimedOut
from analytics_pipelines.foundation.workers.channel import LENGTH, receive_whole, send_whole


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize("size_bytes", [0, 1, 3 * 2**20])
def test_a_message_arrives_whole(ends, size_bytes):
    ours, theirs = ends
    content = b"x" * size_bytes
    sending = threading.Thread(target=send_whole, args=(theirs, content))
    sending.start()
    assert receive_whole(ours) == content
    sending.join()


@pytest.mark.parametrize("sent", [b"", b"\x00", LENGTH.pack(3) + b"ab"])
def test_half_a_message_is_an_end(ends, sent):
    ours, theirs = ends
    theirs.sendall(sent)
    theirs.close()
    with pytest.raises(EOFError):
        receive_whole(ours)


def test_a_connection_that_is_cut_is_an_end(ends):
    ours, theirs = ends
    ours.sendall(b"unread")
    theirs.close()
    with pytest.raises(EOFError):
        receive_whole(ours)


def test_who_waits_is_asked_and_may_give_up(ends):
    asked = []

    def wait_s():
        asked.append(1)
        if len(asked) == 3:
            raise TimedOut("enough")
        return 0.01

    with pytest.raises(TimedOut):
        receive_whole(ends[0], wait_s)
