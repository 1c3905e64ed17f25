"""The filter, run step by step as the kernel would, for both machines."""

import errno

import pytest

from analytics_pipelines.foundation.cage import seccomp
from analytics_pipelines.foundation.cage.kernel import Answer, calls
from analytics_pipelines.foundation.cage.looks import THREAD, looks
from analytics_pipelines.foundation.cage.seccomp import (
    ALLOW,
    ARCHITECTURES,
    KILL_PROCESS,
    REFUSE,
    UNKNOWN,
    is_there,
    program,
    restrict,
)

PID = 4711
MOST_STEPS = 4096
MACHINES = sorted(ARCHITECTURES)


def answer(machine, number, *arguments, architecture=None):
    """What the filter gives; only the lower half of an argument is read."""
    data = {seccomp.AT_NUMBER: number, seccomp.AT_ARCHITECTURE: architecture or ARCHITECTURES[machine]}
    for place, value in enumerate(arguments):
        data[seccomp.AT_ARGUMENTS + 8 * place] = value & 0xFFFFFFFF
    steps, at, held = program(machine, PID), 0, 0
    compared = {
        seccomp.JUMP_IF_EQUAL: lambda value: held == value,
        seccomp.JUMP_IF_GREATER: lambda value: held > value,
        seccomp.JUMP_IF_AT_LEAST: lambda value: held >= value,
    }
    while steps[at].code != seccomp.RETURN:
        step = steps[at]
        at += 1
        if step.code == seccomp.LOAD:
            held = data.get(step.value, 0)
        elif step.code == seccomp.AND:
            held &= step.value
        else:
            at += step.if_so if compared[step.code](step.value) else step.if_not
    return steps[at].value


def named(machine, name, *arguments):
    return answer(machine, calls(machine)[name].number, *arguments)


@pytest.mark.parametrize("machine", MACHINES)
def test_each_call_gets_what_the_list_says(machine):
    told = {Answer.ALLOW: ALLOW, Answer.REFUSE: REFUSE, Answer.UNKNOWN: UNKNOWN}
    listed = [each for each in calls(machine).values() if each.answer in told]
    wrong = [each.name for each in listed if answer(machine, each.number) != told[each.answer]]
    assert wrong == []


@pytest.mark.parametrize("machine", MACHINES)
def test_numbers_that_the_list_does_not_have_are_not_there(machine):
    known = {each.number for each in calls(machine).values()}
    others = [number for number in (*range(480), 999, 0x3FFFFFFF) if number not in known]
    assert {answer(machine, number) for number in others} == {UNKNOWN}


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("other", [0x40000003, 0x40000028, 0])
def test_another_architecture_ends_the_process(machine, other):
    assert answer(machine, 0, architecture=other or 1) == KILL_PROCESS


@pytest.mark.parametrize("number", [0x40000000, 0x40000027, 0x7FFFFFFF, 0xFFFFFFFF])
def test_numbers_of_x32_end_the_process(number):
    assert answer("x86_64", number) == KILL_PROCESS


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("name", "arguments", "is_allowed"),
    [
        pytest.param("clone", (0x3D0F00,), True, id="a thread, as glibc starts it"),
        pytest.param("clone", (0x11,), False, id="a fork"),
        pytest.param("clone", (0x4111,), False, id="a vfork"),
        pytest.param("clone", (THREAD | 0x10000000,), False, id="a thread in a user namespace"),
        pytest.param("kill", (PID, 9), True, id="itself"),
        pytest.param("kill", (PID + 1, 9), False, id="another"),
        pytest.param("kill", (0, 9), False, id="its group"),
        pytest.param("kill", (-1, 9), False, id="everybody"),
        pytest.param("kill", (-PID, 9), False, id="the group that it leads"),
        pytest.param("tgkill", (PID, PID + 5, 6), True, id="a thread of its own"),
        pytest.param("tgkill", (1, 1, 6), False, id="a thread of another"),
        pytest.param("prlimit64", (0,), True, id="its own limits"),
        pytest.param("prlimit64", (1,), False, id="another's limits"),
        pytest.param("fcntl", (3, 4), True, id="flags of a descriptor"),
        pytest.param("fcntl", (3, 8), False, id="whom to signal"),
        pytest.param("ioctl", (3, 0x5421), True, id="not to wait"),
        pytest.param("ioctl", (3, 0x5412), False, id="typing into a terminal"),
        pytest.param("prctl", (15,), True, id="a thread's name"),
        pytest.param("prctl", (1,), False, id="outliving its parent"),
        pytest.param("prctl", (22,), False, id="another filter"),
        pytest.param("setsockopt", (3, 1, 7), True, id="the size of a buffer"),
        pytest.param("setsockopt", (3, 1, 26), False, id="a filter of packets"),
    ],
)
def test_arguments_decide_where_the_list_says_look(machine, name, arguments, is_allowed):
    assert named(machine, name, *arguments) == (ALLOW if is_allowed else REFUSE)


@pytest.mark.parametrize("machine", MACHINES)
def test_it_is_short_enough_and_every_jump_lands(machine):
    steps = program(machine, PID)
    assert len(steps) < MOST_STEPS
    jumps = [each for each in steps if each.code not in {seccomp.LOAD, seccomp.AND, seccomp.RETURN}]
    assert max(max(each.if_so, each.if_not) for each in jumps) < 2**8
    assert {each.call for each in looks(PID)} == {
        each.name for each in calls(machine).values() if each.answer is Answer.LOOK
    }


def test_a_machine_whose_numbers_are_not_known_has_none(monkeypatch):
    monkeypatch.setattr(seccomp, "machine", lambda: "riscv64")
    assert not is_there()
    with pytest.raises(OSError, match="machine") as found:
        restrict()
    assert found.value.errno == errno.ENOSYS


def test_a_kernel_that_refuses_the_call_has_none(monkeypatch):
    def refuse(*_):
        raise OSError(errno.EINVAL, "no such action")

    monkeypatch.setattr(seccomp, "call", refuse)
    assert not is_there()
