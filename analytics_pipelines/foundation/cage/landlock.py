"""Landlock: a process that gives up all files, but those below some descriptors, and cannot take it back.

Whatever the kernel's version knows is given up: file rights, TCP, and from version 6 on abstract Unix sockets and
signals to others. https://docs.kernel.org/userspace-api/landlock.html
"""

import ctypes
import os
import stat
from collections.abc import Iterable

from analytics_pipelines.foundation.cage.kernel import call

VERSION = 1 << 0
PATH_BENEATH = 1

EXECUTE = 1 << 0
WRITE_FILE = 1 << 1
READ_FILE = 1 << 2
READ_DIR = 1 << 3
REMOVE_DIR = 1 << 4
REMOVE_FILE = 1 << 5
MAKE_DIR = 1 << 7
MAKE_REG = 1 << 8
REFER = 1 << 13
TRUNCATE = 1 << 14

READ = READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER | TRUNCATE
"""No device, socket, pipe or symbolic link is made, and nothing run."""
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
"""The kernel refuses others for what is no folder."""

FILES_BY_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""All file rights that a version knows, from that version on."""
TCP_SINCE = 4
TCP = (1 << 0) | (1 << 1)
"""Bind and connect."""
SCOPES_SINCE = 6
SCOPES = (1 << 0) | (1 << 1)
"""Abstract Unix sockets and signals: only within the cage."""


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathBeneath(ctypes.Structure):
    # The kernel's has no padding at the end, and reads none.
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def version() -> int:
    """The version of Landlock that the kernel speaks; 0 where it has none, or it is off, or forbidden here."""
    try:
        return call("landlock_create_ruleset", None, 0, VERSION)
    except OSError:
        return 0


def restrict(read: Iterable[int], write: Iterable[int]) -> None:
    """Leave this thread, and those that it starts, what lies below the descriptors: nothing else is opened any more.

    Needs no new privileges to be set; raises `OSError` where the kernel can not, or a descriptor is none.
    """
    spoken = version()
    handled = file_rights(spoken)
    ruleset = _ruleset(spoken)
    try:
        for rights, descriptors in ((READ, read), (WRITE, write)):
            for descriptor in descriptors:
                _allow(ruleset, descriptor, rights & handled)
        call("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def file_rights(spoken: int) -> int:
    """All file rights that this version knows, as bits."""
    return max((bits for since, bits in FILES_BY_VERSION.items() if since <= spoken), default=0)


def _ruleset(spoken: int) -> int:
    asked = _Ruleset(
        file_rights(spoken),
        TCP if spoken >= TCP_SINCE else 0,
        SCOPES if spoken >= SCOPES_SINCE else 0,
    )
    return call("landlock_create_ruleset", asked, ctypes.sizeof(asked), 0)


def _allow(ruleset: int, descriptor: int, rights: int) -> None:
    is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
    rule = _PathBeneath(rights if is_folder else rights & OF_A_FILE, descriptor)
    call("landlock_add_rule", ruleset, PATH_BENEATH, rule, 0)
