"""Threads that read slices side by side, each with a connection of its own.

A slice is read and written by one thread from end to end. The first failure stops the others.
"""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from threading import Event, Lock, get_native_id, local

import duckdb
import psycopg
import pyarrow as pa

from analytics_pipelines.foundation.duck import Duck, DuckLimits
from analytics_pipelines.foundation.errors import AnalyticsError, Unavailable
from analytics_pipelines.foundation.parquet_join import joined_files
from analytics_pipelines.foundation.postgres.duck_source import EXTENSION
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.product_export.reading.connections import Connection
from analytics_pipelines.product_export.reading.slices import PAGE_LINES, Slice
from analytics_pipelines.product_export.reading.statements import MOST_GROUP_BYTES, Reading
from analytics_pipelines.product_export.source.failures import AGAIN, source_errors
from analytics_pipelines.product_export.source.limits import FULL_DUTY_PCT
from analytics_pipelines.product_export.source.session import OpenSnapshot, SourceLimits, guarded

CANCEL = Sql("SELECT pg_cancel_backend(pid) FROM unnest(%s::integer[]) AS pid")
UNORDERED = Sql("SET GLOBAL preserve_insertion_order = false")
"""One thread reads and writes a slice, so its rows stay in order; only so DuckDB bounds row groups in bytes."""
POLL_S = 0.1
NICENESS = 10
"""Of the thread that reads with rests."""
PIECE_PAGES = 256
"""Read at once where there are rests: some milliseconds of the source's time."""
PARTS = 8
"""Of a slice whose rows do not fit into the memory."""


