"""The self-test finds what is open: of an instance without a lock, of a process without a cage, and nothing in a cage."""

from pathlib import Path

import duckdb
import pytest

from analytics_pipelines.foundation.cage import LANDLOCK, SECCOMP, USER
from analytics_pipelines.sql_service.errors import Uncaged
from analytics_pipelines.sql_service.worker.engine import Instance
from analytics_pipelines.sql_service.worker.self_test import ATTACKS, CANARY, check_instance, check_process
from analytics_pipelines.sql_service.worker.shown import Shown

ALL = {LANDLOCK, SECCOMP, USER}


@pytest.fixture
def open_instance():
    with duckdb.connect(":memory:") as connection:
        yield Instance(connection, Shown({}, {}))


def test_an_open_instance_is_noticed(open_instance, tmp_path):
    with pytest.raises(Uncaged, match="read_text"):
        check_instance(open_instance, tmp_path, tmp_path, ())


def test_a_generation_that_can_be_written_is_noticed_unless_nothing_is_there_to_stop_it(open_instance, tmp_path):
    generation, spill = tmp_path / "generation", tmp_path / "spill"
    generation.mkdir()
    open_instance.connection.execute("SET allowed_directories = ['" + str(generation) + "/', '" + str(spill) + "/']")
    open_instance.connection.execute("SET enable_external_access = false")
    open_instance.connection.execute("SET lock_configuration = true")
    check_instance(open_instance, generation, spill, {LANDLOCK})
    assert list(generation.iterdir()) == []
    with pytest.raises(Uncaged, match="COPY"):
        check_instance(open_instance, generation, spill, ())


@pytest.mark.parametrize("part", [LANDLOCK, SECCOMP])
def test_an_open_process_is_noticed(part):
    with pytest.raises(Uncaged):
        check_process(ALL - {part})


def test_parts_that_are_missing_and_accepted_are_not_tried():
    check_process(ALL)
    assert {part for _, part, _ in ATTACKS} == ALL


def test_the_test_leaves_nothing_behind(worker):
    assert worker.ready
    assert not list(Path("/tmp").glob(CANARY.removeprefix("/tmp/") + "*"))  # noqa: S108 - where it would be
