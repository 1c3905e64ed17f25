"""From ask to answer through real processes: short and long, cancelled, late, killed, cached."""

import asyncio
import socket
import time
from contextlib import suppress

import pytest

from analytics_pipelines.sql_service.broker.dispatch import Dispatch
from analytics_pipelines.sql_service.broker.frames import BrokenFrames
from analytics_pipelines.sql_service.broker.query import Query
from analytics_pipelines.sql_service.messages import HEADER, Does, Done, Format, Kind, Statement, StopReason, frame_of
from analytics_pipelines_tests.sql_service.brokers import (
    ADA,
    ANN,
    BEN,
    LONG,
    answer_of,
    asked,
    connected,
    control,
    health,
    kill,
    query,
    worker_pids,
)
from analytics_pipelines_tests.waiting import wait_until

COUNT = "SELECT count(*) FROM out_shop__sales WHERE edition = ?"


def running_of(settings, caller=ADA):
    return asked(settings, control(Does.QUERIES, caller)).end["running"]


@pytest.fixture
def rested(served):
    """The broker's home; afterwards nothing of the test runs any more."""
    yield served
    for each in running_of(served):
        asked(served, control(Does.CANCEL, query_id=each["query_id"]))
    wait_until(lambda: not running_of(served))
    asked(served, control(Does.RESET))


def test_a_query_is_answered_from_the_generation(served):
    answer = asked(served, query(COUNT, 1))
    assert (answer.rows, answer.end["row_count"], answer.end["truncated"]) == ([[3]], 1, False)
    assert answer.head["generation"] == answer.end["generation"] == health(served)["generation"]


def test_the_same_words_are_answered_from_the_cache_and_other_rights_are_not(served):
    words = "SELECT  max(item) /* again */ FROM out_shop__sales"
    first = asked(served, query(words))
    again = asked(served, query("SELECT max(item) FROM out_shop__sales;"))
    other = asked(served, query(words, caller=ADA))
    assert [each.end["is_cached"] for each in (first, again, other)] == [False, True, False]
    assert first.content == again.content == other.content
    assert first.end["query_id"] != again.end["query_id"]


def test_what_changes_by_itself_is_never_cached(served):
    answers = [asked(served, query("SELECT random()")) for _ in range(2)]
    assert [each.end["is_cached"] for each in answers] == [False, False]
    assert answers[0].rows != answers[1].rows


def test_a_mistake_is_told_and_leaves_the_breaker_closed(served):
    for _ in range(8):
        answer = asked(served, query("SELECT nothing FROM out_shop__sales"))
        assert answer.error["code"] == "DuckDBQueryError"
    assert health(served)["circuit_breaker"]["state"] == "closed"


def test_a_short_query_passes_long_ones(rested):
    long = [connected(rested, query(LONG + " -- " + str(number), caller=BEN)) for number in range(6)]
    wait_until(lambda: len(running_of(rested)) == 6)
    time.sleep(0.5)
    assert asked(rested, query(COUNT, 1)).rows == [[3]]
    assert len(running_of(rested)) == 6
    for connection in long:
        connection.close()


def test_more_than_one_may_have_is_refused(rested):
    mine = [connected(rested, query(LONG + " -- " + str(number))) for number in range(6)]
    wait_until(lambda: len(running_of(rested)) == 6)
    refused = asked(rested, query("SELECT random()"))
    assert refused.error["code"] == "TooManyQueries"
    assert refused.error["retry_after_s"] >= 1
    assert asked(rested, query("SELECT random() < 2", caller=BEN)).rows == [[True]]
    for connection in mine:
        connection.close()


def test_one_that_goes_away_cancels_its_query(rested):
    connection = connected(rested, query(LONG))
    wait_until(lambda: len(running_of(rested)) == 1)
    connection.close()
    wait_until(lambda: not running_of(rested))
    assert asked(rested, query(COUNT, 1)).rows == [[3]]


def test_a_query_is_cancelled_by_its_owner_or_an_admin_alone(rested):
    connection = connected(rested, query(LONG, caller=ANN, query_id="mine"))
    wait_until(lambda: len(running_of(rested)) == 1)
    assert running_of(rested, BEN) == []
    assert asked(rested, control(Does.CANCEL, BEN, query_id="mine")).error["code"] == "QueryNotFound"
    assert asked(rested, control(Does.CANCEL, ANN, query_id="mine")).end == {"query_id": "mine"}
    assert answer_of(connection).error["code"] == "QueryCancelled"


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param(LONG, id="it stops when told"),
        pytest.param("SELECT length(repeat('x', 300000000)) FROM range(100000)", id="it does not"),
    ],
)
def test_a_query_ends_at_its_deadline(rested, sql):
    began = time.monotonic()
    answer = asked(rested, query(sql, timeout_s=0.5))
    assert answer.error["code"] in {"QueryTimedOut", "DuckDBResourceError"}
    assert answer.error["limit"] in {"0.5 s", None}
    assert time.monotonic() - began < 10
    assert asked(rested, query(COUNT, 1)).rows == [[3]]


