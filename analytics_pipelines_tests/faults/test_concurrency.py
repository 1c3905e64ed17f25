import subprocess
import sys
import threading
import time

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from analytics_pipelines_tests.faults import plain_readers
from analytics_pipelines_tests.faults.plain_readers import versions_by_day
from analytics_pipelines_tests.faults.test_kills import ROOT, manifests_match, start
from analytics_pipelines_tests.faults.writer import write_version
from analytics_pipelines_tests.foundation.lake.example import DAYS, READINGS, generated, lake_at, rows_of

pytestmark = pytest.mark.fault
READING_S = 2.0
LEAST_READINGS = 10
SWEEP = """
import sys
from pathlib import Path
from analytics_pipelines_tests.foundation.lake.example import lake_at
lake_at(Path(sys.argv[1])).sweep_staging()
"""
DAMAGED = (duckdb.Error, pl.exceptions.ComputeError, pa.ArrowInvalid, OSError)
READERS = [
    plain_readers.with_duckdb,
    plain_readers.with_pyarrow,
    plain_readers.with_polars,
    plain_readers.with_pandas,
]


def test_writers_of_one_partition_at_once_leave_one_of_them_whole(tmp_path):
    writers = [start("writer", tmp_path, first, first + 9) for first in (1, 11, 21)]
    for writer in writers:
        output, _ = writer.communicate(timeout=120)
        assert writer.returncode == 0, output
    lake = lake_at(tmp_path)
    versions = versions_by_day(plain_readers.with_duckdb(lake.root / READINGS.name), rows_of)
    assert set(versions) == set(DAYS)
    assert set(versions.values()) <= {10, 20, 30}
    assert manifests_match(lake)
    assert list(lake._staging.iterdir()) == []


@pytest.mark.parametrize("read", [pytest.param(read, id=read.__name__) for read in READERS])
def test_a_plain_reader_never_sees_a_torn_or_doubled_partition_beside_a_writer(read, tmp_path):
    """An engine that opens a path twice may say that the file is damaged, but never gives rows of two versions."""
    lake = lake_at(tmp_path)
    write_version(lake, 1)
    seen, complaints = [], 0
    with start("writer", tmp_path, 2, 10_000) as writer:
        assert writer.stdout.readline() == "ready\n"
        until = time.monotonic() + READING_S
        while time.monotonic() < until or len(seen) < LEAST_READINGS:
            try:
                rows = read(lake.root / READINGS.name)
            except DAMAGED:
                complaints += 1
                continue
            seen.append(versions_by_day(rows, rows_of))
        writer.kill()
    assert all(set(versions) == set(DAYS) for versions in seen)
    assert len({version for versions in seen for version in versions.values()}) > 2
    assert complaints <= len(seen)


def test_one_long_lived_engine_sees_each_new_version(tmp_path):
    lake, other = lake_at(tmp_path), lake_at(tmp_path)
    for version in range(1, 6):
        write_version(other, version)
        with lake.duck.cursor() as cursor:
            lake.scan(READINGS, DAYS).mount(cursor, "readings")
            found = cursor.execute("SELECT DISTINCT level_count FROM readings").fetchall()
        assert found == [(version,)]


def test_threads_of_one_lake_write_different_days(tmp_path):
    lake = lake_at(tmp_path)
    threads = [threading.Thread(target=write_version, args=(lake, 1)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lake.days(READINGS) == list(DAYS)
    assert manifests_match(lake)


def test_a_writer_that_stands_still_keeps_its_staged_file(tmp_path):
    lake = lake_at(tmp_path)
    with lake.stage(READINGS, DAYS[0], generated(1, day=DAYS[0])) as work:
        subprocess.run([sys.executable, "-c", SWEEP, str(tmp_path)], check=True, cwd=ROOT)
        assert work.file.is_file()
        lake.publish(READINGS, work)
    assert manifests_match(lake)
