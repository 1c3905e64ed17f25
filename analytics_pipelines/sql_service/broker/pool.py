"""The workers: one for each slot, all of the generation in force, replaced when one ends or a newer one comes."""

import asyncio
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from uuid import uuid4

import structlog

from analytics_pipelines.foundation.cage import free_account
from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.foundation.generation.description import Generation, read_generation
from analytics_pipelines.foundation.generation.pointer import GenerationFolders, lock_generation
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.workers.parent import Parent
from analytics_pipelines.sql_service.broker.worker_process import Heard, WorkerProcess
from analytics_pipelines.sql_service.errors import DuckDBConnectionError, QueryFailed
from analytics_pipelines.sql_service.extensions import extension_files
from analytics_pipelines.sql_service.messages import Kind, Setup
from analytics_pipelines.sql_service.places import Places
from analytics_pipelines.sql_service.sizes import Sizes
from analytics_pipelines.sql_service.worker.preloaded import PRELOADED, SERVE

LOOK_EVERY_S = 0.3
AGAIN_AFTER_S = 5.0
PRIVATE = 0o700

log = structlog.get_logger(__name__)


class Held:
    """A generation that workers read, kept from the sweep until the last of them has ended."""

    def __init__(self, folders: GenerationFolders, generation_id: str) -> None:
        folder = folders.folder(generation_id)
        lock = lock_generation(folder)
        if lock is None:
            raise FileNotFoundError(generation_id)
        self._lock: int | None = lock
        self.id = generation_id
        self.folder = folder
        try:
            self.generation: Generation = read_generation(folder)
        except BaseException:
            self.release()
            raise
        self.workers: set[WorkerProcess] = set()

    def release(self) -> None:
        """Let the sweep have it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


class Pool:
    """Starts workers, keeps those at rest, and swaps all of them for a newer generation's at once."""

    def __init__(self, settings: Settings, *, heard: Heard, changed: Callable[[], None]) -> None:
        """`heard` gets the workers' frames; `changed` says that a worker rests, or the generation is new."""
        self._settings = settings
        self._heard = heard
        self._changed = changed
        self._folders = GenerationFolders.of(settings.home)
        self._places = Places.of(settings.home)
        self._sizes = Sizes.of(settings)
        self._parent: Parent | None = None
        self._current: Held | None = None
        self._old: list[Held] = []
        self._idle: list[WorkerProcess] = []
        self._wake = asyncio.Event()
        self.trouble: AnalyticsError | None = None
        """Why there are no workers, where there is a reason."""

    @property
    def generation(self) -> Generation | None:
        """What new queries are answered from."""
        return self._current.generation if self._current else None

    @property
    def total(self) -> int:
        """Workers of the generation in force."""
        return len(self._current.workers) if self._current else 0

    @property
    def available(self) -> int:
        """Those of them that are at rest."""
        return len(self._idle)

    def workers(self) -> list[WorkerProcess]:
        """All, those of older generations too."""
        held = [*self._old, *([self._current] if self._current else [])]
        return [worker for each in held for worker in each.workers]

    def take(self) -> WorkerProcess | None:
        """One that is at rest, if there is one; the last to have worked, whose memory is warm."""
        return self._idle.pop() if self._idle else None

    def free(self, worker: WorkerProcess, *, is_spent: bool) -> None:
        """It has done its job; one that is spent, or of an older generation, ends."""
        if worker.is_gone:
            return
        if is_spent or self._current is None or worker not in self._current.workers:
            self._drop(worker)
        else:
            self._idle.append(worker)
        self._changed()

    async def run(self) -> None:
        """Follow the generation in force and keep the slots filled, until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look may go well
                self._complain(error)
                await asyncio.sleep(AGAIN_AFTER_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._wake.wait()

    def close(self) -> None:
        """End all of them."""
        for worker in self.workers():
            worker.let_go()
        for held in [*self._old, *([self._current] if self._current else [])]:
            held.release()
        if self._parent is not None:
            self._parent.end()
            self._parent = None

    async def _look(self) -> None:
        wanted = self._folders.current_id()
        if wanted is None:
            return
        if self._current is None or self._current.id != wanted:
            try:
                await self._swap(wanted)
            except Exception:
                await self._fill()  # with what there is, until it goes better
                raise
        await self._fill()
        self.trouble = None

    async def _fill(self) -> None:
        """Replace workers that ended, each once: the next look may have to be at another generation."""
        lacking = self._sizes.slots - len(self._current.workers) if self._current else 0
        for _ in range(lacking):
            if self._current is not None:
                self._rest(await self._started(self._current))

    async def _swap(self, generation_id: str) -> None:
        """The newer generation answers once all its workers are ready, so that no later answer is an older one."""
        try:
            coming = Held(self._folders, generation_id)
        except FileNotFoundError:  # swept since we looked, so that there is a newer one
            return
        try:
            ready = [await self._started(coming) for _ in range(self._sizes.slots)]
        except BaseException:
            for worker in list(coming.workers):
                worker.let_go()
            coming.release()
            raise
        self._retire()
        self._current = coming
        self._idle = [worker for worker in ready if not worker.is_gone]
        coming.workers.intersection_update(self._idle)
        log.info("answering SQL from a generation", generation_id=generation_id)
        self._changed()

    def _retire(self) -> None:
        """Those at rest end; those that work end with their job."""
        if self._current is None:
            return
        self._old.append(self._current)
        self._current = None
        for worker in list(self._idle):
            self._drop(worker)
        self._forget_old()

    async def _started(self, held: Held) -> WorkerProcess:
        """A new worker of the generation; raises what it tells, and `EOFError` when it ended at once."""
        setup = self._setup(held)
        try:
            child = self._living_parent().child()
            worker = WorkerProcess(child.end, setup, held.id)
        except OSError:
            shutil.rmtree(setup.spill_folder, ignore_errors=True)
            raise
        held.workers.add(worker)
        try:
            await worker.start(self._hear)
        except BaseException:
            held.workers.discard(worker)
            worker.let_go()
            raise
        if worker.lacks:
            log.warning("the cage of workers for SQL lacks parts that the settings do without", lacks=worker.lacks)
        return worker

    def _setup(self, held: Held) -> Setup:
        spill = self._places.spill / uuid4().hex
        spill.mkdir(mode=PRIVATE, parents=True)
        account = free_account()
        if account is not None:
            os.chown(spill, *account)
        return Setup(
            generation_folder=str(held.folder),
            spill_folder=str(spill),
            memory_bytes=self._sizes.worker_memory_bytes,
            threads=self._sizes.threads,
            most_spilled_bytes=self._sizes.worker_spill_bytes,
            extensions=extension_files(self._settings),
            may_lack=self._settings.sql_cage_may_lack,
        )

    def _living_parent(self) -> Parent:
        if self._parent is not None and not self._parent.is_alive:
            self._parent.end()
            self._parent = None
        if self._parent is None:
            self._parent = Parent(PRELOADED, serve=SERVE)
        return self._parent

    def _rest(self, worker: WorkerProcess) -> None:
        if not worker.is_gone:
            self._idle.append(worker)
            self._changed()

    def _hear(self, worker: WorkerProcess, kind: Kind, content: bytes) -> None:
        if kind is Kind.ERROR:
            self._lost(worker)
        self._heard(worker, kind, content)

    def _drop(self, worker: WorkerProcess) -> None:
        worker.let_go()
        self._lost(worker)

    def _lost(self, worker: WorkerProcess) -> None:
        self._wake.set()
        if worker in self._idle:
            self._idle.remove(worker)
        for held in [*self._old, *([self._current] if self._current else [])]:
            held.workers.discard(worker)
        self._forget_old()

    def _forget_old(self) -> None:
        for held in [each for each in self._old if not each.workers]:
            held.release()
            self._old.remove(held)

    def _complain(self, error: Exception) -> None:
        is_known = isinstance(error, AnalyticsError | OSError | EOFError)
        log.error("workers for SQL could not be started", error=str(error), exc_info=None if is_known else error)
        self.trouble = (
            error if isinstance(error, AnalyticsError) else QueryFailed("No worker for SQL could be started.")
        )


def nothing_published() -> DuckDBConnectionError:
    """What is told before the first generation."""
    return DuckDBConnectionError(
        "Nothing is published yet.", remedy="Materialize a table; publishing follows by itself."
    )