def test_a_worker_that_is_killed_is_told_and_replaced(rested):
    connection = connected(rested, query(LONG))
    wait_until(lambda: len(running_of(rested)) == 1)
    time.sleep(0.2)
    for pid in worker_pids(rested):
        with suppress(ProcessLookupError):
            kill(pid)
    assert answer_of(connection).error["code"] == "QueryFailed"
    wait_until(lambda: health(rested)["connection_pool"]["available_connections"] >= 3, seconds=30)
    assert asked(rested, query(COUNT, 1)).rows == [[3]]


def test_an_open_breaker_answers_nothing_but_what_is_known(rested):
    asked(rested, query(COUNT, 1))
    for number in range(5):
        asked(rested, query(LONG + " -- " + str(number), timeout_s=0.1, caller=BEN))
    assert health(rested)["circuit_breaker"]["state"] == "open"
    assert health(rested)["status"] == "degraded"
    refused = asked(rested, query("SELECT 1"))
    assert refused.error["code"] == "CircuitBreakerOpenException"
    assert 1 <= refused.error["retry_after_s"] <= 30
    assert asked(rested, query(COUNT, 1)).rows == [[3]]
    assert asked(rested, control(Does.RESET)).end["state"] == "closed"
    assert asked(rested, query("SELECT 1")).rows == [[1]]


def test_a_slow_reader_of_a_stream_holds_no_place_for_short_ones(rested):
    everything = query("SELECT range, range + 1 FROM range(20000000)", format=Format.ARROW)
    slow = [connected(rested, everything) for _ in range(6)]
    time.sleep(0.5)
    assert asked(rested, query(COUNT, 1, caller=BEN)).rows == [[3]]
    for connection in slow:
        connection.close()


def test_a_batch_is_one_answer(served):
    statements = (
        Statement("CREATE TABLE best AS SELECT max(edition) AS edition FROM out_shop__sales"),
        Statement("INSERT INTO best VALUES (7)"),
        Statement("SELECT sum(edition) FROM best"),
    )
    ask = query("", does=Does.BATCH)
    answer = asked(served, type(ask)(does=Does.BATCH, caller=ANN, statements=statements))
    assert answer.content.startswith(b'"results":[')
    assert b'"data":[[8]]' in answer.content
    assert asked(served, query("SELECT * FROM best")).error["code"] == "DuckDBQueryError"


def test_the_kinds_of_a_small_answer_come_in_order(served):
    connection = connected(served, query("SELECT 5"))
    with connection:
        content = connection.recv(2**16)
    assert content[:1] == Kind.HEAD.value


class Stub:
    """A worker that has ended by the time anybody looks."""

    is_gone = True
    generation_id = "g"


def told_after(settings, done, stopped_for=None, **more):
    """What a client is told when its worker says `done` of a query that is being stopped."""

    async def told():
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            dispatch, worker = Dispatch(settings), Stub()
            at_work: Query = dispatch._query(query("SELECT 1", query_id="mine"), "SELECT 1", ours, "g", None)
            dispatch._admit(at_work)
            dispatch.lanes.next()
            dispatch.queries.asked(at_work.id, ANN, Does.QUERY, "SELECT 1")
            dispatch._all[at_work.id] = dispatch._at_work[worker] = at_work
            at_work.worker, at_work.stop_reason, at_work.started_s = worker, stopped_for, at_work.arrived_s
            at_work.is_begun = more.get("is_begun", False)
            try:
                dispatch._heard(worker, Kind.DONE, frame_of(Kind.DONE, done)[HEADER.size :])
                await asyncio.gather(*dispatch._tasks)
                theirs.settimeout(0.1)
                with suppress(TimeoutError):
                    return theirs.recv(1000), at_work.is_over
                return None, at_work.is_over
            finally:
                dispatch.close()

    return asyncio.run(told())


LATER = Done(query_id="mine", is_stopped_for=StopReason.LATER)


def test_one_that_was_to_begin_again_does(settings):
    assert told_after(settings, LATER, StopReason.LATER) == (None, False)


def test_one_that_was_cancelled_while_it_made_room_does_not_begin_again(settings):
    content, is_over = told_after(settings, LATER, StopReason.CANCELLED)
    assert is_over
    assert b"QueryCancelled" in content
    assert b"QueryTimedOut" in told_after(settings, LATER, StopReason.TIMEOUT)[0]


def test_no_worker_ends_another_query_or_begins_one_again_that_nobody_stopped(settings):
    for done, more in ((Done(query_id="other"), {}), (LATER, {}), (LATER, {"is_begun": True})):
        with pytest.raises(BrokenFrames):
            told_after(settings, done, StopReason.LATER if more else None, **more)
