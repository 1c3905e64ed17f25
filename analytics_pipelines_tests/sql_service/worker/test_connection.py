"""Whole frames over a connection that is read slowly, not at all, or no longer."""

import os
import socket
import threading
import time

import pytest

from analytics_pipelines.sql_service.messages import Kind, StopReason, frame
from analytics_pipelines.sql_service.worker.connection import Connection
from analytics_pipelines.sql_service.worker.stops import ClientGone, Running, Stopped
from analytics_pipelines_tests.sql_service.worker.at_work import next_frame


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def running():
    return Running("q1")


def test_long_frames_arrive_whole_at_a_slow_reader(ends, running):
    content = os.urandom(3_000_000)
    connection = Connection(ends[0], running)
    sender = threading.Thread(target=connection.send, args=([frame(Kind.DATA, content), b"", frame(Kind.END)],))
    sender.start()
    time.sleep(0.1)
    assert next_frame(ends[1]) == (Kind.DATA, content)
    assert next_frame(ends[1]) == (Kind.END, b"")
    sender.join()
    assert connection.is_whole
    assert connection.sent_bytes == len(content) + 10


def test_who_waits_for_a_reader_is_stopped_and_knows_that_a_frame_is_torn(ends, running):
    connection = Connection(ends[0], running)
    threading.Timer(0.1, running.stop, [StopReason.TIMEOUT]).start()
    with pytest.raises(Stopped):
        connection.send([bytes(10_000_000)])
    assert not connection.is_whole
    assert 0 < connection.sent_bytes < 10_000_000


def test_a_reader_that_has_gone_is_noticed(ends, running):
    connection = Connection(ends[0], running)
    ends[1].close()
    with pytest.raises(ClientGone):
        connection.send([b"x"])
    with pytest.raises(ClientGone):
        connection.next_frame(100)


def test_frames_are_read_in_pieces(ends, running):
    connection = Connection(ends[0], running)
    whole = frame(Kind.ASK, b"hello")
    threading.Timer(0.05, ends[1].sendall, [whole[3:]]).start()
    ends[1].sendall(whole[:3])
    assert connection.next_frame(5) == (Kind.ASK, b"hello")


@pytest.mark.parametrize(
    "said", [pytest.param(frame(Kind.ASK, b"123456"), id="too long"), pytest.param(b"?\x00\x00\x00\x01x", id="no kind")]
)
def test_nonsense_is_taken_for_an_end(ends, running, said):
    connection = Connection(ends[0], running)
    ends[1].sendall(said)
    with pytest.raises(ClientGone):
        connection.next_frame(5)
