import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analytics_pipelines.foundation.files import sha256_of
from analytics_pipelines_tests.faults.plain_readers import versions_by_day, with_duckdb
from analytics_pipelines_tests.faults.writer import write_version
from analytics_pipelines_tests.foundation.lake.example import DAY, DAYS, READINGS, lake_at, rows_of

ROOT = Path(__file__).parents[2]
LAST_VERSION = 9
SEEDS = [pytest.param(seed, marks=[pytest.mark.long] if seed >= 3 else [], id=f"moment {seed}") for seed in range(20)]
pytestmark = pytest.mark.fault


def start(module: str, *arguments: object) -> subprocess.Popen:
    command = [sys.executable, "-m", "analytics_pipelines_tests.faults." + module, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def hashes(lake) -> list[str]:
    return [sha256_of(lake.file(READINGS, day)) for day in DAYS]


def manifests_match(lake) -> bool:
    found = [(manifest.sha256, lake.file(READINGS, manifest.day)) for manifest in lake.manifests(READINGS)]
    return bool(found) and all(sha256 == sha256_of(file) for sha256, file in found)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> list[str]:
    """The bytes of the last version where nobody was killed."""
    lake = lake_at(tmp_path_factory.mktemp("undisturbed"))
    write_version(lake, LAST_VERSION)
    lake.duck.close()
    return hashes(lake)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_writer_killed_at_any_moment_leaves_whole_partitions_and_the_next_run_converges(seed, tmp_path, undisturbed):
    write_version(lake_at(tmp_path), 1)
    with start("writer", tmp_path, 2, 10_000) as writer:
        assert writer.stdout.readline() == "ready\n"
        time.sleep(random.Random(seed).uniform(0, 0.5))
        writer.send_signal(signal.SIGKILL)
    lake = lake_at(tmp_path)
    assert set(versions_by_day(with_duckdb(lake.root / READINGS.name), rows_of)) == set(DAYS)
    lake.sweep_staging()
    assert manifests_match(lake)
    assert list(lake._staging.iterdir()) == []
    write_version(lake, LAST_VERSION)
    assert hashes(lake) == undisturbed


def test_a_kill_before_each_system_call_leaves_the_old_or_the_new_partition(tmp_path):
    with start("kill_points", tmp_path) as program:
        points = int(program.communicate()[0])
    assert points > 10
    seen = set()
    for point in range(points):
        lake = lake_at(tmp_path / str(point), threads=1)
        (version,) = versions_by_day(with_duckdb(lake.root / READINGS.name), rows_of).values()
        lake.sweep_staging()
        assert manifests_match(lake), point
        assert list(lake._staging.iterdir()) == []
        assert lake.manifest(READINGS, DAY).rows == rows_of(version)
        lake.duck.close()
        seen.add(version)
    assert seen == {1, 2}
