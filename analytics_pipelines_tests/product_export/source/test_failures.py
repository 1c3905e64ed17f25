"""What psycopg and DuckDB say, in words that hold no SQL, value or secret."""

import duckdb
import psycopg
import pytest

from analytics_pipelines.foundation.errors import DiskFull, SetupError, Unavailable
from analytics_pipelines.foundation.postgres.failures import RightMissing
from analytics_pipelines.product_export.source.failures import (
    RowsNotWritable,
    SnapshotTooOld,
    SourceLocked,
    SourceRefused,
    SourceTooSlow,
    of_connecting,
    source_errors,
)

COPIED = "IO Error: Failed to execute query \"COPY (SELECT 'secret') TO STDOUT\": "
LINES = "\n\nLINE 1: SELECT secret FROM t\n"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (COPIED + "ERROR:  canceling statement due to statement timeout", SourceTooSlow),
        (COPIED + "ERROR:  canceling statement due to lock timeout", SourceLocked),
        (COPIED + "FATAL:  terminating connection due to idle-in-transaction timeout", SnapshotTooOld),
        (COPIED + "FATAL:  terminating connection due to transaction timeout", SnapshotTooOld),
        (COPIED + "ERROR:  canceling statement due to conflict with recovery", Unavailable),
        (COPIED + "FATAL:  terminating connection due to administrator command", Unavailable),
        (COPIED + "server closed the connection unexpectedly", Unavailable),
        ('IO Error: Unable to connect to Postgres at "password=secret": Connection refused', Unavailable),
        (COPIED + "ERROR:  permission denied for table secretless", RightMissing),
        (COPIED + 'ERROR:  column "nowhere" does not exist' + LINES, SourceRefused),
        (COPIED + 'ERROR:  invalid input syntax for type integer: "secret"', SourceRefused),
        (COPIED + 'ERROR:  invalid byte sequence for encoding "UTF8": 0xff', RowsNotWritable),
        (COPIED + "ERROR:  numeric field overflow", RowsNotWritable),
        ("Conversion Error: Could not convert 'secret' to INT32" + LINES, RowsNotWritable),
        ("IO Error: No space left on device", DiskFull),
    ],
)
def test_what_the_reader_says_becomes_one_kind_without_its_statement(said, kind):
    with pytest.raises(kind) as raised, source_errors():
        raise duckdb.IOException(said)
    told = str(raised.value)
    assert "'secret'" not in told
    assert '"secret' not in told
    assert "COPY" not in told
    assert "LINE" not in told
    assert kind is DiskFull or raised.value.__suppress_context__


def test_rights_and_names_are_told_by_name():
    with pytest.raises(RightMissing, match=r"may not read app\.users of the source"), source_errors():
        raise duckdb.IOException(COPIED + "ERROR:  permission denied for table app.users\n")
    with pytest.raises(SourceRefused, match='column "kund" does not exist'), source_errors():
        raise duckdb.IOException(COPIED + 'ERROR:  column "kund" does not exist' + LINES)


def test_memory_that_does_not_suffice_is_told_with_its_setting():
    with pytest.raises(Unavailable, match="DUCKDB_MEMORY_LIMIT"), source_errors():
        raise duckdb.OutOfMemoryException("Out of Memory Error: could not allocate")


def test_errors_of_ours_pass_unchanged():
    ours = SetupError("This.")
    with pytest.raises(SetupError) as raised, source_errors():
        raise ours
    assert raised.value is ours


def test_a_source_that_starts_or_stops_is_no_wrong_url():
    found = of_connecting(psycopg.OperationalError("FATAL:  the database system is shutting down"))
    assert isinstance(found, Unavailable)
