"""Asking the kernel directly: its calls by name, without a library that a machine might not have."""

import csv
import ctypes
import errno
import os
import platform
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files

TABLE = "calls.csv"
LINUX = "Linux"

Argument = int | ctypes.Array[ctypes.c_char] | ctypes.Structure | None


class Answer(Enum):
    """What a caged process gets for a call, as `calls.csv` has it."""

    ALLOW = "allow"
    REFUSE = "refuse"
    """`EPERM`."""
    UNKNOWN = "unknown"
    """`ENOSYS`, as if the kernel were older, so that the C library takes another way."""
    LOOK = "look"
    """Its arguments decide."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the kernel: its number on this machine, and what a caged process gets for it."""

    name: str
    number: int
    answer: Answer


@cache
def calls(machine: str) -> dict[str, Call]:
    """The calls of such a machine by name; none for a machine that we do not know."""
    with files(__package__).joinpath(TABLE).open(encoding="ascii") as file:
        rows = [row for row in csv.DictReader(file) if row.get(machine)]
    return {row["name"]: Call(row["name"], int(row[machine]), Answer(row["answer"])) for row in rows}


def machine() -> str:
    """What this machine is called, e.g. `x86_64` or `aarch64`; empty where the system is no Linux."""
    return platform.machine() if platform.system() == LINUX else ""


def call(name: str, *arguments: Argument) -> int:
    """What the call gives; raises `OSError`, with `ENOSYS` where it can not be made at all."""
    found = calls(machine()).get(name)
    if found is None:
        raise OSError(errno.ENOSYS, name)
    ctypes.set_errno(0)
    result = int(_libc().syscall(ctypes.c_long(found.number), *(_passed(each) for each in arguments)))
    if result < 0:
        raise OSError(ctypes.get_errno(), name + ": " + os.strerror(ctypes.get_errno()))
    return result


def _passed(argument: Argument) -> object:
    """Whole registers: what is passed as an int would leave half of one as it was."""
    if argument is None or isinstance(argument, int):
        return ctypes.c_long(argument or 0)
    return ctypes.byref(argument)


@cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc
