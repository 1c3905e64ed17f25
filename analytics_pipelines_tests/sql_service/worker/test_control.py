"""The socket to the broker: jobs with their connections, stops for the job at work alone."""

import os
import socket
import threading

import pytest

from analytics_pipelines.sql_service.allowance import Rights
from analytics_pipelines.sql_service.messages import Does, Done, Format, Job, Kind, Statement, frame, frame_of
from analytics_pipelines.sql_service.worker.control import BrokerGone, Control, received
from analytics_pipelines_tests.sql_service.worker.at_work import next_frame
from analytics_pipelines_tests.waiting import wait_until


def job_named(query_id):
    return Job(
        query_id=query_id,
        does=Does.QUERY,
        rights=Rights.ADMIN,
        statements=(Statement("SELECT 1", {"a": [1]}),),
        format=Format.CSV,
        row_limit=7,
        keeps_answer=True,
    )


class Broker:
    """The other end, and a thread that listens for it."""

    def __init__(self):
        self.end, theirs = socket.socketpair()
        self.control = Control(theirs)
        self.listener = threading.Thread(target=self._listen, args=(theirs,))
        self.listener.start()

    def _listen(self, theirs):
        with theirs, pytest.raises(BrokerGone):
            self.control.listen()

    def hand_over(self, query_id):
        client, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self.end, [frame_of(Kind.JOB, job_named(query_id))], [theirs.fileno()])
        return client

    def stop(self, query_id):
        self.end.sendall(frame_of(Kind.STOP, {"query_id": query_id, "reason": "cancelled"}))


@pytest.fixture
def broker():
    found = Broker()
    yield found
    found.end.close()
    found.listener.join()


def test_a_job_comes_with_its_connection(broker):
    with broker.hand_over("q1") as client:
        incoming = broker.control.next()
        assert incoming.job == job_named("q1")
        with incoming.end as end:
            end.sendall(b"hello")
        assert client.recv(10) == b"hello"


def test_frames_behind_each_other_keep_their_descriptors(broker):
    broker.stop("nobody")
    with broker.hand_over("q1") as first, broker.hand_over("q2") as second:
        for name, client in (("q1", first), ("q2", second)):
            incoming = broker.control.next()
            with incoming.end as end:
                end.sendall(incoming.job.query_id.encode())
            assert client.recv(10) == name.encode()


def test_a_stop_reaches_the_job_that_it_names(broker):
    calls = []
    with broker.hand_over("q1"):
        incoming = broker.control.next()
        with incoming.running.stopping(lambda: calls.append(1)):
            broker.stop("q0")
            broker.end.sendall(frame(Kind.READY))
            assert not incoming.running.is_stopping
        broker.stop("q1")
        wait_until(lambda: incoming.running.is_stopping)
        incoming.end.close()
    assert calls == []


def test_a_lost_interruption_is_said_again(broker):
    calls = []
    with broker.hand_over("q1"):
        incoming = broker.control.next()
        with incoming.running.stopping(lambda: calls.append(1)):
            broker.stop("q1")
            wait_until(lambda: len(calls) > 3)
        incoming.end.close()


def test_a_stop_that_comes_after_the_end_stops_nothing(broker):
    with broker.hand_over("q1"):
        incoming = broker.control.next()
        broker.control.done(Done(query_id="q1", rows=3))
        assert next_frame(broker.end)[0] is Kind.DONE
        broker.stop("q1")
        with broker.hand_over("q2"):
            other = broker.control.next()
            assert not incoming.running.is_stopping
            assert not other.running.is_stopping
            other.end.close()
        incoming.end.close()


def test_the_broker_is_told(broker):
    broker.control.began()
    broker.control.keep(b"bytes")
    assert [next_frame(broker.end) for _ in range(2)] == [(Kind.BEGAN, b""), (Kind.KEEP, b"bytes")]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"s\x00\x00", id="half a head"),
        pytest.param(b"s\x00\x00\x00\x05abc", id="half a frame"),
        pytest.param(b"s\xff\xff\xff\xff", id="a frame without an end"),
    ],
)
def test_what_is_no_frame_is_the_end(said):
    ours, theirs = socket.socketpair()
    with ours:
        theirs.sendall(said)
        theirs.close()
        with pytest.raises(BrokerGone):
            received(ours)


def test_descriptors_are_those_of_the_frame():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        socket.send_fds(theirs, [frame(Kind.JOB, bytes(1000))], [theirs.fileno()])
        kind, content, descriptors = received(ours)
        assert (kind, content, len(descriptors)) == (Kind.JOB, bytes(1000), 1)
        os.close(descriptors[0])
