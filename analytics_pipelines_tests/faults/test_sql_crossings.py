"""Cancelled, left, killed, late, put back, all at once and crossing: each query ends once, and nothing of it stays."""

import asyncio
import random
import socket
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from analytics_pipelines.sql_service.broker.breaker import CircuitBreaker
from analytics_pipelines.sql_service.broker.dispatch import Dispatch
from analytics_pipelines.sql_service.broker.query import Query
from analytics_pipelines.sql_service.errors import ErrorClass, RestsAWhile, TooManyQueries
from analytics_pipelines.sql_service.messages import Does, Done, Format, StopReason
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.sql_service.broker.imagined_pool import ImaginedPool, QuickLoop
from analytics_pipelines_tests.sql_service.brokers import ADA, ANN, BEN, query


@dataclass(eq=False)
class Tried:
    """A query at random, and what became of it."""

    query: Query
    theirs: socket.socket
    ends: list[Done] = field(default_factory=list)
    given_up_s: float | None = None
    """When it was cancelled, or its client left."""
    ended_s: float = 0.0


async def _tried_at_random(settings, seed: int) -> tuple[Dispatch, list[Tried]]:
    chance, loop = random.Random(seed), asyncio.get_running_loop()
    dispatch = Dispatch(settings)
    dispatch.breaker = CircuitBreaker(5, 3.0, loop.time)
    dispatch.pool = pool = ImaginedPool(chance, dispatch, dispatch.lanes.slots)
    all_tried: list[Tried] = []
    for number in range(60):
        await asyncio.sleep(chance.choice([0.0, 0.0, 0.01, 0.1, 1.0]))
        if (tried := _submitted(dispatch, chance, number)) is not None:
            all_tried.append(tried)
            delay_s = chance.choice([0.0, 0.039, 0.04, 0.041, 0.05, 0.06, 0.5, 5.0])
            does = chance.choice([None, None, None, _cancel, _leave, _kill_its_worker])
            if does is not None:
                loop.call_later(delay_s, does, dispatch, tried)
        if chance.random() < 0.05:
            await dispatch.probe()
        if chance.random() < 0.1 and pool.idle:
            pool.idle[-1].die()
    await asyncio.sleep(300)
    return dispatch, all_tried


def _submitted(dispatch: Dispatch, chance: random.Random, number: int) -> Tried | None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    loop, ends = asyncio.get_running_loop(), []

    def ended(done, error, file):
        ends.append(done)
        tried.ended_s = loop.time()

    does, fmt = chance.choice([Does.QUERY, Does.QUERY, Does.BATCH, Does.SESSION]), chance.choice(list(Format))
    ask = query(f"SELECT {number % 12}", does=does, format=fmt, timeout_s=chance.choice([0.01, 1.0, 30.0]))
    ask = replace(ask, caller=chance.choice([ANN, BEN, ADA]))
    try:
        found = dispatch.submit(ask, ours, ended=ended)
    except (RestsAWhile, TooManyQueries):
        ours.close()
        theirs.close()
        return None
    tried = Tried(found, theirs, ends)
    return tried


def _cancel(dispatch: Dispatch, tried: Tried) -> None:
    if not tried.query.is_over:
        tried.given_up_s = asyncio.get_running_loop().time()
        dispatch.stop(tried.query, StopReason.CANCELLED)


def _leave(dispatch: Dispatch, tried: Tried) -> None:
    tried.given_up_s = None if tried.query.is_over else asyncio.get_running_loop().time()
    tried.theirs.close()


def _kill_its_worker(dispatch: Dispatch, tried: Tried) -> None:
    if tried.query.worker is not None:
        tried.query.worker.die()


@pytest.mark.parametrize("seed", range(examples(25)))
def test_whatever_crosses_each_query_ends_once_and_nothing_of_it_stays(settings, seed):
    open_before = len(list(Path("/proc/self/fd").iterdir()))
    with asyncio.Runner(loop_factory=QuickLoop) as runner:
        dispatch, all_tried = runner.run(_tried_at_random(settings, seed))
        for tried in all_tried:
            assert [done.query_id for done in tried.ends] == [tried.query.id]
            assert tried.given_up_s is None or tried.ended_s - tried.given_up_s < 1.5
            assert tried.query.connection.fileno() == -1
            tried.theirs.close()
        assert all_tried
        assert (dispatch.lanes.running, dispatch.lanes.waiting, dispatch.lanes.held) == (0, 0, 0)
        assert dispatch.queries.of(ADA)["running"] == []
        assert (dispatch._all, dispatch._at_work, dispatch.hang_ups._gone, dispatch._tasks) == ({}, {}, {}, set())
        assert dispatch.pool.available == dispatch.pool.total == dispatch.lanes.slots
        dispatch.breaker.ended(ErrorClass.CANCELLED, dispatch.breaker.admit())
        assert dispatch.pool.killed_in_vain == 0
        dispatch.close()
    assert len(list(Path("/proc/self/fd").iterdir())) <= open_before
