"""Calls of the kernel by name: the numbers are those of the machine, and an error says which."""

import errno
import os
import re
from pathlib import Path

import pytest

from analytics_pipelines.foundation.cage import kernel
from analytics_pipelines.foundation.cage.kernel import Answer, call, calls

HEADER = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
KNOWN = {
    "x86_64": {"read": 0, "socket": 41, "execve": 59, "seccomp": 317, "landlock_restrict_self": 446},
    "aarch64": {"read": 63, "socket": 198, "execve": 221, "seccomp": 277, "landlock_restrict_self": 446},
}
MACHINES = sorted(KNOWN)
SINCE_5_1 = 424
"""From this number on all machines count alike."""


@pytest.mark.parametrize("machine", MACHINES)
def test_each_number_stands_for_one_call(machine):
    numbers = [each.number for each in calls(machine).values()]
    assert len(numbers) == len(set(numbers))
    assert {name: calls(machine)[name].number for name in KNOWN[machine]} == KNOWN[machine]


def test_machines_agree_on_newer_numbers_and_on_every_answer():
    one, other = (calls(each) for each in MACHINES)
    assert {n: c.number for n, c in one.items() if c.number >= SINCE_5_1} == {
        n: c.number for n, c in other.items() if c.number >= SINCE_5_1
    }
    both = one.keys() & other.keys()
    assert {name: one[name].answer for name in both} == {name: other[name].answer for name in both}


@pytest.mark.skipif(not HEADER.exists(), reason="the C library's headers are not installed")
def test_the_numbers_are_those_of_the_headers():
    told = dict(re.findall(r"#define __NR_(\w+)\s+(\d+)", HEADER.read_text()))
    ours = {name: str(each.number) for name, each in calls("x86_64").items() if name in told}
    assert ours == {name: told[name] for name in ours}
    assert told.keys() - calls("x86_64").keys() == {"syscalls"} & told.keys()


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    "name",
    [
        *("socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "execve", "execveat", "ptrace"),
        *("process_vm_readv", "process_vm_writev", "tkill", "rt_sigqueueinfo", "pidfd_send_signal", "pidfd_getfd"),
        *("mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "unshare", "setns", "bpf"),
        *("perf_event_open", "keyctl", "add_key", "request_key", "userfaultfd", "io_uring_setup", "io_uring_enter"),
        *("io_uring_register", "io_setup", "open_by_handle_at", "memfd_create", "shmget", "semget", "msgget"),
        *("mq_open", "personality", "init_module", "finit_module", "kexec_load", "kexec_file_load", "reboot", "setuid"),
        *("swapon", "quotactl", "settimeofday", "splice", "vmsplice", "fanotify_init", "truncate", "fchmodat"),
    ],
)
def test_what_a_cage_is_for_is_refused(machine, name):
    assert calls(machine)[name].answer is Answer.REFUSE


def test_a_machine_that_is_not_known_has_no_calls(monkeypatch):
    assert calls("riscv64") == {}
    assert calls("") == {}
    monkeypatch.setattr(kernel, "machine", lambda: "")
    with pytest.raises(OSError, match="getpid") as found:
        call("getpid")
    assert found.value.errno == errno.ENOSYS


@pytest.mark.skipif(not kernel.machine(), reason="only Linux has such calls")
def test_a_call_gives_its_result_or_its_error():
    assert call("getpid") == os.getpid()
    with pytest.raises(OSError, match="close") as found:
        call("close", -1)
    assert found.value.errno == errno.EBADF
    with pytest.raises(OSError, match="no_such_call"):
        call("no_such_call")
