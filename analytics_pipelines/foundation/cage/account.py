"""A user for caged processes: for root a numeric id that nobody else has, so that nothing on the machine is theirs."""

import grp
import os
import pwd
from contextlib import suppress
from pathlib import Path

from analytics_pipelines.foundation.errors import SetupError

FREE_IDS = range(63900, 63000, -1)
"""None of those that the embedded PostgreSQL server takes, whose files would be theirs."""


def free_account() -> tuple[int, int] | None:
    """A user and a group id that no account and no process has; None for who is not root and may not change.

    Raises `SetupError` when none is left.
    """
    if os.geteuid() != 0:
        return None
    taken = {entry.pw_uid for entry in pwd.getpwall()} | {entry.gr_gid for entry in grp.getgrall()} | _running()
    found = next((each for each in FREE_IDS if each not in taken), None)
    if found is None:
        raise SetupError(
            "No user id is free for the processes that run SQL.",
            limit=str(FREE_IDS[-1]) + " to " + str(FREE_IDS[0]),
            remedy="Start as a plain user.",
        )
    return found, found


def _running() -> set[int]:
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError):
            found.add(process.stat().st_uid)
    return found
