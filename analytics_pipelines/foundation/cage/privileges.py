"""What a process gives up of itself: its user, its capabilities, the hope of more, and being looked into."""

import ctypes
import errno
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analytics_pipelines.foundation.cage.kernel import call

PR_SET_PDEATHSIG = 1
PR_GET_PDEATHSIG = 2
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38

SETGID = 1 << 6
SETUID = 1 << 7
OVER_FILES = (1 << 1) | (1 << 2) | (1 << 3)
"""DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER: root without them may not enter other users' folders."""
CAPABILITIES_VERSION = 0x20080522
WORDS = 2


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (("words", ctypes.c_uint32 * (3 * WORDS)),)


def can_change_user() -> bool:
    """Whether this process may take another user's id."""
    return os.geteuid() == 0 and capabilities() & (SETGID | SETUID) == SETGID | SETUID


def capabilities() -> int:
    """The capabilities in effect, as bits; none where the system does not tell."""
    try:
        return int(_sets().words[0])
    except OSError:
        return 0


def become(uid: int, gid: int) -> None:
    """Be that user and group alone, for good; raises `OSError` where we may not, or the ids are none here."""
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if os.getresuid() != (uid, uid, uid) or os.getresgid() != (gid, gid, gid) or os.getgroups():
        raise OSError(errno.EPERM, "The user has not changed.")


def keep_capabilities(kept: int) -> None:
    """Have none but those, and only if they are there already; raises `OSError`."""
    now = _sets()
    for word, each in enumerate(now.words):
        # Effective, permitted, inheritable; then the same of capabilities above 31.
        now.words[word] = each & kept if word in {0, 1} else 0
    call("capset", _Header(CAPABILITIES_VERSION, 0), now)


def no_new_privileges() -> None:
    """Nothing that this process runs will ever have more rights than it has."""
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def closed_to_view() -> None:
    """Processes of the same user can neither trace it nor read its memory, and it leaves no core."""
    call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0)


@contextmanager
def still_dying_with_parent() -> Iterator[None]:
    """The kernel forgets at a change of user that a process is to end with its parent: tell it again."""
    found = ctypes.create_string_buffer(4)
    call("prctl", PR_GET_PDEATHSIG, found, 0, 0, 0)
    parent = os.getppid()
    yield
    death = int.from_bytes(found.raw, "little")
    if death:
        call("prctl", PR_SET_PDEATHSIG, death, 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)


def threads() -> int:
    """How many this process has, those of libraries too."""
    return len(list(Path("/proc/self/task").iterdir()))


def _sets() -> _Sets:
    found = _Sets()
    call("capget", _Header(CAPABILITIES_VERSION, 0), found)
    return found
