"""A user for caged processes: for root a numeric id that nobody else has, so that nothing on the machine is theirs."""

import os

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.free_ids import free_id

FREE_IDS = range(63900, 63000, -1)
"""None of those that the embedded PostgreSQL server takes, whose files would be theirs."""


def free_account() -> tuple[int, int] | None:
    """A user and a group id that no account and no process has; None for who is not root and may not change.

    Raises `SetupError` when none is left.
    """
    if os.geteuid() != 0:
        return None
    found = free_id(FREE_IDS)
    if found is None:
        raise SetupError(
            "No user id is free for the processes that run SQL.",
            limit=str(FREE_IDS[-1]) + " to " + str(FREE_IDS[0]),
            remedy="Start as a plain user.",
        )
    return found, found
