"""Where a caged process is, and how it tells what came of something that it tried."""

import errno
import socket
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Room:
    """Where the process is: what it may read, what it may write, what lies elsewhere, and what it has open."""

    read: str
    write: str
    elsewhere: str
    """A folder that everybody may do everything in, but for the cage."""
    unconnected: socket.socket
    pair: tuple[socket.socket, socket.socket]


def tried(what: Callable[[Room], object], room: Room) -> object:
    """What it gave, or the name of the error."""
    try:
        return what(room)
    except OSError as error:
        return errno.errorcode[error.errno]
