"""The SQL service under a mixed load while workers are killed and generations change: no answer is wrong, nothing grows."""

import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import psutil
import pytest

from analytics_pipelines.foundation.processes import any_free_port, start_child, stop_family
from analytics_pipelines.foundation.settings import Settings, child_environment
from analytics_pipelines.sql_service.places import Places
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.sql_service.brokers import running_broker
from analytics_pipelines_tests.sql_service.known_sums import publish_edition
from analytics_pipelines_tests.sql_service.running import Running, Tokens, clients
from analytics_pipelines_tests.sql_service.soaking import Soak
from analytics_pipelines_tests.waiting import wait_until
from benchmarks.sql_lag import APP, PATH

END_S = 10.0
READY_S = 60.0
KILL_EVERY_S = 2.5
SWAP_EVERY_S = 6.0
SETTLE_S = 4.0
MOST_GROWTH_BYTES = 48 * 2**20
MOST_MORE_DESCRIPTORS = 8
LATEST_MS = 1_000.0
"""Of the loop, on a machine of few cores on which everything else runs too."""
USUAL_MS = 250.0


@dataclass(frozen=True)
class Measure:
    """What must not grow."""

    memory_bytes: dict[str, int]
    descriptors: dict[str, int]

    @staticmethod
    def of(processes: dict[str, psutil.Process]) -> "Measure":
        return Measure(
            {name: each.memory_full_info().uss for name, each in processes.items()},
            {name: each.num_fds() for name, each in processes.items()},
        )


@contextmanager
def api(settings: Settings, log: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The API on a watched loop, as a process of its own."""
    port = any_free_port("127.0.0.1")
    options = ("--factory", "--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--log-level", "warning")
    command = [sys.executable, "-m", "uvicorn", APP, *options]
    process = start_child(command, environment=child_environment(settings, LOG_LEVEL="WARNING"), log=log)
    try:
        url = "http://127.0.0.1:" + str(port)
        wait_until(lambda: answers(url), seconds=READY_S)
        yield url, psutil.Process(process.pid)
    finally:
        stop_family(process, wait_s=END_S)


def answers(url: str) -> bool:
    try:
        return httpx.get(url + PATH).is_success
    except httpx.HTTPError:
        return False


@pytest.fixture
def patient(tmp_path, database_urls) -> Settings:
    """Settings of a breaker that kills do not open, and of little memory."""
    return settings_in(
        tmp_path / "home",
        database_url=database_urls.app,
        database_owner_url=database_urls.owner,
        sql_breaker_failures=9999,
    )


@pytest.mark.fault
@pytest.mark.parametrize(
    "seconds", [pytest.param(20, id="20 s"), pytest.param(180, id="3 min", marks=pytest.mark.long)]
)
def test_a_soak_with_kills_and_new_generations_has_no_wrong_answer_and_grows_nothing(
    tmp_path, patient, database, lake, seconds
):
    editions = {publish_edition(patient, lake, 1): 1}
    tokens = Tokens.made(database)
    with (
        running_broker(patient) as process,
        api(patient, tmp_path / "api.log") as (url, server),
        clients(url, tokens) as pair,
    ):
        running = Running(patient, url, tokens, *pair, psutil.Process(process.pid))
        processes = {"api": server, "broker": running.broker}
        with Soak(url, tokens, editions) as soak:
            publish = partial(publish_edition, patient, lake)
            before, kills = during(running, processes, soak, publish, seconds)
            late = httpx.get(url + PATH).json()
        assert soak.tally.wrong == []
        assert len(soak.tally.broken) <= kills, soak.tally.broken
        assert set(soak.tally.right) >= {"sum", "join", "arrow", "csv", "parquet", "batch", "mistake", "limit", "leave"}
        must_rest(running, processes, before)
        assert late["p99_ms"] <= USUAL_MS, late
        assert late["most_ms"] <= LATEST_MS, late
        wait_until(lambda: newest_of(running) == max(editions.values()), seconds=30)


def newest_of(running) -> int:
    return running.answer("SELECT max(edition) FROM core_sums__numbers")["data"][0][0]


def during(running, processes, soak, publish, seconds) -> tuple[Measure, int]:
    """Kill and publish for so long; what was there once all was warm, and the number of kills."""
    chance = random.Random(11)
    began = time.monotonic()
    next_kill, next_swap, kills, edition = began + KILL_EVERY_S, began + SETTLE_S, 0, 1
    before = None
    while (now := time.monotonic()) < began + seconds:
        if before is None and now > began + SETTLE_S:
            before = Measure.of(processes)
        if now > next_kill:
            next_kill, kills = now + KILL_EVERY_S, kills + 1
            kill_one_of(running, chance)
        if now > next_swap:
            next_swap, edition = now + SWAP_EVERY_S, edition + 1
            soak.expect(edition, publish)
        time.sleep(0.05)
    assert before is not None
    return before, kills


def kill_one_of(running, chance) -> None:
    """One that is there now; it may end by itself before, as those of an older generation do."""
    with suppress(psutil.NoSuchProcess, IndexError):
        chance.choice(running.workers()).kill()


def must_rest(running, processes, before) -> None:
    """Afterwards there is as much as before: workers, their folders, descriptors, memory."""
    wait_until(running.is_healthy, seconds=30)
    spill = Places.of(running.settings.home).spill
    wait_until(lambda: len(running.workers()) == len(list(spill.iterdir())), seconds=30)
    wait_until(lambda: not grown_descriptors(processes, before), seconds=15)
    after = Measure.of(processes)
    grown = {name: after.memory_bytes[name] - before.memory_bytes[name] for name in processes}
    assert {name: bytes_ for name, bytes_ in grown.items() if bytes_ > MOST_GROWTH_BYTES} == {}


def grown_descriptors(processes, before) -> dict[str, int]:
    after = Measure.of(processes).descriptors
    grown = {name: after[name] - before.descriptors[name] for name in processes}
    return {name: number for name, number in grown.items() if number > MOST_MORE_DESCRIPTORS}
