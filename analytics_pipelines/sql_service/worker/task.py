"""One job in a worker: what it has at hand, and what is counted of it."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from duckdb import DuckDBPyConnection

from analytics_pipelines.sql_service.messages import Format, Job
from analytics_pipelines.sql_service.worker.answer import Answer, Column, Head
from analytics_pipelines.sql_service.worker.connection import Connection
from analytics_pipelines.sql_service.worker.engine import Engine, Instance
from analytics_pipelines.sql_service.worker.memory import Memory
from analytics_pipelines.sql_service.worker.plans import Plans
from analytics_pipelines.sql_service.worker.stops import Running

MEGABYTE = 2**20
BEGIN = "BEGIN TRANSACTION READ ONLY"


@dataclass(slots=True, kw_only=True)
class Counted:
    """What DONE tells of a job that was answered."""

    rows: int = 0
    engine_s: float = 0.0
    is_repeatable: bool = False
    file: str = ""
    columns: tuple[Column, ...] = ()
    hidden: tuple[str, ...] = ()
    """Columns of the tables in the query at work that are not for this caller; errors may be about them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A job, and what it is done with."""

    job: Job
    engine: Engine
    plans: Plans
    memory: Memory
    running: Running
    connection: Connection
    answer: Answer
    counted: Counted = field(default_factory=Counted)

    @property
    def instance(self) -> Instance:
        """The instance for the caller's rights."""
        return self.engine.instance(self.job.rights)

    @property
    def folder(self) -> Path:
        """Where files may be made."""
        return self.engine.spill

    @property
    def generation(self) -> str:
        """What is read, by its id."""
        return self.engine.generation.id

    @contextmanager
    def cursor(self) -> Iterator[DuckDBPyConnection]:
        """A cursor that the broker can stop; raises `Stopped` for whatever happens once it has."""
        with self.instance.cursor() as cursor, self.running.stopping(cursor.interrupt):
            yield cursor

    @contextmanager
    def timed(self) -> Iterator[None]:
        """What is done here is the engine's time."""
        began_at = time.perf_counter()
        try:
            yield
        finally:
            self.counted.engine_s += time.perf_counter() - began_at

    def head(self, fmt: Format, columns: Sequence[Column] = (), *, is_repeatable: bool = False) -> Head:
        """What HEAD tells."""
        return Head(
            query_id=self.job.query_id,
            generation=self.generation,
            format=fmt,
            columns=columns,
            is_repeatable=is_repeatable,
        )

    def ended(self, rows: int, *, is_truncated: bool, execution_s: float | None = None) -> dict[str, object]:
        """What END tells of an answer, or of the last one."""
        return {
            "query_id": self.job.query_id,
            "generation": self.generation,
            "row_count": rows,
            "truncated": is_truncated,
            "execution_time": round(self.counted.engine_s if execution_s is None else execution_s, 6),
            "memory_usage": round(self.memory.taken_bytes() / MEGABYTE, 3),
            "is_cached": False,
        }


@contextmanager
def read_only(cursor: DuckDBPyConnection) -> Iterator[None]:
    """A transaction that changes nothing but temporary tables, which stay as they were when it fails."""
    cursor.execute(BEGIN)
    try:
        yield
    except BaseException:
        cursor.execute("ROLLBACK")
        raise
    cursor.execute("COMMIT")
