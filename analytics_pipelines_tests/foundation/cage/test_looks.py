"""Calls that are allowed by their arguments."""

from analytics_pipelines.foundation.cage.looks import NAMESPACES_AND_TRACING, THREAD, looks

CLONE_FLAGS = {
    "NEWNS": 0x00020000,
    "NEWCGROUP": 0x02000000,
    "NEWUTS": 0x04000000,
    "NEWIPC": 0x08000000,
    "NEWUSER": 0x10000000,
    "NEWPID": 0x20000000,
    "NEWNET": 0x40000000,
    "PTRACE": 0x00002000,
}


def test_every_namespace_is_looked_for():
    assert sum(CLONE_FLAGS.values()) == NAMESPACES_AND_TRACING
    assert not THREAD & NAMESPACES_AND_TRACING


def test_each_call_is_looked_at_once_and_some_only_for_the_process_itself():
    found = {each.call: each for each in looks(77)}
    assert len(found) == len(looks(77))
    assert [found[each].values for each in ("kill", "tgkill", "prlimit64")] == [(77,), (77,), (0, 77)]
