"""What a process gives up of itself; most of it is tried by the real ones of test_cage.py."""

import errno
import os
from pathlib import Path

import pytest

from analytics_pipelines.foundation.cage import privileges
from analytics_pipelines.foundation.cage.kernel import machine

pytestmark = pytest.mark.skipif(not machine(), reason="only Linux has such rights")


def test_the_threads_of_this_process_are_counted():
    assert privileges.threads() == len(os.listdir("/proc/self/task"))  # noqa: PTH208 - another way to count


def test_capabilities_are_those_that_the_system_tells():
    told = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("CapEff"))
    assert privileges.capabilities() == int(told.split()[1], 16) & 0xFFFFFFFF


@pytest.mark.parametrize(
    ("uid", "held", "can"),
    [
        pytest.param(0, privileges.SETUID | privileges.SETGID, True, id="root"),
        pytest.param(0, privileges.SETUID, False, id="root that may change only half"),
        pytest.param(0, 0, False, id="root of a container that may not"),
        pytest.param(1000, 0, False, id="a plain user"),
    ],
)
def test_only_root_with_both_rights_can_change_its_user(monkeypatch, uid, held, can):
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setattr(privileges, "capabilities", lambda: held)
    assert privileges.can_change_user() is can


def test_a_user_that_did_not_change_is_noticed(monkeypatch):
    for name in ("setgroups", "setresgid", "setresuid"):
        monkeypatch.setattr(os, name, lambda *_: None)
    with pytest.raises(OSError, match="has not changed") as found:
        privileges.become(62998, 62998)
    assert found.value.errno == errno.EPERM


def test_a_system_that_does_not_tell_has_no_capabilities(monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSYS, "capget")

    monkeypatch.setattr(privileges, "call", refuse)
    assert privileges.capabilities() == 0
