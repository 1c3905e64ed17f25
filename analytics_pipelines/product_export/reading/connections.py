"""One connection that reads: PostgreSQL attached to DuckDB, in a transaction that has the run's snapshot."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import arrow_of, one_row
from analytics_pipelines.foundation.sql import Sql, literal, name
from analytics_pipelines.product_export.reading.slices import Slice
from analytics_pipelines.product_export.reading.statements import Reading

ATTACH = Sql("ATTACH {conninfo} AS {alias} (TYPE postgres, READ_ONLY)")
DETACH = Sql("DETACH {alias}")
EXECUTE = Sql("CALL postgres_execute({alias}, {statement})")
IMPORT = Sql("SET TRANSACTION SNAPSHOT {snapshot}")
QUERY = Sql("postgres_query({alias}, {query})")
OWN_PID = Sql("SELECT pg_backend_pid() AS pid")
ALL = Sql("SELECT * FROM {rows}")
HELD = "held_rows"


@dataclass(slots=True)
class Connection:
    """A cursor whose transaction has the snapshot, and one outside it; used by one thread at a time."""

    alias: str
    cursor: DuckDBPyConnection
    writer: DuckDBPyConnection
    pid: int = 0
    """Of the backend."""
    is_busy: bool = False

    def open(self, conninfo: str, snapshot_id: str) -> None:
        """Connect, and read from now on what the snapshot holds."""
        self.cursor.execute(ATTACH.fill(conninfo=literal(conninfo), alias=name(self.alias)).text)
        self.cursor.execute("BEGIN TRANSACTION")
        statement = IMPORT.fill(snapshot=literal(snapshot_id))
        self.cursor.execute(EXECUTE.fill(alias=literal(self.alias), statement=literal(statement.text)).text)
        (self.pid,) = one_row(self.cursor.execute(ALL.fill(rows=self._rows(OWN_PID)).text))

    def write(self, reading: Reading, piece: Slice, file: Path) -> int:
        """The rows of the slice into a Parquet file; gives how many."""
        return _copied(self.cursor, reading.to_file(self._rows(reading.of_source(piece)), file))

    def read(self, reading: Reading, piece: Slice) -> pa.Table:
        """The rows of the slice, in memory."""
        return arrow_of(self.cursor, ALL.fill(rows=self._rows(reading.of_source(piece))))

    def write_held(self, reading: Reading, rows: pa.Table, file: Path) -> int:
        """Rows that were read before into a Parquet file; the source is not asked."""
        self.writer.register(HELD, rows)
        try:
            return _copied(self.writer, reading.to_file(name(HELD), file))
        finally:
            self.writer.unregister(HELD)

    def interrupt(self) -> None:
        """Stop what runs in another thread."""
        self.cursor.interrupt()
        self.writer.interrupt()

    def close(self) -> None:
        """End the transaction and the connection, whatever state they are in."""
        # A cursor that is closed in a transaction whose server has gone ends the whole process, so it is ended first.
        with suppress(duckdb.Error):
            self.cursor.execute("ROLLBACK")
        with suppress(duckdb.Error):
            self.writer.execute(DETACH.fill(alias=name(self.alias)).text)

    def _rows(self, query: Sql) -> Sql:
        """What PostgreSQL answers, for a FROM."""
        return QUERY.fill(alias=literal(self.alias), query=literal(query.text))


def _copied(cursor: DuckDBPyConnection, statement: Sql) -> int:
    (rows,) = one_row(cursor.execute(statement.text))
    return int(rows)
