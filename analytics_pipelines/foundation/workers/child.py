"""What a forked process does: says who it is, waits for its one job, does it, tells how it ended, and is gone."""

import os
import pickle
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from analytics_pipelines.foundation.files import disk_errors
from analytics_pipelines.foundation.workers.caged import cage_job
from analytics_pipelines.foundation.workers.channel import receive_whole, send_whole
from analytics_pipelines.foundation.workers.limits import WorkerLimits
from analytics_pipelines.foundation.workers.outcomes import NO_MEMORY, Kind, Outcome, outcome_of

Work = Callable[..., bytes]
PRIVATE = 0o077


@dataclass(frozen=True, slots=True)
class Job:
    """A function of a module, its arguments, what it may use, and a folder of its own that is there already."""

    work: Work
    arguments: tuple[Any, ...]
    limits: WorkerLimits
    folder: str


def serve(end: socket.socket) -> None:
    """Say who this is, and once a job has come that it begins, and how it ended; nothing when none comes."""
    os.umask(PRIVATE)
    send_whole(end, str(os.getpid()).encode())
    try:
        packed = receive_whole(end)
    except EOFError:
        return
    send_whole(end, b"")
    outcome = done(packed)
    end.sendall(outcome.head())
    end.sendall(outcome.content)


def done(packed: bytes) -> Outcome:
    """How the pickled job ended; this process is bound by the job's limits, and caged, from then on."""
    try:
        job: Job = pickle.loads(packed)  # noqa: S301 - the parent's own words
        _settle(job.folder)
        job.limits.impose()
        cage_job(job.limits, job.folder)
        with disk_errors():
            return Outcome(Kind.ANSWER, _bytes(job.work(*job.arguments)))
    except MemoryError:
        return NO_MEMORY
    except BaseException as error:  # noqa: BLE001 - whatever it is, the parent is told
        return outcome_of(error)


def _settle(folder: str) -> None:
    """Temporary files go where they are removed afterwards."""
    os.chdir(folder)
    tempfile.tempdir = folder


def _bytes(answer: object) -> bytes:
    if not isinstance(answer, bytes):
        raise TypeError("a worker's function gives bytes, not " + type(answer).__qualname__)
    return answer
