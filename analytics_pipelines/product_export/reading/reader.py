"""One table into one Parquet file: its slices are read side by side and joined in the heap's order."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shutil import rmtree
from types import TracebackType
from typing import Self
from uuid import uuid4

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.files import disk_errors
from analytics_pipelines.foundation.parquet_join import Joining, joining
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.product_export.plan import TablePlan
from analytics_pipelines.product_export.reading.slices import slices_of
from analytics_pipelines.product_export.reading.statements import Reading
from analytics_pipelines.product_export.reading.workers import Workers
from analytics_pipelines.product_export.source.failures import (
    RowsNotWritable,
    SourceLocked,
    SourceRefused,
    SourceTooSlow,
)
from analytics_pipelines.product_export.source.session import OpenSnapshot, SourceLimits

Progress = Callable[[int, int], None]
"""Told of so many more rows, and bytes of Parquet."""
OF_A_TABLE = (RowsNotWritable, SourceLocked, SourceRefused, SourceTooSlow)


@dataclass(frozen=True, slots=True)
class Written:
    """What one reading wrote."""

    rows: int
    size_bytes: int
    duration_s: float


def untold(rows: int, size_bytes: int) -> None:
    """Progress that nobody wants to know."""


@contextmanager
def told_of(table: str) -> Iterator[None]:
    """What is wrong with one table names it."""
    try:
        yield
    except OF_A_TABLE as error:
        raise type(error)(table + ": " + error.detail, limit=error.limit, remedy=error.remedy) from None


class Reader:
    """Reads tables of the source in one snapshot; to be used as a context manager, also by several threads.

    At the block's end, or when a reading fails, its connections are closed and its files removed.
    """

    def __init__(
        self, conninfo: str, snapshot: OpenSnapshot, limits: SourceLimits, duck_limits: DuckLimits, workspace: Path
    ) -> None:
        self._workers = Workers(conninfo, snapshot, limits, duck_limits)
        self._folder = workspace / ("slices-" + uuid4().hex)

    def __enter__(self) -> Self:
        with disk_errors():
            self._folder.mkdir(parents=True)
        self._workers.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workers.close()
        rmtree(self._folder, ignore_errors=True)

    def read(
        self,
        plan: TablePlan,
        day: date,
        target: Path,
        *,
        where: Sql | None = None,
        is_tombstone: bool | None = None,
        progress: Progress = untold,
    ) -> Written:
        """Write the rows that meet the wish's filter and `where` as the new file `target`, in the heap's order.

        `where` is one more condition of PostgreSQL over the table's columns. `is_tombstone` stands in every row of
        tables that have the column. An unchanged heap gives the same bytes. Raises what `source_errors` does.
        """
        started_s = time.perf_counter()
        reading = Reading(plan=plan, day=day, where=where, is_tombstone=bool(is_tombstone))
        folder = self._folder / uuid4().hex
        with disk_errors(), told_of(plan.wish.source_name):
            folder.mkdir()
            try:
                with joining(target) as work:
                    self._join(reading, folder, work, progress)
            finally:
                rmtree(folder, ignore_errors=True)
        return Written(work.rows, target.stat().st_size, time.perf_counter() - started_s)

    def _join(self, reading: Reading, folder: Path, work: Joining, progress: Progress) -> None:
        files = {
            folder / (str(number) + ".parquet"): piece for number, piece in enumerate(slices_of(reading.plan.source))
        }
        begun: deque[tuple[Path, Future[int]]] = deque(
            (file, self._workers.write(reading, piece, file)) for file, piece in files.items()
        )
        try:
            while begun:
                file, rows = begun.popleft()
                rows.result()
                size_bytes = file.stat().st_size
                written = work.append(file)
                file.unlink()
                work.sync()
                progress(written, size_bytes)
        except BaseException as error:  # noqa: BLE001 - even an interrupt must stop what others read
            for _, waiting in begun:
                waiting.cancel()
            failure = self._workers.failure(error)
            self._workers.stop()
            raise failure from None
