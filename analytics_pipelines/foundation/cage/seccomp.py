"""seccomp: a filter, made of `calls.csv`, that decides each call of the kernel before it is made.

What is allowed is listed; everything else is refused, and what the list does not know is answered as an older kernel
would. https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

import ctypes
import errno
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from analytics_pipelines.foundation.cage.kernel import Answer, Call, call, calls, machine
from analytics_pipelines.foundation.cage.looks import Look, looks

SET_MODE_FILTER = 1
GET_ACTION_AVAIL = 2

KILL_PROCESS = 0x80000000
RETURN_ERROR = 0x00050000
ALLOW = 0x7FFF0000
REFUSE = RETURN_ERROR | errno.EPERM
UNKNOWN = RETURN_ERROR | errno.ENOSYS
ANSWERS = {Answer.ALLOW: ALLOW, Answer.REFUSE: REFUSE, Answer.UNKNOWN: UNKNOWN}

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32 = 0x40000000
"""Numbers from here on are those of x86_64's other interface, which a filter by number would miss."""

LOAD = 0x20
AND = 0x54
JUMP_IF_EQUAL = 0x15
JUMP_IF_GREATER = 0x25
JUMP_IF_AT_LEAST = 0x35
RETURN = 0x06

AT_NUMBER = 0
AT_ARCHITECTURE = 4
AT_ARGUMENTS = 16
ARGUMENT_BYTES = 8
WHOLE = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Step:
    """An instruction of the filter; jumps count the steps that are passed over."""

    code: int
    value: int
    if_so: int = 0
    if_not: int = 0


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("jt", ctypes.c_uint8),
        ("jf", ctypes.c_uint8),
        ("k", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("len", ctypes.c_uint16), ("filter", ctypes.POINTER(_Instruction)))


def is_there() -> bool:
    """Whether the kernel takes filters like ours, and we know the numbers of its calls."""
    if machine() not in ARCHITECTURES:
        return False
    try:
        call("seccomp", GET_ACTION_AVAIL, 0, ctypes.create_string_buffer(KILL_PROCESS.to_bytes(4, "little")))
    except OSError:
        return False
    return True


def restrict() -> None:
    """Filter the calls of this thread, and of those that it starts, for good.

    Needs no new privileges to be set; raises `OSError` where the kernel can not.
    """
    name = machine()
    if name not in ARCHITECTURES:
        raise OSError(errno.ENOSYS, "seccomp: no numbers for this machine")
    steps = program(name, os.getpid())
    instructions = (_Instruction * len(steps))(*(_Instruction(s.code, s.if_so, s.if_not, s.value) for s in steps))
    call("seccomp", SET_MODE_FILTER, 0, _Program(len(steps), instructions))


def program(name: str, pid: int) -> list[Step]:
    """The filter for such a machine and the process `pid`, which may look after nobody but itself."""
    known = calls(name)
    return [
        *_of_this_machine(name),
        *(step for look in looks(pid) if look.call in known for step in _looking(known[look.call], look)),
        *_by_number([each for each in known.values() if each.answer in ANSWERS]),
        Step(RETURN, UNKNOWN),
    ]


def _of_this_machine(name: str) -> Iterator[Step]:
    """Calls of another interface of the kernel end the process; then the call's number is at hand."""
    yield Step(LOAD, AT_ARCHITECTURE)
    yield Step(JUMP_IF_EQUAL, ARCHITECTURES[name], if_so=1)
    yield Step(RETURN, KILL_PROCESS)
    yield Step(LOAD, AT_NUMBER)
    yield Step(JUMP_IF_AT_LEAST, X32, if_not=1)
    yield Step(RETURN, KILL_PROCESS)


def _looking(one: Call, look: Look) -> list[Step]:
    """Of one call: allowed if the argument's bits in the mask are one of the values. The kernel reads 32 bits too."""
    inside = [
        Step(LOAD, AT_ARGUMENTS + ARGUMENT_BYTES * look.argument),
        Step(AND, look.mask & WHOLE),
        *(Step(JUMP_IF_EQUAL, value, if_so=left) for left, value in _counting_down(look.values)),
        Step(RETURN, REFUSE),
        Step(RETURN, ALLOW),
    ]
    return [Step(JUMP_IF_EQUAL, one.number, if_not=len(inside)), *inside]


def _counting_down(values: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Each value with the steps to pass over from there to the last one."""
    yield from zip(range(len(values), 0, -1), values, strict=True)


def _by_number(known: Sequence[Call]) -> Iterator[Step]:
    """From the lowest number up, what runs of numbers get: a third of the steps that each alone would take."""
    by_number = {each.number: ANSWERS[each.answer] for each in known}
    every = range(max(by_number) + 1)
    for answer, run in groupby(every, key=lambda number: by_number.get(number, UNKNOWN)):
        yield Step(JUMP_IF_GREATER, max(run), if_so=1)
        yield Step(RETURN, answer)
