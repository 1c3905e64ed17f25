"""An answer on its way: short ones in one call, errors in place of what has not gone yet."""

import socket

import pytest

from analytics_pipelines.sql_service.errors import DuckDBQueryError
from analytics_pipelines.sql_service.messages import Format, Kind, StopReason
from analytics_pipelines.sql_service.worker.answer import GATHERED_BYTES, LONGEST_PIECE_BYTES, Answer, Head
from analytics_pipelines.sql_service.worker.connection import Connection
from analytics_pipelines.sql_service.worker.stops import Running, Stopped
from analytics_pipelines_tests.sql_service.worker.at_work import is_readable, next_frame

HEAD = Head(query_id="q1", generation="g1", format=Format.JSON, columns=(("a", "INTEGER"),), is_repeatable=True)


class Told:
    """An answer, whoever reads it, and how often the broker was told of its beginning."""

    def __init__(self, ours, theirs):
        self.client = theirs
        self.running = Running("q1")
        self.begun = 0
        self.answer = Answer(Connection(ours, self.running), self.running, self._began)

    def _began(self):
        assert not is_readable(self.client)
        self.begun += 1


@pytest.fixture
def told():
    ours, theirs = socket.socketpair()
    theirs.settimeout(5)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**23)
    with ours, theirs:
        yield Told(ours, theirs)


def test_a_short_answer_goes_out_at_once_when_it_is_whole(told):
    told.answer.head(HEAD)
    told.answer.data(b'"data":[]')
    assert (told.begun, is_readable(told.client)) == (0, False)
    told.answer.end({"row_count": 0})
    whole = told.client.recv(2**16)
    assert told.begun == 1
    assert told.answer.kept == whole
    assert whole.endswith(b'{"row_count":0}')


def test_a_long_one_goes_out_as_it_comes_in_pieces(told):
    told.answer.head(HEAD)
    told.answer.data(bytes(GATHERED_BYTES))
    assert (told.begun, next_frame(told.client)[0]) == (1, Kind.HEAD)
    assert next_frame(told.client) == (Kind.DATA, bytes(GATHERED_BYTES))
    told.answer.data(bytes(LONGEST_PIECE_BYTES + 1))
    told.answer.end({})
    lengths = [len(next_frame(told.client)[1]) for _ in range(3)]
    assert lengths == [LONGEST_PIECE_BYTES, 1, 2]
    assert (told.begun, told.answer.kept) == (1, None)


def test_an_error_takes_the_place_of_what_was_gathered(told):
    told.answer.head(HEAD)
    told.answer.data(b"x")
    told.answer.fail(DuckDBQueryError("wrong"))
    assert next_frame(told.client)[0] is Kind.ERROR
    assert (told.begun, told.answer.kept, is_readable(told.client)) == (1, None, False)


def test_an_error_may_follow_rows(told):
    told.answer.head(HEAD)
    told.answer.data(bytes(GATHERED_BYTES))
    told.answer.data(b"x")
    told.answer.fail(DuckDBQueryError("wrong"))
    assert [next_frame(told.client)[0] for _ in range(3)] == [Kind.HEAD, Kind.DATA, Kind.ERROR]
    assert told.begun == 1


def test_what_is_to_begin_later_does_not_begin(told):
    told.answer.head(HEAD)
    told.running.stop(StopReason.LATER)
    with pytest.raises(Stopped):
        told.answer.end({})
    assert (told.begun, is_readable(told.client)) == (0, False)
