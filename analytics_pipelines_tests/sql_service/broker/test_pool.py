"""Workers follow the generation in force, and older ones are let go."""

import asyncio
from unittest.mock import Mock

import pytest

from analytics_pipelines.foundation.generation.pointer import lock_generation
from analytics_pipelines.sql_service.broker import pool as pool_module
from analytics_pipelines.sql_service.broker.pool import Pool
from analytics_pipelines_tests.generations import folders_of, publish_edition
from analytics_pipelines_tests.sql_service.brokers import (
    ADA,
    LONG,
    asked,
    connected,
    health,
    kill,
    query,
    running_broker,
    worker_pids,
)
from analytics_pipelines_tests.waiting import wait_until

EDITION = "SELECT DISTINCT edition FROM out_shop__sales"


def test_a_newer_generation_answers_and_the_older_one_is_free_for_the_sweep(settings, lake):
    first = publish_edition(settings, lake, 1)
    with running_broker(settings):
        assert asked(settings, query(EDITION)).rows == [[1]]
        long = connected(settings, query(LONG, caller=ADA))
        wait_until(lambda: health(settings)["connection_pool"]["available_connections"] == 3)
        second = publish_edition(settings, lake, 2)
        wait_until(lambda: health(settings)["generation"] == second.generation.id, seconds=30)
        assert asked(settings, query(EDITION)).rows == [[2]]
        assert lock_generation(first.folder, exclusive=True) is None, "the long query still reads it"
        long.close()
        wait_until(lambda: lock_generation(first.folder, exclusive=True) is not None, seconds=30)
        assert folders_of(settings).current_id() == second.generation.id


def test_workers_that_die_at_rest_are_replaced(settings, lake):
    publish_edition(settings, lake, 1)
    with running_broker(settings):
        before = set(worker_pids(settings))
        for pid in before:
            kill(pid)
        wait_until(lambda: len(set(worker_pids(settings)) - before) == len(before), seconds=30)
        assert asked(settings, query(EDITION)).rows == [[1]]


def test_a_worker_that_dies_while_others_start_leaves_no_gap(settings, lake, monkeypatch):
    published = publish_edition(settings, lake, 1)

    async def swapped():
        pool = Pool(settings, heard=lambda *_: None, changed=lambda: None)
        started = []

        async def start(held):
            worker = Mock(is_gone=False)
            held.workers.add(worker)
            started.append(worker)
            if len(started) == 2:
                started[0].is_gone = True
            return worker

        monkeypatch.setattr(pool, "_started", start)
        await pool._look()
        pool._current.release()
        return pool.generation.id, pool.total, pool.available, len(started)

    assert asyncio.run(swapped()) == (published.generation.id, 4, 4, 5)


def test_while_no_worker_of_a_newer_generation_starts_the_older_ones_are_still_replaced(settings, lake, monkeypatch):
    first = publish_edition(settings, lake, 1)

    async def looked():
        pool = Pool(settings, heard=lambda *_: None, changed=lambda: None)

        async def start(held):
            if held.id != first.generation.id:
                raise EOFError("the worker ended before it was ready")
            worker = Mock(is_gone=False)
            held.workers.add(worker)
            return worker

        monkeypatch.setattr(pool, "_started", start)
        await pool._look()
        second = publish_edition(settings, lake, 2)
        pool._lost(pool.take())
        with pytest.raises(EOFError):
            await pool._look()
        assert lock_generation(second.folder, exclusive=True) is not None, "nobody reads it"
        pool._current.release()
        return pool.generation.id, pool.available

    assert asyncio.run(looked()) == (first.generation.id, 4)


def test_whatever_goes_wrong_workers_are_looked_after_again(settings, monkeypatch):
    monkeypatch.setattr(pool_module, "AGAIN_AFTER_S", 0.0)

    async def ran():
        pool, looks = Pool(settings, heard=lambda *_: None, changed=lambda: None), []

        async def look():
            looks.append(1)
            if len(looks) == 2:
                raise asyncio.CancelledError
            raise KeyError("nobody expected this")

        monkeypatch.setattr(pool, "_look", look)
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(pool.run(), 10)
        return len(looks), pool.trouble.detail

    assert asyncio.run(ran()) == (2, "No worker for SQL could be started.")
