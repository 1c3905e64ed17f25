"""Ids of users that nobody on the machine has: no account, no group and no process."""

import grp
import pwd
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def free_id(ids: Iterable[int]) -> int | None:
    """The first of the ids that nobody has, for a user and its group; None where each is taken."""
    taken = {entry.pw_uid for entry in pwd.getpwall()} | {entry.gr_gid for entry in grp.getgrall()} | running_ids()
    return next((each for each in ids if each not in taken), None)


def running_ids() -> set[int]:
    """The users of all processes."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError):
            found.add(process.stat().st_uid)
    return found
