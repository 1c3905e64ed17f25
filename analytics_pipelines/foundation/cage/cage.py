"""The cage: entered once, by a process with one thread, and never left."""

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar

from analytics_pipelines.foundation.cage import landlock, privileges, seccomp
from analytics_pipelines.foundation.cage.kernel import calls, machine
from analytics_pipelines.foundation.errors import SetupError

LANDLOCK = "landlock"
SECCOMP = "seccomp"
USER = "user"
PARTS = frozenset({LANDLOCK, SECCOMP, USER})
"""Parts that a machine may lack, as `Settings.sql_cage_may_lack` names them."""
REMEDIES = {
    LANDLOCK: "Run on Linux 5.13 or later with Landlock on (lsm=…,landlock), and let the container make its calls.",
    SECCOMP: "Run on Linux 4.14 or later on x86_64 or aarch64, and let the container make the call `seccomp`.",
    USER: "Give root the right to change its user (CAP_SETUID, CAP_SETGID), or start as a plain user.",
}
ALWAYS_READ = ("/proc/self/cgroup", "/sys/fs/cgroup")
"""DuckDB asks there how much memory and how many cores it has, and ends the process when it may not."""

LACKS = frozenset({errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EACCES, errno.EINVAL, errno.E2BIG})


class CageMissing(SetupError):
    """The machine lacks a part of the cage that is not to be done without."""

    title: ClassVar[str] = "Work can not be caged here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cage:
    """What is left to a process: files below the descriptors `read` and `write`, and what it has open already.

    A descriptor of a file stands for that file alone. `user` is the user and group id to become, for root; None changes
    nothing. `may_lack` names parts that this machine may lack.
    """

    read: tuple[int, ...] = ()
    write: tuple[int, ...] = ()
    user: tuple[int, int] | None = None
    may_lack: frozenset[str] = field(default_factory=frozenset)

    def enter(self) -> frozenset[str]:
        """Close the door behind this process, for good; which parts (`PARTS`) are missing, and were accepted.

        Raises `CageMissing` for another part, and when the process has threads already; it should end then, since it
        may be caged by half. Raises `OSError` for descriptors that are none.
        """
        if not calls(machine()):
            return self._accepted({LANDLOCK, SECCOMP} | ({USER} if self.user else set()))
        if privileges.threads() > 1:
            raise CageMissing("The process has threads already, which a cage would not hold.", remedy="Enter it first.")
        lacking = self._give_up_rights()
        privileges.no_new_privileges()
        privileges.closed_to_view()
        if not (landlock.version() and _is_done(self._wall_off)):
            lacking.add(LANDLOCK)
        if not (seccomp.is_there() and _is_done(seccomp.restrict)):
            lacking.add(SECCOMP)
        return self._accepted(lacking)

    def _give_up_rights(self) -> set[str]:
        """Root that stays root still enters folders of others: Landlock is what keeps it from files."""
        user = self.user
        with privileges.still_dying_with_parent():
            is_lacking = user is not None and not _is_done(lambda: privileges.become(*user))
            privileges.keep_capabilities(privileges.OVER_FILES if user is None else 0)
        return {USER} if is_lacking else set()

    def _wall_off(self) -> None:
        landlock.restrict((*self.read, *_kept_open(ALWAYS_READ)), self.write)

    def _accepted(self, lacking: set[str]) -> frozenset[str]:
        for part in sorted(lacking - self.may_lack):
            raise CageMissing(
                "The machine lacks a part of the cage: " + part + ".",
                remedy=REMEDIES[part] + " Or accept it: SQL_CAGE_MAY_LACK=" + part + ".",
            )
        return frozenset(lacking)


def get_ready() -> None:
    """Read what entering a cage needs, for a process whose children will enter one: most of the time that it takes."""
    calls(machine())


def supported() -> dict[str, bool]:
    """Which of `PARTS` this process would get here, and what Landlock adds to what seccomp refuses already."""
    spoken = landlock.version()
    return {
        LANDLOCK: spoken > 0,
        SECCOMP: seccomp.is_there(),
        USER: privileges.can_change_user(),
        "landlock_network": spoken >= landlock.TCP_SINCE,
        "landlock_scopes": spoken >= landlock.SCOPES_SINCE,
    }


def _kept_open(paths: Iterable[str]) -> Iterator[int]:
    """A descriptor of each that there is; never closed, since /proc makes a file anew once nobody holds it."""
    for path in paths:
        with suppress(OSError):
            yield os.open(path, os.O_PATH | os.O_CLOEXEC)


def _is_done(part: Callable[[], None]) -> bool:
    """False where the kernel says that it can not, or will not."""
    try:
        part()
    except OSError as error:
        if error.errno in LACKS:
            return False
        raise
    return True