class Workers:
    """As many connections as are allowed, each opened when it is first needed."""

    def __init__(self, conninfo: str, snapshot: OpenSnapshot, limits: SourceLimits, duck_limits: DuckLimits) -> None:
        self._conninfo = guarded(conninfo, limits)
        self._snapshot = snapshot
        self._duty_pct = limits.duty_pct
        # Each worker runs its statement in its own thread; helpers of DuckDB would only fight for the cores.
        self._duck = Duck(replace(duck_limits, threads=1))
        # Rests of several connections would overlap, and the source would see no rest.
        self._threads = limits.connections if limits.duty_pct == FULL_DUTY_PCT else 1
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="export")
        self._own = local()
        self._lock = Lock()
        self._numbers = count()
        self._connections: list[Connection] = []
        self._cursors = ExitStack()
        self._stopping = Event()
        self._failure: BaseException | None = None

    def open(self) -> None:
        """Begin to connect, which takes a while, before there is something to read."""
        for _ in range(self._threads):
            self._pool.submit(self._guarded, lambda: self._connection().pid)

    def write(self, reading: Reading, piece: Slice, file: Path) -> Future[int]:
        """Read the slice into a Parquet file as soon as a connection is free; its rows."""
        return self._pool.submit(self._guarded, lambda: self._written(reading, piece, file))

    def failure(self, otherwise: BaseException) -> BaseException:
        """What failed first; the others only stopped because of it."""
        return self._failure or otherwise

    def stop(self) -> None:
        """Interrupt what runs and begin nothing more."""
        self._stopping.set()
        with self._lock:
            busy = [connection for connection in self._connections if connection.is_busy]
            for connection in busy:
                connection.interrupt()
        if busy:
            self._cancel([connection.pid for connection in busy])

    def close(self) -> None:
        """Stop, wait for the threads to end, and end all transactions."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.stop()
        while any(connection.is_busy for connection in self._connections):
            # One that had just been about to begin was not there to be cancelled.
            time.sleep(POLL_S)
            self.stop()
        self._pool.shutdown(wait=True)
        for connection in self._connections:
            connection.close()
        with suppress(duckdb.Error, AnalyticsError):
            self._cursors.close()
        self._duck.close()

    def _cancel(self, pids: Sequence[int]) -> None:
        """End statements at the source; a reader that waits for their first row notices no interrupt."""
        with suppress(psycopg.Error), psycopg.connect(self._conninfo, autocommit=True) as connection:
            connection.execute(CANCEL.text.encode(), (list(pids),))

    def _guarded(self, work: Callable[[], int]) -> int:
        if self._stopping.is_set():
            raise Unavailable("The export was stopped.", remedy=AGAIN)
        try:
            with source_errors():
                return work()
        except BaseException as error:
            with self._lock:
                # Who is interrupted by another's failure has nothing to tell.
                self._failure = self._failure or (None if self._stopping.is_set() else error)
            self.stop()
            raise

    def _written(self, reading: Reading, piece: Slice, file: Path) -> int:
        self._snapshot.must_be_young()
        connection = self._connection()
        connection.is_busy = True
        try:
            if self._duty_pct < FULL_DUTY_PCT:
                return self._written_gently(connection, reading, piece, file)
            return connection.write(reading, piece, file)
        except duckdb.OutOfMemoryException:
            parts = piece.cut(max(1, piece.places // PARTS))
            if len(parts) == 1 or self._stopping.is_set():
                raise
        finally:
            connection.is_busy = False
        self._give_up(connection)
        file.unlink(missing_ok=True)
        return self._written_in_parts(reading, parts, file)

    def _written_in_parts(self, reading: Reading, parts: Sequence[Slice], file: Path) -> int:
        files = [file.with_name(file.name + "." + str(number)) for number in range(len(parts))]
        for part, its_file in zip(parts, files, strict=True):
            self._written(reading, part, its_file)
        return _joined(files, file)

    def _written_gently(self, connection: Connection, reading: Reading, piece: Slice, file: Path) -> int:
        """The same rows as at full speed, but read in small pieces with rests between them."""
        files: list[Path] = []
        held: list[pa.Table] = []
        pieces = piece.cut(PIECE_PAGES * PAGE_LINES)
        for number, small in enumerate(pieces, 1):
            held.append(self._rested(connection, reading, small))
            if number == len(pieces) or sum(rows.nbytes for rows in held) > MOST_GROUP_BYTES:
                files.append(file.with_name(file.name + "." + str(number)))
                connection.write_held(reading, pa.concat_tables(held), files[-1])
                held.clear()
        return _joined(files, file)

    def _rested(self, connection: Connection, reading: Reading, piece: Slice) -> pa.Table:
        self._snapshot.must_be_young()
        started_s = time.perf_counter()
        rows = connection.read(reading, piece)
        read_s = time.perf_counter() - started_s
        self._stopping.wait(read_s * (FULL_DUTY_PCT - self._duty_pct) / self._duty_pct)
        return rows

    def _connection(self) -> Connection:
        """This thread's own."""
        found: Connection | None = getattr(self._own, "connection", None)
        if found is None:
            found = self._own.connection = self._opened()
        return found

    def _give_up(self, connection: Connection) -> None:
        """Close this thread's connection, whose transaction failed; the next one has the same snapshot."""
        self._own.connection = None
        with self._lock:
            self._connections.remove(connection)
        connection.close()

    def _opened(self) -> Connection:
        if self._duty_pct < FULL_DUTY_PCT:
            # The source may run on this very machine, and what it does there comes first.
            os.setpriority(os.PRIO_PROCESS, get_native_id(), NICENESS)
        with self._lock:
            number = next(self._numbers)
            cursor, writer = (self._cursors.enter_context(self._duck.cursor()) for _ in range(2))
            if not number:
                self._duck.load(EXTENSION)
                cursor.execute(UNORDERED.text)
            connection = Connection("source_" + str(number), cursor, writer)
            self._connections.append(connection)
        connection.open(self._conninfo, self._snapshot.exported_id)
        return connection


def _joined(parts: Sequence[Path], file: Path) -> int:
    """Parts of a slice as its file; they are removed."""
    rows = joined_files(parts, file)
    for part in parts:
        part.unlink()
    return rows
