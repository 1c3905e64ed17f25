"""The process that forks, and its children, one by one."""

import socket
import tempfile

import psutil
import pytest

from analytics_pipelines.foundation.errors import TimedOut
from analytics_pipelines.foundation.workers.channel import receive_whole, send_whole
from analytics_pipelines.foundation.workers.child import Job
from analytics_pipelines.foundation.workers.limits import WorkerLimits
from analytics_pipelines.foundation.workers.outcomes import HEAD, Kind
from analytics_pipelines.foundation.workers.parent import LARGEST_ANSWER_BYTES, Child, Parent, packed
from analytics_pipelines_tests.foundation.workers import work
from analytics_pipelines_tests.waiting import wait_until


def soon():
    return 20.0


@pytest.fixture
def parent():
    found = Parent([])
    yield found
    found.end()


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Child(ours), theirs


def test_a_child_takes_a_job_and_tells_its_outcome(parent):
    child = parent.child()
    child.begin(packed(Job(work.greet, ("Ada",), WorkerLimits(2**28, 10), str(parent.folder))), soon)
    outcome = child.outcome(soon)
    assert (outcome.kind, outcome.content) == (Kind.ANSWER, b"hello Ada")
    child.let_go()


def test_a_child_without_a_job_ends_when_it_is_let_go(parent):
    child = parent.child()
    wait_until(lambda: len(psutil.Process(parent._process.pid).children()) == 1)
    child.let_go()
    wait_until(lambda: psutil.Process(parent._process.pid).children() == [])


def test_its_folder_is_private_and_goes_with_it(parent):
    assert parent.folder.stat().st_mode & 0o777 == 0o700
    assert parent.is_alive
    parent.end()
    assert not parent.folder.exists()
    assert not parent.is_alive
    with pytest.raises(OSError, match=r"descriptor|pipe"):
        parent.child()


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(HEAD.pack(b"=", LARGEST_ANSWER_BYTES + 1), id="too much"),
        pytest.param(HEAD.pack(b"x", 0), id="no kind"),
        pytest.param(b"short", id="no head"),
    ],
)
def test_what_is_no_outcome_is_an_end(ends, told):
    child, theirs = ends
    theirs.sendall(told)
    theirs.shutdown(socket.SHUT_WR)
    with pytest.raises(EOFError):
        child.outcome(soon)


@pytest.mark.parametrize("said", [b"", b"1"])
def test_a_child_that_is_gone_before_its_job_began_is_noticed(ends, said):
    child, theirs = ends
    if said:
        send_whole(theirs, said)
    theirs.close()
    with pytest.raises(EOFError):
        child.begin(b"job", soon)


def test_who_waits_for_a_child_may_give_up(ends):
    def enough():
        raise TimedOut("enough")

    with pytest.raises(TimedOut):
        ends[0].begin(b"job", enough)


def test_a_process_that_can_not_be_started_leaves_nothing(monkeypatch, tmp_path):
    def refuse(*_, **__):
        raise OSError("no more processes")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("analytics_pipelines.foundation.workers.parent.subprocess.Popen", refuse)
    with pytest.raises(OSError, match="no more"):
        Parent([])
    assert list(tmp_path.iterdir()) == []


def test_children_may_serve_something_else():
    parent = Parent(["json"], serve=work.__name__ + ":echoes")
    try:
        ours = [parent.child(), parent.child()]
        for child, said in zip(ours, (b"one", b"two"), strict=True):
            send_whole(child.end, said)
        assert [receive_whole(child.end) for child in ours] == [b"one!", b"two!"]
        pid = int(receive_whole(ours[0].end))
        assert psutil.Process(pid).ppid() == parent._process.pid
        ours[0].pid = pid
        ours[0].kill()
        wait_until(lambda: not psutil.pid_exists(pid))
        ours[1].let_go()
    finally:
        parent.end()


def test_a_function_that_is_not_there_ends_the_process():
    parent = Parent([], serve="json:no_such_function")
    child = parent.child()
    with pytest.raises(EOFError):
        receive_whole(child.end, soon)
    child.let_go()
    parent.end()
