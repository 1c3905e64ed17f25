"""What a forked process does with its one job, tried in this process."""

import pickle
import socket
import tempfile
import threading

import pytest

from analytics_pipelines.foundation.errors import DiskFull
from analytics_pipelines.foundation.workers.channel import receive, receive_whole, send_whole
from analytics_pipelines.foundation.workers.child import Job, done, serve
from analytics_pipelines.foundation.workers.limits import WorkerLimits
from analytics_pipelines.foundation.workers.outcomes import HEAD, Kind, error_of
from analytics_pipelines_tests.foundation.workers import work


@pytest.fixture(autouse=True)
def unbound(monkeypatch, tmp_path):
    """This process lives on: no bounds, and its folder and mask come back."""
    monkeypatch.setattr(WorkerLimits, "impose", lambda _: None)
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr("analytics_pipelines.foundation.workers.child.os.umask", lambda _: None)
    monkeypatch.chdir(tmp_path)


def job(tmp_path, function, *arguments):
    return pickle.dumps(Job(function, arguments, WorkerLimits(2**30, 10), str(tmp_path)))


def fill_the_disk():
    raise OSError(28, "No space left on device")


def run_out():
    raise MemoryError


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        pytest.param(work.pid, Kind.ANSWER, id="an answer"),
        pytest.param(work.raises_ours, Kind.ERROR, id="an error of ours"),
        pytest.param(work.raises_another, Kind.MISTAKE, id="another error"),
        pytest.param(work.gives_text, Kind.MISTAKE, id="no bytes"),
        pytest.param(work.leaves, Kind.MISTAKE, id="an exit"),
        pytest.param(run_out, Kind.NO_MEMORY, id="no memory"),
    ],
)
def test_a_job_has_one_outcome(tmp_path, function, kind):
    assert done(job(tmp_path, function)).kind is kind


def test_a_full_disk_is_named(tmp_path):
    assert isinstance(error_of(done(job(tmp_path, fill_the_disk)).content, "x"), DiskFull)


def test_it_says_who_it_is_does_its_job_and_tells(tmp_path):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        serving = threading.Thread(target=serve, args=(theirs,))
        serving.start()
        assert int(receive_whole(ours)) > 0
        send_whole(ours, job(tmp_path, work.greet, "Ada"))
        assert receive_whole(ours) == b""
        kind, length = HEAD.unpack(receive(ours, HEAD.size, lambda: 5))
        assert (Kind(kind), receive(ours, length, lambda: 5)) == (Kind.ANSWER, b"hello Ada")
        serving.join()


def test_without_a_job_it_ends():
    ours, theirs = socket.socketpair()
    with theirs:
        ours.close()
        with pytest.raises(OSError, match="pipe"):
            serve(theirs)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.shutdown(socket.SHUT_WR)
        serve(theirs)
        assert int(receive_whole(ours)) > 0
