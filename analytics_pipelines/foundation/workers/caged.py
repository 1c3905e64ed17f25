"""The cage of a job: what it names to read, its folder to write in, and code, which is no secret."""

import os
import sysconfig
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from functools import cache

import structlog

import analytics_pipelines
from analytics_pipelines.foundation.cage import LANDLOCK, PARTS, SECCOMP, Cage, supported
from analytics_pipelines.foundation.workers.limits import WorkerLimits

PLACES_OF_CODE = ("stdlib", "platstdlib", "purelib", "platlib")
ZONES = "/usr/share/zoneinfo"

log = structlog.get_logger(__name__)


def cage_job(limits: WorkerLimits, folder: str) -> None:
    """Close the door behind a job that names what it reads; parts that the machine lacks are done without.

    It keeps its user, whose files it reads. Raises `CageMissing` for a process that has threads already.
    """
    if limits.reads is None:
        return
    with ExitStack() as opened:
        read = tuple(_opened((*limits.reads, *code()), opened))
        write = tuple(_opened((folder, *limits.writes), opened))
        Cage(read=read, write=write, may_lack=PARTS).enter()


@cache
def code() -> tuple[str, ...]:
    """Folders of code that a job may import late: Python's, its packages', and ours, which hold no data."""
    pythons = [sysconfig.get_path(each) for each in PLACES_OF_CODE]
    libraries = [sysconfig.get_config_var("LIBDIR"), *analytics_pipelines.__path__]
    return tuple(dict.fromkeys(str(each) for each in (*pythons, *libraries, ZONES) if each))


@cache
def tell_what_is_lacking() -> None:
    """Say in the log, once, which parts of the cage jobs have to do without here."""
    found = supported()
    lacking = [part for part in (LANDLOCK, SECCOMP) if not found[part]]
    if lacking:
        log.warning("plans and uploads run without a part of their cage", lacking=lacking)


def _opened(paths: Iterable[str], opened: ExitStack) -> Iterator[int]:
    """A descriptor of each that there is: who reads one that is not is told so later."""
    for path in paths:
        with suppress(OSError):
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
            opened.callback(os.close, descriptor)
            yield descriptor
