"""One zygote and one generation for all tests of workers: both are only read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.workers.parent import Parent
from analytics_pipelines.sql_service.messages import Setup
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.sql_service.worker.at_work import AtWork, at_work, publish, setup_for, zygote


@pytest.fixture(scope="package")
def parent() -> Iterator[Parent]:
    """The process that forks workers."""
    with zygote() as found:
        yield found


@pytest.fixture(scope="package")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a generation."""
    settings = settings_in(tmp_path_factory.mktemp("generation") / "home")
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    try:
        return publish(settings, lake)
    finally:
        lake.duck.close()


@pytest.fixture(scope="package")
def worker(parent: Parent, generation: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AtWork]:
    """One worker for all tests that leave it whole, as callers follow each other."""
    with at_work(parent, setup_for(generation, tmp_path_factory.mktemp("spill") / "own")) as found:
        yield found


@pytest.fixture
def setup(generation: Path, tmp_path: Path) -> Setup:
    """What a worker of one test's own is made with."""
    return setup_for(generation, tmp_path / "spill")


@pytest.fixture
def own_worker(parent: Parent, setup: Setup) -> Iterator[AtWork]:
    """A worker for a test that wears it out."""
    with at_work(parent, setup) as found:
        yield found
