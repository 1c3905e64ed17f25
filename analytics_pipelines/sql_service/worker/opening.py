"""From a set-up to a worker that serves: what is opened before the cage, the cage, and what is opened inside."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics_pipelines.foundation.cage import Cage, free_account
from analytics_pipelines.foundation.errors import AnalyticsError, SetupError
from analytics_pipelines.foundation.generation.description import Generation, read_generation
from analytics_pipelines.foundation.generation.pointer import lock_generation
from analytics_pipelines.sql_service.allowance import Rights
from analytics_pipelines.sql_service.errors import DuckDBConnectionError, Uncaged
from analytics_pipelines.sql_service.gate.gate import Gate
from analytics_pipelines.sql_service.messages import Setup
from analytics_pipelines.sql_service.worker.engine import Engine, EngineLimits, Instance
from analytics_pipelines.sql_service.worker.failures import failure_of
from analytics_pipelines.sql_service.worker.memory import Memory, bind_memory
from analytics_pipelines.sql_service.worker.plans import Plans
from analytics_pipelines.sql_service.worker.self_test import check_instance, check_process

PRIVATE = 0o077
MEMORY_SHARE = 1.25
"""Of DuckDB's memory: rows on their way through Arrow and Python count too."""
SPARE_BYTES = 2**28
"""Address space that stacks and allocators reserve without filling it."""
FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A worker that may serve."""

    engine: Engine
    plans: Plans
    memory: Memory
    lacks: frozenset[str]
    memory_bytes: int
    """DuckDB's."""
    resident_bytes: int
    """What it held before its first job."""
    vm_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What was opened while there was a world, held for as long as the process lives."""

    generation: Generation
    folder: int
    spill: int
    extensions: dict[str, int]
    """Folders of extensions."""
    lock: int
    """The generation's: it is not swept away under us."""
    memory: Memory
    user: tuple[int, int] | None


def opened(setup: Setup) -> Opened:
    """This process as a worker; it can do nothing else any more, and should end when this raises.

    Raises `Uncaged` where the machine lacks a part of the cage or an attack succeeds, and `DuckDBConnectionError` where
    the generation is gone or can not be read.
    """
    os.umask(PRIVATE)
    try:
        outside = _outside(setup)
        lacks = _caged(setup, outside)
        return _inside(setup, outside, lacks)
    except SetupError as error:
        raise Uncaged(error.detail, limit=error.limit, remedy=error.remedy) from error
    except AnalyticsError:
        raise
    except Exception as error:
        raise failure_of(error) from error


def _outside(setup: Setup) -> Outside:
    folder = Path(setup.generation_folder)
    lock = lock_generation(folder)
    if lock is None:
        raise DuckDBConnectionError("The generation is gone.", remedy="Ask again; a newer one is in force.")
    user = free_account()
    if user is not None:
        os.chown(setup.spill_folder, *user)
    return Outside(
        generation=read_generation(folder),
        folder=os.open(folder, FOLDER),
        spill=os.open(setup.spill_folder, FOLDER),
        extensions={each: os.open(each, FOLDER) for each in _folders(setup.extensions)},
        lock=lock,
        memory=Memory(),
        user=user,
    )


def _caged(setup: Setup, outside: Outside) -> frozenset[str]:
    read = (outside.folder, *outside.extensions.values())
    return Cage(read=read, write=(outside.spill,), user=outside.user, may_lack=frozenset(setup.may_lack)).enter()


def _inside(setup: Setup, outside: Outside, lacks: frozenset[str]) -> Opened:
    check_process(lacks)
    generation, spill = _path(outside.folder), _path(outside.spill)
    limits = EngineLimits(
        memory_bytes=setup.memory_bytes, threads=setup.threads, most_spilled_bytes=setup.most_spilled_bytes
    )
    extensions = [_path(outside.extensions[str(Path(each).parent)]) / Path(each).name for each in setup.extensions]

    def check(instance: Instance) -> None:
        check_instance(instance, generation, spill, lacks)

    engine = Engine(outside.generation, generation, spill, limits, extensions=extensions, check=check)
    engine.instance(Rights.ANALYST)
    plans = Plans(Gate())
    vm_bytes = outside.memory.address_space_bytes
    bind_memory(vm_bytes + int(setup.memory_bytes * MEMORY_SHARE) + SPARE_BYTES, setup.most_spilled_bytes)
    return Opened(
        engine=engine,
        plans=plans,
        memory=outside.memory,
        lacks=lacks,
        memory_bytes=setup.memory_bytes,
        resident_bytes=outside.memory.resident_bytes,
        vm_bytes=vm_bytes,
    )


def _folders(files: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(str(Path(each).parent) for each in files))


def _path(descriptor: int) -> Path:
    """A folder by its descriptor: the folders above it are closed to us."""
    return Path("/proc/self/fd") / str(descriptor)
