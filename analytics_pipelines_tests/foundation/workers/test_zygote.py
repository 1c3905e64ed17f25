"""The process that forks: it reaps its children, takes no signal but the last, and leaves no folder."""

import os
import signal
import socket
import subprocess
import sys

import psutil
import pytest

from analytics_pipelines.foundation.workers.channel import receive_whole
from analytics_pipelines.foundation.workers.environment import environment_of
from analytics_pipelines_tests.waiting import wait_until

MODULE = "analytics_pipelines.foundation.workers.zygote"


@pytest.fixture
def zygote(tmp_path):
    """The process, the socket that asks it, and its folder."""
    folder = tmp_path / "folder"
    folder.mkdir()
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-P", "-m", MODULE, str(theirs.fileno()), str(folder), "json"]
    with ours, theirs:
        environment = environment_of(sys.path)
        with subprocess.Popen(command, env=environment, pass_fds=[theirs.fileno()]) as process:
            theirs.close()
            yield process, ours, folder
            ours.close()


def forked(control):
    ours, theirs = socket.socketpair()
    with theirs:
        socket.send_fds(control, [b"f"], [theirs.fileno()])
    return ours, int(receive_whole(ours))


@pytest.mark.fault
def test_children_are_reaped_however_they_end(zygote):
    process, control, _ = zygote
    ended, killed = forked(control), forked(control)
    assert len(psutil.Process(process.pid).children()) == 2
    ended[0].close()
    os.kill(killed[1], signal.SIGKILL)
    wait_until(lambda: psutil.Process(process.pid).children() == [])
    killed[0].close()


@pytest.mark.fault
def test_it_ends_with_the_socket_and_takes_all_along(zygote):
    process, control, folder = zygote
    end, pid = forked(control)
    for polite in (signal.SIGINT, signal.SIGTERM):
        process.send_signal(polite)
    again, _ = forked(control)
    control.close()
    assert process.wait(10) == 0
    assert not psutil.pid_exists(pid)
    assert not folder.exists()
    end.close()
    again.close()
