"""Runs jobs, some at once, each in a child that was forked before it came and is used for nothing else."""

import shutil
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import structlog

from analytics_pipelines.foundation.errors import AnalyticsError, TimedOut, Unavailable
from analytics_pipelines.foundation.workers.caged import tell_what_is_lacking
from analytics_pipelines.foundation.workers.child import Job, Work
from analytics_pipelines.foundation.workers.limits import WorkerLimits
from analytics_pipelines.foundation.workers.outcomes import (
    Busy,
    FilePassed,
    Kind,
    MemoryPassed,
    Outcome,
    WorkerDied,
    error_of,
)
from analytics_pipelines.foundation.workers.parent import Child, Parent, packed
from analytics_pipelines.foundation.workers.watch import Watch

MORE_TRIES = 2
MOST_WAITING = 8
"""Jobs that may wait for a turn: each holds a thread of its caller, who has other things to answer."""
START_S = 60.0
"""Longest wait for a child: importing statistics takes seconds on a cold disk."""
LESS = "Ask for less at once: fewer rows or columns."
LATER = "Try again in a moment."

JobIn = Callable[[Path], bytes]
"""The pickled job for a folder."""

log = structlog.get_logger(__name__)


class Workers:
    """Children that have imported `preload` already; `most` work at once and `spare` more wait forked.

    At most `waiting` jobs wait for one of them. Nothing is started before `warm` or the first job. Threads may share
    it.
    """

    def __init__(self, preload: Sequence[str], *, most: int, spare: int = 1, waiting: int = MOST_WAITING) -> None:
        self._preload = tuple(preload)
        self._most = most
        self._spare = spare
        self._places = threading.Semaphore(most + waiting)
        self._turns = threading.Semaphore(most)
        self._guard = threading.Lock()
        self._parent: Parent | None = None
        self._waiting: deque[Child] = deque()
        self._numbers = count()
        self._is_closed = False

    def run(self, work: Work, *arguments: Any, limits: WorkerLimits, wanted: Callable[[], bool] | None = None) -> bytes:
        """What `work(*arguments)` gives in a process of its own; `work` is a module's function, the arguments pickle.

        Raises the `AnalyticsError` that `work` raises, else `TimedOut`, `MemoryPassed`, `FilePassed`, `WorkerDied`;
        `Cancelled` once `wanted` says no, and `Busy` when no process comes free within the deadline, or at once when
        too many wait for one already.
        """
        if limits.reads is not None:
            tell_what_is_lacking()
        job_in = partial(_packed, work, arguments, limits)
        with self._place(), self._turn(limits, wanted), self._child(job_in, wanted) as child:
            try:
                outcome = child.outcome(Watch(limits.deadline_s, wanted).wait_s)
            except EOFError:
                raise died() from None
            if outcome.kind is Kind.ANSWER:
                return outcome.content
        raise _failure(outcome, work, limits)

    def warm(self) -> None:
        """Start what will be needed, in the background."""
        with self._guard:
            self._fill(self._alive(), self._spare)

    def close(self) -> None:
        """End all processes; jobs that run raise `WorkerDied`, and later ones `Unavailable`."""
        with self._guard:
            self._is_closed = True
            self._forget()

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Be one of those that run or wait; raises `Busy`."""
        if not self._places.acquire(blocking=False):
            raise self._busy()
        try:
            yield
        finally:
            self._places.release()

    @contextmanager
    def _turn(self, limits: WorkerLimits, wanted: Callable[[], bool] | None) -> Iterator[None]:
        """Wait for one of the turns, as long as the job might run; raises `Busy`, `Cancelled`."""
        watch = Watch(limits.deadline_s, wanted)
        try:
            while not self._turns.acquire(timeout=watch.wait_s()):
                pass
        except TimedOut:
            raise self._busy() from None
        try:
            yield
        finally:
            self._turns.release()

    def _busy(self) -> Busy:
        bound = str(self._most) + " at once"
        return Busy("All processes for such work are taken.", limit=bound, remedy=LATER)

    @contextmanager
    def _child(self, job_in: JobIn, wanted: Callable[[], bool] | None) -> Iterator[Child]:
        """A child that has begun; afterwards neither it nor its folder is."""
        child, folder = self._begun(job_in, wanted)
        try:
            yield child
        except BaseException:
            child.kill()
            raise
        else:
            child.let_go()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _begun(self, job_in: JobIn, wanted: Callable[[], bool] | None) -> tuple[Child, Path]:
        """One that waits may have been killed meanwhile, and so may the parent: then the next one."""
        for _ in range(self._spare + MORE_TRIES):
            child, parent = self._next()
            folder = parent.folder / str(next(self._numbers))
            try:
                folder.mkdir(mode=0o700)
                child.begin(job_in(folder), Watch(START_S, wanted).wait_s)
            except (EOFError, FileNotFoundError):
                _drop(child, folder)
            except BaseException:
                _drop(child, folder)
                raise
            else:
                return child, folder
        raise died()

    def _next(self) -> tuple[Child, Parent]:
        """A child that waits, with another in its place; of a new parent when the one there is gone."""
        with self._guard:
            parent = self._alive()
            try:
                self._fill(parent, self._spare + 1)
            except ConnectionError:
                self._forget()
                parent = self._alive()
                self._fill(parent, self._spare + 1)
            return self._waiting.popleft(), parent

    def _alive(self) -> Parent:
        if self._is_closed:
            raise Unavailable("The processes for such work have been ended.", remedy=LATER)
        if self._parent is not None and not self._parent.is_alive:
            self._forget()
        if self._parent is None:
            self._parent = Parent(self._preload)
        return self._parent

    def _fill(self, parent: Parent, wanted: int) -> None:
        while len(self._waiting) < wanted:
            self._waiting.append(parent.child())

    def _forget(self) -> None:
        while self._waiting:
            self._waiting.popleft().let_go()
        if self._parent is not None:
            self._parent.end()
            self._parent = None


def _packed(work: Work, arguments: tuple[Any, ...], limits: WorkerLimits, folder: Path) -> bytes:
    return packed(Job(work, arguments, limits, str(folder)))


def _drop(child: Child, folder: Path) -> None:
    child.kill()
    shutil.rmtree(folder, ignore_errors=True)


def died() -> WorkerDied:
    """The error for a process that ended without an answer."""
    return WorkerDied("The process that did the work ended without an answer.", remedy=LATER)


def _failure(outcome: Outcome, work: Work, limits: WorkerLimits) -> AnalyticsError:
    """The error that the outcome means; what nobody expected is told in the log alone."""
    if outcome.kind is Kind.NO_MEMORY:
        bound = str(limits.memory_bytes) + " bytes"
        return MemoryPassed("The work needs more memory than it may take.", limit=bound, remedy=LESS)
    if outcome.kind is Kind.LARGE_FILE:
        bound = str(limits.largest_file_bytes) + " bytes"
        return FilePassed("The work writes a larger file than it may.", limit=bound, remedy=LESS)
    told: AnalyticsError | None = None
    if outcome.kind is Kind.ERROR:
        told = error_of(outcome.content, work.__module__.partition(".")[0])
    if told is None:
        log.error("work failed in its process", work=work.__qualname__, told=outcome.content.decode(errors="replace"))
        return died()
    return told
