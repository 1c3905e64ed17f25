"""Jobs in processes of their own: each ends in an answer or a named error, and leaves nothing behind."""

import os
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest
import structlog

from analytics_pipelines.foundation.errors import (
    AnalyticsError,
    BadInput,
    FaultAt,
    TimedOut,
    TooManyRequests,
    Unavailable,
)
from analytics_pipelines.foundation.workers import (
    Busy,
    Cancelled,
    FilePassed,
    MemoryPassed,
    WorkerDied,
    WorkerLimits,
    Workers,
)
from analytics_pipelines.foundation.workers.outcomes import HEAD
from analytics_pipelines_tests.foundation.workers import work
from analytics_pipelines_tests.waiting import wait_until

LIMITS = WorkerLimits(memory_bytes=2**28, deadline_s=20)
SHORT = WorkerLimits(memory_bytes=2**28, deadline_s=0.5)


@pytest.fixture(scope="module")
def workers():
    found = Workers([], most=2)
    yield found
    found.close()


@pytest.fixture
def note(tmp_path):
    return tmp_path / "pid"


def is_gone(pid):
    return not psutil.pid_exists(int(pid)) or psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE


def children_of(workers):
    return psutil.Process(workers._parent._process.pid).children(recursive=True)


def folders_of(workers):
    return list(workers._parent.folder.iterdir())


def test_a_job_gives_its_bytes(workers):
    assert workers.run(work.greet, "Ada", limits=LIMITS) == b"hello Ada"


def test_each_job_has_a_process_of_its_own(workers):
    pids = {workers.run(work.pid, limits=LIMITS) for _ in range(3)}
    assert len(pids) == 3
    assert str(os.getpid()).encode() not in pids


def test_an_answer_may_be_large_and_empty(workers):
    assert len(workers.run(work.large, 5 * 2**20, limits=LIMITS)) == 5 * 2**20
    assert workers.run(work.large, 0, limits=LIMITS) == b""


def test_an_error_of_ours_comes_back_as_it_was(workers):
    with pytest.raises(work.TooManyStars) as found:
        workers.run(work.raises_ours, limits=LIMITS)
    assert str(found.value) == "4 stars are too many. Limit: 3 stars. Count fewer."
    assert (found.value.stars, found.value.seen) == (4, ["Vega", "Deneb"])


def test_its_faults_and_its_wait_come_too(workers):
    with pytest.raises(BadInput) as found:
        workers.run(work.raises_faults, limits=LIMITS)
    assert found.value.faults == (FaultAt("/a", "X", "a is wrong"), FaultAt("/b", "Y", "so is b"))
    with pytest.raises(TooManyRequests) as found:
        workers.run(work.raises_for_a_while, limits=LIMITS)
    assert found.value.retry_after_s == 7


@pytest.mark.parametrize("failing", [work.raises_another, work.gives_text, work.leaves])
def test_any_other_error_is_for_the_log_alone(workers, failing):
    with structlog.testing.capture_logs() as logs, pytest.raises(WorkerDied) as found:
        workers.run(failing, limits=LIMITS)
    assert "hunter2" not in str(found.value)
    (line,) = logs
    assert (line["log_level"], line["work"]) == ("error", failing.__name__)
    assert "Traceback" in line["told"]
    assert found.value.__cause__ is None


@pytest.mark.parametrize(
    ("dying", "arguments"),
    [
        pytest.param(work.exits, (0,), id="exits as if all were well"),
        pytest.param(work.is_killed, (), id="is killed"),
        pytest.param(work.says_what_it_likes, (b"junk" * 100,), id="sends what is no outcome"),
        pytest.param(work.says_what_it_likes, (HEAD.pack(b"=", 2**62),), id="announces more than there is room for"),
        pytest.param(work.says_what_it_likes, (HEAD.pack(b"=", 100) + b"half",), id="sends half an answer"),
    ],
)
def test_a_process_that_ends_without_an_answer_died(workers, dying, arguments):
    with pytest.raises(WorkerDied):
        workers.run(dying, *arguments, limits=LIMITS)
    assert workers.run(work.greet, "again", limits=LIMITS) == b"hello again"


