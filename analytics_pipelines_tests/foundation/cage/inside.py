"""A process of the tests that enters a cage as it is asked, tries what it is asked, and tells."""

import errno
import json
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from analytics_pipelines.foundation.cage import Cage, landlock, privileges, seccomp
from analytics_pipelines.foundation.cage.kernel import call
from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.workers.channel import receive_whole, send_whole
from analytics_pipelines_tests.foundation.cage import chores, escapes
from analytics_pipelines_tests.foundation.cage.room import Room, tried

SERVE = __name__ + ":serve"
WAYS = vars(escapes) | vars(chores)


def serve(end: socket.socket) -> None:
    """Enter the cage as asked and try the functions of `escapes` and `chores` that are named; tell what each gave."""
    asked = json.loads(receive_whole(end))
    with suppress(BrokenPipeError):
        send_whole(end, json.dumps(_told(asked)).encode())
    receive_whole(end)


def _told(asked: dict[str, Any]) -> dict[str, Any]:
    folder = Path(asked["folder"])
    descriptors = [os.open(folder / each, os.O_PATH | os.O_DIRECTORY) for each in ("read", "write")]
    read, write = (f"/proc/self/fd/{each}" for each in descriptors)
    room = Room(read, write, asked["folder"] + "/elsewhere", socket.socket(socket.AF_UNIX), socket.socketpair())
    if asked["first_become"]:
        call("getpid")  # reads the list of calls, which may lie in a folder of root's
        privileges.become(*asked["first_become"])
    _break_calls(asked["without"])
    cage = Cage(
        read=descriptors[:1],
        write=descriptors[1:],
        user=tuple(asked["user"]) if asked["user"] else None,
        may_lack=frozenset(asked["may_lack"]),
    )
    try:
        lacking = sorted(cage.enter())
    except SetupError as error:
        return {"raised": type(error).__name__, "detail": str(error)}
    return {"pid": os.getpid(), "lacking": lacking, **{name: tried(WAYS[name], room) for name in asked["tries"]}}


def _break_calls(names: list[str]) -> None:
    """The kernel does not know these any more."""

    def broken(name: str, *arguments: Any) -> int:
        if name in names:
            raise OSError(errno.ENOSYS, name)
        return call(name, *arguments)

    landlock.call = seccomp.call = broken
