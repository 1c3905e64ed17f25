"""A worker's life: set-up, jobs one after another, stops that come late or early, clients that go, and its end."""

import os
import socket
import time
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from analytics_pipelines.foundation.generation.description import read_generation
from analytics_pipelines.sql_service.gate.gate import Gate
from analytics_pipelines.sql_service.messages import Does, Format, Kind, StopReason, frame, frame_of
from analytics_pipelines.sql_service.worker.control import Control, Incoming
from analytics_pipelines.sql_service.worker.engine import Engine, EngineLimits
from analytics_pipelines.sql_service.worker.memory import Memory
from analytics_pipelines.sql_service.worker.opening import Opened
from analytics_pipelines.sql_service.worker.plans import Plans
from analytics_pipelines.sql_service.worker.serve import DO, do
from analytics_pipelines_tests.sql_service.worker.at_work import (
    LONG,
    ROWS,
    Answered,
    AtWork,
    Outcome,
    at_work,
    is_readable,
    next_frame,
    setup_for,
)

COUNT = "SELECT count(*) FROM core_shop__visits"
MANY = "SELECT i, md5(CAST(i AS VARCHAR)) AS text FROM range(10000000) AS t(i)"
REASONS = {StopReason.TIMEOUT: ("QueryTimedOut", "timeout"), StopReason.CANCELLED: ("QueryCancelled", "cancelled")}


def refused(parent, setup):
    child = parent.child()
    try:
        child.end.sendall(frame_of(Kind.SETUP, setup))
        kind, content = next_frame(child.end)
        assert kind is Kind.ERROR
        assert next_frame(child.end) is None
        return orjson.loads(content)
    finally:
        child.kill()


def test_a_worker_says_who_it_is_and_what_it_lacks(worker):
    assert Path("/proc/" + str(worker.ready["pid"])).stat().st_uid != 0 or os.geteuid() != 0
    assert worker.ready["lacks"] == []
    assert worker.ready["vm_bytes"] > 2**24


def test_a_generation_that_is_gone_is_told(parent, tmp_path):
    told = refused(parent, setup_for(tmp_path / "swept", tmp_path / "spill"))
    assert told["code"] == "DuckDBConnectionError"