@pytest.mark.parametrize(
    ("hungry", "arguments"),
    [
        pytest.param(work.takes_memory, (2**30,), id="at once"),
        pytest.param(work.lists_without_end, (), id="bit by bit"),
    ],
)
def test_too_much_memory_has_a_name_and_a_limit(workers, hungry, arguments):
    with pytest.raises(MemoryPassed) as found:
        workers.run(hungry, *arguments, limits=LIMITS)
    assert found.value.limit == "268435456 bytes"
    assert workers.run(work.takes_memory, 2**27, limits=LIMITS) == b"134217728"


def test_too_large_a_file_has_a_name_and_a_limit(workers, tmp_path):
    limits = WorkerLimits(2**28, 20, largest_file_bytes=1000)
    assert workers.run(work.writes, str(tmp_path / "a"), 1000, limits=limits) == b"written"
    with pytest.raises(FilePassed, match="1000 bytes"):
        workers.run(work.writes, str(tmp_path / "b"), 1001, limits=limits)


def test_files_are_nobody_elses(workers, tmp_path):
    workers.run(work.writes, str(tmp_path / "a"), 1, limits=LIMITS)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


def test_the_deadline_ends_what_listens_to_no_signal(workers, note):
    started_s = time.monotonic()
    with pytest.raises(TimedOut, match=r"Limit: 0\.5 s"):
        workers.run(work.spins_deaf, str(note), limits=SHORT)
    assert time.monotonic() - started_s < 5
    wait_until(lambda: is_gone(note.read_text()))


def test_the_deadline_ends_what_the_process_began(workers, note):
    with pytest.raises(TimedOut):
        workers.run(work.has_a_child, str(note), limits=SHORT)
    wait_until(lambda: is_gone(note.read_text()))


def test_a_process_that_goes_on_after_its_answer_is_ended(workers, note):
    assert workers.run(work.answers_and_goes_on, str(note), limits=LIMITS) == b"ok"
    wait_until(lambda: is_gone(note.read_text()))


def test_work_that_nobody_wants_is_ended(workers, note):
    asked = []

    def wanted():
        asked.append(note.exists())
        return not note.exists()

    with pytest.raises(Cancelled):
        workers.run(work.sleeps, str(note), 60, limits=LIMITS, wanted=wanted)
    wait_until(lambda: is_gone(note.read_text()))
    assert len(asked) < 100


def test_an_error_while_asking_ends_the_work_too(workers, note):
    def wanted():
        if note.exists():
            raise Unavailable("PostgreSQL is away.")
        return True

    with pytest.raises(Unavailable, match="PostgreSQL"):
        workers.run(work.sleeps, str(note), 60, limits=LIMITS, wanted=wanted)
    wait_until(lambda: is_gone(note.read_text()))


def test_what_is_no_functions_of_a_module_can_not_be_sent(workers):
    with pytest.raises((pickle.PicklingError, AttributeError)):
        workers.run(lambda: b"", limits=LIMITS)


def test_the_process_is_bound_and_has_one_descriptor(workers):
    limits = WorkerLimits(2**28, 20, largest_file_bytes=77)
    assert workers.run(work.bounds, limits=limits) == b"[0, 22, 77]"
    assert workers.run(work.descriptors, limits=limits) == b"1"


