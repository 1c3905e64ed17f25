"""From a set-up to a worker in its cage: what it can still open, and what of a cage may be missing."""

import os
from dataclasses import replace

import pytest

from analytics_pipelines.foundation.duck import extension_file
from analytics_pipelines.foundation.generation.pointer import lock_generation
from analytics_pipelines.sql_service.allowance import Rights
from analytics_pipelines_tests.sql_service.worker.at_work import ROWS, at_work

MEMORY_BYTES = 32_000_000
SORT = "SELECT i FROM (SELECT range AS i, md5(CAST(range AS VARCHAR)) AS text FROM range(700000)) ORDER BY text"
COUNT = "SELECT count(*) FROM raw_shop__visits"


def test_the_folders_above_may_be_closed_to_its_user(parent, setup, tmp_path):
    os.chmod(tmp_path, 0o700)
    with at_work(parent, setup) as worker:
        assert worker.ask(COUNT).rows == [[ROWS]]
        assert worker.ask(COUNT, rights=Rights.ADMIN).rows == [[ROWS]]


def test_a_generation_is_not_swept_away_under_a_worker(parent, setup, generation):
    with at_work(parent, setup):
        assert lock_generation(generation, exclusive=True) is None


def test_what_does_not_fit_into_memory_goes_to_the_spill_folder(parent, setup, tmp_path):
    with at_work(parent, replace(setup, memory_bytes=MEMORY_BYTES)) as worker:
        outcome = worker.ask(SORT, row_limit=10_000)
        assert outcome.answered.error is None, outcome.answered.error
    assert (tmp_path / "spill" / "duck-analyst").exists()


def test_what_does_not_fit_on_the_disk_either_is_told(parent, setup):
    with at_work(parent, replace(setup, memory_bytes=MEMORY_BYTES, most_spilled_bytes=2**22)) as worker:
        outcome = worker.ask(SORT, row_limit=10_000)
        assert (outcome.error["code"], outcome.done.error_class) == ("DuckDBResourceError", "resource")


@pytest.mark.needs_extension
def test_extensions_of_the_operator_are_there_for_all_rights(parent, setup):
    with at_work(parent, replace(setup, extensions=(str(extension_file("httpfs")),))) as worker:
        assert worker.ask(COUNT).rows == [[ROWS]]
        assert worker.ask(COUNT, rights=Rights.ADMIN).rows == [[ROWS]]


@pytest.mark.parametrize("part", ["landlock", "seccomp", "user"])
def test_parts_that_may_be_missing_are_used_where_they_are_there(parent, setup, part):
    with at_work(parent, replace(setup, may_lack=(part,))) as worker:
        assert worker.ready["lacks"] == []
        assert worker.ask(COUNT).rows == [[ROWS]]
