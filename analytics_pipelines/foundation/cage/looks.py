"""Calls of the kernel that a caged process may make with some arguments and not with others."""

import fcntl
import socket
import termios
from dataclasses import dataclass

EVERY_BIT = 0xFFFFFFFF
THREAD = 0x00010000
NAMESPACES_AND_TRACING = 0x7E020000 | 0x00002000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, PTRACE."""

LOCKS_AND_FLAGS = (
    fcntl.F_DUPFD,
    fcntl.F_GETFD,
    fcntl.F_SETFD,
    fcntl.F_GETFL,
    fcntl.F_SETFL,
    fcntl.F_GETLK,
    fcntl.F_SETLK,
    fcntl.F_SETLKW,
    fcntl.F_OFD_GETLK,
    fcntl.F_OFD_SETLK,
    fcntl.F_OFD_SETLKW,
    fcntl.F_DUPFD_CLOEXEC,
)
"""Not F_SETOWN and F_SETSIG, by which the kernel would signal others for us."""
OF_DESCRIPTORS = (
    termios.TCGETS,
    termios.TIOCGWINSZ,
    termios.FIONREAD,
    termios.FIONBIO,
    termios.FIONCLEX,
    termios.FIOCLEX,
)
NAMES_AND_GETTERS = (
    2,  # PR_GET_PDEATHSIG
    3,  # PR_GET_DUMPABLE
    15,  # PR_SET_NAME, of threads
    16,  # PR_GET_NAME
    21,  # PR_GET_SECCOMP
    23,  # PR_CAPBSET_READ
    39,  # PR_GET_NO_NEW_PRIVS
    0x53564D41,  # PR_SET_VMA: names of memory, which allocators give
)
BUFFERS_AND_WAITS = (socket.SO_SNDBUF, socket.SO_RCVBUF, socket.SO_SNDTIMEO, socket.SO_RCVTIMEO)


@dataclass(frozen=True, slots=True)
class Look:
    """A call that is allowed if `argument` (from 0), cut to the bits of `mask`, is one of `values`."""

    call: str
    argument: int
    values: tuple[int, ...]
    mask: int = EVERY_BIT


def looks(pid: int) -> tuple[Look, ...]:
    """All of them, for the process `pid`."""
    return (
        Look("clone", 0, (THREAD,), mask=THREAD | NAMESPACES_AND_TRACING),
        Look("kill", 0, (pid,)),
        Look("tgkill", 0, (pid,)),
        Look("prlimit64", 0, (0, pid)),
        Look("fcntl", 1, LOCKS_AND_FLAGS),
        Look("ioctl", 1, OF_DESCRIPTORS),
        Look("prctl", 0, NAMES_AND_GETTERS),
        Look("setsockopt", 2, BUFFERS_AND_WAITS),
    )