def test_no_secret_reaches_the_process_and_sets_have_one_order(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hunter2")
    orders = set()
    for _ in range(2):
        with closing(Workers([], most=1, spare=0)) as fresh:
            assert fresh.run(work.environment, "SECRET_KEY", limits=LIMITS) == b"-"
            orders.add(fresh.run(work.order_of_a_set, limits=LIMITS))
    assert len(orders) == 1


def test_a_job_has_a_folder_of_its_own_that_goes_with_it(workers):
    told = workers.run(work.leaves_files, limits=LIMITS).decode().splitlines()
    folder, file, mode = told
    assert (Path(file).parent, mode) == (Path(folder), "0o700")
    assert not Path(folder).exists()
    with pytest.raises(WorkerDied):
        workers.run(work.is_killed, limits=LIMITS)
    assert folders_of(workers) == []


def test_more_jobs_than_turns_wait_and_no_more_than_the_turns_run(workers, tmp_path):
    most = []

    def seen():
        most.append(len(folders_of(workers)))
        return True

    def job(number):
        return workers.run(work.sleeps, str(tmp_path / str(number)), 0.3, limits=LIMITS, wanted=seen)

    with ThreadPoolExecutor(5) as threads:
        assert list(threads.map(job, range(5))) == [b"slept"] * 5
    assert max(most) <= 2


def test_who_waits_too_long_for_a_turn_is_told(note):
    with closing(Workers([], most=1, spare=0)) as one, ThreadPoolExecutor(1) as threads:
        running = threads.submit(one.run, work.sleeps, str(note), 1.5, limits=LIMITS)
        wait_until(note.exists)
        with pytest.raises(Busy, match="1 at once"):
            one.run(work.pid, limits=SHORT)
        with pytest.raises(Cancelled):
            one.run(work.pid, limits=LIMITS, wanted=lambda: False)
        assert running.result() == b"slept"
        assert one.run(work.greet, "now", limits=LIMITS) == b"hello now"


def test_who_would_wait_behind_too_many_is_told_at_once():
    with closing(Workers([], most=1, spare=0, waiting=1)) as one, one._place(), one._place():
        with pytest.raises(Busy, match="1 at once"):
            one.run(work.pid, limits=LIMITS)
        assert one._parent is None
    with one._place():
        pass


@pytest.mark.fault
def test_a_killed_spare_or_parent_costs_nothing_but_time(workers):
    workers.run(work.pid, limits=LIMITS)
    for _ in range(5):
        for spare in children_of(workers):
            with suppress(psutil.NoSuchProcess):  # that of the job before, which was ending
                spare.kill()
        assert workers.run(work.greet, "a", limits=LIMITS) == b"hello a"
    workers._parent._process.kill()
    workers._parent._process.wait()
    assert workers.run(work.greet, "b", limits=LIMITS) == b"hello b"


@pytest.mark.fault
@pytest.mark.parametrize("jobs", [30, pytest.param(1000, marks=pytest.mark.long)])
def test_nothing_is_left_of_many_jobs(workers, jobs):
    def job(number):
        try:
            return workers.run([work.pid, work.is_killed, work.raises_ours][number % 3], limits=LIMITS)
        except AnalyticsError:
            return b""

    job(0)
    before = psutil.Process().num_fds()
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(job, range(jobs)))
    wait_until(lambda: len(children_of(workers)) == 1)
    assert [child.status() for child in children_of(workers)] == [psutil.STATUS_SLEEPING]
    assert psutil.Process().num_fds() == before
    assert folders_of(workers) == []


def test_closing_ends_what_runs_and_refuses_what_comes(note):
    found = Workers([], most=1)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(found.run, work.sleeps, str(note), 60, limits=LIMITS)
        wait_until(lambda: note.exists() and note.read_text())
        folder, family = found._parent.folder, children_of(found)
        found.close()
        with pytest.raises(WorkerDied):
            running.result()
    wait_until(lambda: not folder.exists() and all(is_gone(each.pid) for each in family))
    with pytest.raises(Unavailable):
        found.run(work.pid, limits=LIMITS)
    found.close()


def test_warming_starts_a_spare_that_the_first_job_takes():
    with closing(Workers(["json"], most=1, spare=2)) as found:
        found.warm()
        wait_until(lambda: len(children_of(found)) == 2)
        waiting = {child.pid for child in children_of(found)}
        assert int(found.run(work.pid, limits=LIMITS)) in waiting


def test_a_module_that_is_not_there_is_an_error_not_a_wait():
    with closing(Workers(["no_such_module"], most=1, spare=0)) as found, pytest.raises(WorkerDied):
        found.run(work.pid, limits=LIMITS)


@pytest.mark.fault
def test_nothing_outlives_an_api_that_is_killed(tmp_path):
    script = (
        "import sys\n"
        "from analytics_pipelines.foundation.workers import WorkerLimits, Workers\n"
        "from analytics_pipelines_tests.foundation.workers import work\n"
        "workers = Workers([], most=1)\n"
        "workers.warm()\n"
        "print(workers._parent._process.pid, workers._parent.folder, flush=True)\n"
        "workers.run(work.has_a_child, sys.argv[1], limits=WorkerLimits(2**28, 60))\n"
    )
    note = tmp_path / "pid"
    api = subprocess.Popen([sys.executable, "-c", script, str(note)], stdout=subprocess.PIPE, text=True)
    with api:
        pid, folder = api.stdout.readline().split()
        wait_until(lambda: note.exists() and note.read_text())
        family = [psutil.Process(int(pid)), *psutil.Process(int(pid)).children(recursive=True)]
        assert len(family) == 4
        api.send_signal(signal.SIGKILL)
    wait_until(lambda: all(is_gone(each.pid) for each in family) and not Path(folder).exists())
