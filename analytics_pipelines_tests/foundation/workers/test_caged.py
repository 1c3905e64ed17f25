"""Jobs that name what they read are caged: they read that and code, write in their folders, and nothing else."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from analytics_pipelines.foundation.cage import supported
from analytics_pipelines.foundation.workers import WorkerLimits, Workers, caged
from analytics_pipelines_tests.foundation.workers import work

LIMITS = WorkerLimits(memory_bytes=2**28, deadline_s=20)
needs_kernel = pytest.mark.skipif(
    not (supported()["landlock"] and supported()["seccomp"]), reason="this machine lacks a part of the cage"
)


@pytest.fixture(scope="module")
def workers():
    with closing(Workers([], most=1)) as found:
        yield found


@pytest.fixture
def rooms(tmp_path):
    for name in ("given", "elsewhere", "beside"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    return tmp_path


def tried(workers, rooms, limits):
    return workers.run(work.tries_to_leave, str(rooms), limits=limits).decode().split()


@needs_kernel
def test_a_caged_job_has_what_it_names_and_its_folder(workers, rooms):
    limits = replace(LIMITS, reads=(str(rooms / "given"), str(rooms / "gone")), writes=(str(rooms / "beside"),))
    done = tried(workers, rooms, limits)
    assert done == ["reads_given", "writes_own", "writes_beside", "imports_late", "reads_a_zone"]


@needs_kernel
def test_a_job_may_name_one_file(workers, rooms):
    limits = replace(LIMITS, reads=(str(rooms / "given" / "file"),))
    assert tried(workers, rooms, limits) == ["reads_given", "writes_own", "imports_late", "reads_a_zone"]


def test_a_job_that_names_nothing_is_free(workers, rooms):
    done = tried(workers, rooms, LIMITS)
    assert {"reads_elsewhere", "writes_elsewhere", "opens_a_socket", "runs_a_program"} <= set(done)


def test_what_is_lacking_is_logged_once(monkeypatch):
    monkeypatch.setattr(caged, "supported", lambda: {"landlock": False, "seccomp": True})
    caged.tell_what_is_lacking.cache_clear()
    with structlog.testing.capture_logs() as logs:
        caged.tell_what_is_lacking()
        caged.tell_what_is_lacking()
    caged.tell_what_is_lacking.cache_clear()
    assert [(line["log_level"], line["lacking"]) for line in logs] == [("warning", ["landlock"])]


def test_folders_of_code_hold_python_and_the_package_but_not_the_project():
    folders = [Path(each) for each in caged.code()]
    package = Path(caged.__file__).parents[2]
    assert package in folders
    assert not any(package.parent.is_relative_to(each) for each in folders)
