"""Connections side by side: how many there are, how they rest, and what is left of them."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import CancelledError
from dataclasses import replace

import psycopg
import pytest

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.product_export.reading.slices import slices_of
from analytics_pipelines.product_export.reading.statements import Reading
from analytics_pipelines.product_export.reading.workers import Workers
from analytics_pipelines_tests.product_export.reading.conftest import DAY, DUCK, LIMITS
from analytics_pipelines_tests.waiting import wait_until

BACKENDS = b"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'analytics-export'"
KILLED = """
    import sys
    from pathlib import Path
    from analytics_pipelines.foundation.sql import Sql
    from analytics_pipelines_tests.product_export.reading.conftest import Source

    with Source(sys.argv[1], Path(sys.argv[2])).opened() as opened:
        print("reads", flush=True)
        opened.read(opened.plan(), where=Sql("pg_sleep(600) IS NOT NULL"))
"""


@pytest.fixture
def things(source):
    source.run(
        "CREATE TABLE things (id bigint)", "INSERT INTO things SELECT generate_series(1, 20000)", "ANALYZE things"
    )
    return source


@pytest.fixture
def watching(things):
    with psycopg.connect(things.conninfo, autocommit=True) as connection:
        yield lambda: connection.execute(BACKENDS).fetchone()[0]


def workers_of(things, opened, **limits):
    return Workers(things.conninfo, opened.snapshot, replace(LIMITS, **limits), DUCK)


@pytest.mark.parametrize(
    ("limits", "most"),
    [({"connections": 1}, 1), ({"connections": 3}, 3), ({"connections": 3, "duty_pct": 95}, 1)],
    ids=["one", "three", "one at a time where there are rests"],
)
def test_no_more_connections_than_allowed_read_and_one_holds_the_snapshot(things, watching, limits, most):
    seen = []
    with things.opened(**limits) as opened:
        plan = opened.plan(pages=4)
        opened.reader.read(plan, DAY, opened.folder / "a.parquet", progress=lambda *_: seen.append(watching()))
    assert len(seen) > 10
    assert max(seen) == most + 1


def test_the_source_rests_as_long_as_the_duty_says(things, tmp_path):
    """At 10 % it rests nine times as long as it reads, and each piece here is read for 5 ms or more."""
    with things.opened() as opened:
        plan = opened.plan()
        reading = Reading(plan=plan, day=DAY, where=Sql("id > 1 OR pg_sleep(0.05) IS NOT NULL"))
        workers = workers_of(things, opened, duty_pct=10)
        started_s = time.monotonic()
        (piece,) = slices_of(plan.source)
        assert workers.write(reading, piece, tmp_path / "gentle.parquet").result() == 20_000
        assert time.monotonic() - started_s > 0.45
        workers.close()


def test_a_rest_ends_when_the_reading_is_stopped(things, tmp_path):
    with things.opened() as opened:
        plan = opened.plan()
        reading = Reading(plan=plan, day=DAY, where=Sql("id > 1 OR pg_sleep(0.5) IS NOT NULL"))
        workers = workers_of(things, opened, duty_pct=1)
        (piece,) = slices_of(plan.source)
        started_s = time.monotonic()
        writing = workers.write(reading, piece, tmp_path / "stopped.parquet")
        time.sleep(1.0)
        workers.close()
        assert writing.done()
        assert time.monotonic() - started_s < 30


def test_nothing_is_begun_after_a_stop(things, tmp_path):
    with things.opened() as opened:
        plan = opened.plan()
        workers = workers_of(things, opened)
        workers.stop()
        (piece,) = slices_of(plan.source)
        writing = workers.write(Reading(plan=plan, day=DAY), piece, tmp_path / "late.parquet")
        with pytest.raises((Unavailable, CancelledError)):
            writing.result(timeout=10)
        workers.close()


def test_a_killed_exporter_leaves_no_backend_behind(things, watching, tmp_path):
    command = (sys.executable, "-c", textwrap.dedent(KILLED), things.conninfo, str(tmp_path))
    with subprocess.Popen(command, stdout=subprocess.PIPE) as exporter:
        try:
            assert exporter.stdout.readline() == b"reads\n"
            wait_until(lambda: watching() == 3)
        finally:
            os.kill(exporter.pid, signal.SIGKILL)
    wait_until(lambda: watching() == 0)