def test_a_generation_that_can_not_be_read_is_told_without_its_path(parent, generation, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    for file in generation.iterdir():
        if file.is_file():
            (broken / file.name).write_bytes(b"no database" if file.suffix == ".duckdb" else file.read_bytes())
    told = refused(parent, setup_for(broken, tmp_path / "spill"))
    assert told["code"] == "DuckDBConnectionError"
    assert str(tmp_path) not in str(told)


def test_whoever_speaks_of_anything_else_first_is_not_served(parent):
    child = parent.child()
    child.end.sendall(frame(Kind.JOB, b"{}"))
    assert next_frame(child.end) is None
    child.kill()


def test_a_worker_ends_with_its_broker(parent, setup):
    with at_work(parent, setup) as worker:
        client = worker.begin(worker.job(LONG))
        worker.control.shutdown(socket.SHUT_RDWR)
        assert next_frame(client) is None
        client.close()


@pytest.mark.parametrize("reason", [pytest.param(each, id=each.value) for each in REASONS])
def test_a_long_query_is_stopped_and_the_client_told_why(worker, reason):
    job = worker.job(LONG)
    client = worker.begin(job)
    assert not is_readable(client, 100)
    worker.stop(job.query_id, reason)
    outcome = worker.finish(client)
    assert (outcome.error["code"], outcome.done.error_class) == REASONS[reason]
    assert not outcome.done.wants_rest
    assert worker.ask(COUNT).rows == [[ROWS]]


def test_a_query_that_makes_room_is_not_told_of(worker):
    job = worker.job(LONG)
    client = worker.begin(job)
    assert not is_readable(client, 100)
    worker.stop(job.query_id, StopReason.LATER)
    outcome = worker.finish(client)
    assert outcome.answered == Answered()
    assert (outcome.done.is_stopped_for, outcome.done.error_class, outcome.has_begun) == ("later", None, False)


def test_a_query_whose_answer_has_begun_makes_no_room(worker):
    job = worker.job(MANY, format=Format.CSV, row_limit=100_000_000)
    with worker.begin(job) as client:
        assert is_readable(client, 10_000)
        worker.stop(job.query_id, StopReason.LATER)
        time.sleep(0.05)
        worker.stop(job.query_id, StopReason.CANCELLED)
        outcome = Outcome(Answered(), None)
        worker.told(outcome)
    assert (outcome.done.error_class, outcome.has_begun) == ("cancelled", True)


def test_a_stop_of_another_query_stops_nothing(worker):
    job = worker.job("SELECT count(*) FROM range(400000) a WHERE md5(CAST(a.range AS VARCHAR)) = 'x'")
    client = worker.begin(job)
    for _ in range(20):
        worker.stop("an earlier one", StopReason.CANCELLED)
    assert worker.finish(client).rows == [[0]]


def test_stops_that_race_with_the_end_never_reach_the_next_query(worker):
    for wait_ms in range(20):
        job = worker.job(COUNT)
        client = worker.begin(job)
        time.sleep(wait_ms / 4000)
        worker.stop(job.query_id, StopReason.CANCELLED)
        first = worker.finish(client)
        assert first.done.error_class in {None, "cancelled"}
        assert worker.ask(COUNT).rows == [[ROWS]]


def test_a_client_that_does_not_read_holds_the_query_and_is_stopped(worker):
    job = worker.job(MANY, format=Format.ARROW, row_limit=100_000_000)
    with worker.begin(job) as client:
        assert is_readable(client, 10_000)
        assert not is_readable(worker.control, 200) or next_frame(worker.control)[0] is Kind.BEGAN
        worker.stop(job.query_id, StopReason.TIMEOUT)
        outcome = Outcome(Answered(), None)
        worker.told(outcome)
    assert outcome.done.error_class == "timeout"
    assert 0 < outcome.done.sent_bytes < 2**22


def test_a_client_that_goes_ends_its_query(worker):
    job = worker.job(MANY, format=Format.CSV, row_limit=100_000_000)
    with worker.begin(job) as client:
        assert is_readable(client, 10_000)
    outcome = Outcome(Answered(), None)
    worker.told(outcome)
    assert outcome.done.error_class == "cancelled"
    assert worker.ask(COUNT).rows == [[ROWS]]


def test_a_worker_that_has_grown_wants_rest(parent, setup):
    with at_work(parent, replace(setup, memory_bytes=2**27)) as worker:
        assert not worker.ask(COUNT).done.wants_rest
        wide = "SELECT string_agg(repeat('x', 1000), '') AS text FROM range(80000)"
        outcomes = [worker.ask(wide).done for _ in range(4)]
    assert any(each.wants_rest for each in outcomes)


def unlooked(instance):
    """Nothing is locked up here."""


@pytest.fixture
def in_process(generation, tmp_path):
    """A worker without a process and a cage of its own."""
    memory = Memory()
    limits = EngineLimits(memory_bytes=2**27, threads=1, most_spilled_bytes=2**26)
    engine = Engine(read_generation(generation), generation, tmp_path, limits, check=unlooked)
    return Opened(
        engine=engine,
        plans=Plans(Gate()),
        memory=memory,
        lacks=frozenset(),
        memory_bytes=2**27,
        resident_bytes=memory.resident_bytes,
        vm_bytes=0,
    )


def test_jobs_leave_no_descriptors_behind(in_process):
    ours, theirs = socket.socketpair()
    control = Control(theirs)
    broker = AtWork(ours, {})

    def ask(sql, **given):
        client, its_end = socket.socketpair()
        do(in_process, control, Incoming(broker.job(sql, **given), its_end))
        return broker.finish(client)

    with ours, theirs:
        assert ask(COUNT).rows == [[ROWS]]
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(10):
            assert ask("SELEC").done.error_class == "query"
            assert ask("SELECT * FROM raw_shop__visits", row_limit=3).done.rows == 3
        assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_what_nobody_expected_is_told_and_tires(in_process, monkeypatch):
    def fail(task):
        raise ValueError("a secret")

    monkeypatch.setitem(DO, Does.QUERY, fail)
    ours, theirs = socket.socketpair()
    client, its_end = socket.socketpair()
    with ours, theirs:
        broker = AtWork(ours, {})
        do(in_process, Control(theirs), Incoming(broker.job(COUNT), its_end))
        outcome = broker.finish(client)
    assert outcome.error["code"] == "QueryFailed"
    assert "secret" not in str(outcome.error)
    assert (outcome.done.error_class, outcome.done.wants_rest) == ("internal", True)
