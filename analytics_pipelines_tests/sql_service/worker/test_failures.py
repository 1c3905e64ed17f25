"""What errors mean: whose fault, in words without paths, our SQL or stack traces."""

import errno

import duckdb
import pytest

from analytics_pipelines.sql_service.errors import DuckDBQueryError, QueryRefused, class_of
from analytics_pipelines.sql_service.messages import StopReason
from analytics_pipelines.sql_service.worker.failures import MOST_TOLD, at_fault, cleaned, failure_of
from analytics_pipelines.sql_service.worker.stops import ClientGone, Stopped

SQL = "SELECT nothing FROM t"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(duckdb.ParserException("Parser Error: syntax error"), "query", id="parser"),
        pytest.param(duckdb.BinderException("Binder Error: no"), "query", id="binder"),
        pytest.param(duckdb.CatalogException("Catalog Error: no"), "query", id="catalog"),
        pytest.param(duckdb.ConversionException("Conversion Error: no"), "query", id="conversion"),
        pytest.param(duckdb.OutOfRangeException("Out of Range Error: no"), "query", id="out of range"),
        pytest.param(duckdb.InvalidInputException("Invalid Input Error: no"), "query", id="input"),
        pytest.param(duckdb.ConstraintException("Constraint Error: no"), "query", id="constraint"),
        pytest.param(duckdb.NotImplementedException("Not implemented Error: no"), "query", id="not there"),
        pytest.param(duckdb.PermissionException("Permission Error: no"), "query", id="permission"),
        pytest.param(OSError("Conversion Error: no"), "query", id="through Arrow"),
        pytest.param(duckdb.OutOfMemoryException("Out of Memory Error: no"), "resource", id="memory"),
        pytest.param(MemoryError(), "resource", id="Python's memory"),
        pytest.param(RuntimeError("std::bad_alloc"), "resource", id="the allocator"),
        pytest.param(OSError("Out of Memory Error: no"), "resource", id="memory through Arrow"),
        pytest.param(OSError(errno.ENOSPC, "No space left on device"), "resource", id="disk"),
        pytest.param(OSError(errno.EFBIG, "File too large"), "resource", id="a file too large"),
        pytest.param(duckdb.IOException("IO Error: No space left on device"), "resource", id="the engine's disk"),
        pytest.param(duckdb.IOException("IO Error: Cannot open file"), "connection", id="files"),
        pytest.param(duckdb.InterruptException("INTERRUPT Error: Interrupted!"), "cancelled", id="interrupted"),
        pytest.param(duckdb.InternalException("INTERNAL Error: no"), "internal", id="internal"),
        pytest.param(duckdb.FatalException("FATAL Error: no"), "internal", id="fatal"),
        pytest.param(duckdb.SerializationException("Serialization Error: no"), "internal", id="serialization"),
        pytest.param(ValueError("ours"), "internal", id="a mistake of ours"),
        pytest.param(Stopped(StopReason.TIMEOUT), "timeout", id="deadline"),
        pytest.param(Stopped(StopReason.CANCELLED), "cancelled", id="cancelled"),
        pytest.param(ClientGone(), "cancelled", id="gone"),
        pytest.param(QueryRefused("no"), "query", id="refused"),
    ],
)
def test_an_error_is_somebodys_fault(error, expected):
    assert class_of(failure_of(error, SQL)) == expected


@pytest.mark.parametrize("said", ["No space left on device", "std::bad_alloc", "IO Error: x", "Out of Memory Error: x"])
def test_what_a_caller_has_an_error_say_is_not_believed(said):
    assert class_of(failure_of(duckdb.InvalidInputException("Invalid Input Error: " + said), SQL)) == "query"


def test_the_place_of_an_error_stays_where_it_shows_the_callers_text():
    told = 'Binder Error: no "nothing"\n\nLINE 1: SELECT nothing FROM t\n               ^'
    assert cleaned(told, SQL) == told
    assert cleaned(told, "SELECT 1") == 'Binder Error: no "nothing"'
    assert cleaned("Binder Error: no\n\nLINE 1: ...nothing FROM t...\n      ^", SQL).endswith("^")
    assert cleaned("Binder Error: no\n\nLINE 1: SELECT c0 FROM (", SQL) == "Binder Error: no"


@pytest.mark.parametrize(
    ("told", "sql", "expected"),
    [
        pytest.param("LINE 2: SELECT a FROM t", "SELECT a FROM t", "LINE 1: SELECT a FROM t", id="ours before it"),
        pytest.param("LINE 3: FROM t", "SELECT a\nFROM t", "LINE 2: FROM t", id="several lines"),
        pytest.param("LINE 3: x", "x\n+\nx", "LINE 3: x", id="a line twice"),
        pytest.param("LINE 12: a\n", "a", "LINE 1: a\n", id="two digits"),
    ],
)
def test_lines_are_counted_as_the_caller_wrote_them(told, sql, expected):
    assert cleaned("Binder Error: no\n\n" + told, sql) == ("Binder Error: no\n\n" + expected).strip()


def test_paths_and_length_are_cut():
    assert (
        cleaned('Error: in "/proc/self/fd/3/a b/x.parquet" and /proc/1/fd/4', SQL)
        == 'Error: in "a file b/x.parquet" and a file'
    )
    assert len(cleaned("x" * 10_000, SQL)) == MOST_TOLD


def test_what_the_machine_refuses_is_told_in_our_words():
    told = failure_of(duckdb.IOException("IO Error: Cannot open file '/proc/self/fd/3/shop.duckdb'"))
    assert "shop" not in str(told)
    assert told.remedy
    assert "limit" not in str(failure_of(ValueError("secret"))).lower()
    assert "secret" not in str(failure_of(ValueError("secret")))


def test_a_hidden_column_is_named_with_the_remedy():
    found = failure_of(duckdb.BinderException('Binder Error: Referenced column "Email" not found'), SQL, ["email"])
    assert isinstance(found, DuckDBQueryError)
    assert found.detail == 'The column "email" is hidden, because it tells of persons.'
    other = failure_of(
        duckdb.BinderException('Binder Error: table "t" does not have a column named "mail"'), SQL, ["email"]
    )
    assert "hidden" not in other.detail


def test_a_hidden_column_of_a_batch_keeps_its_place():
    named = at_fault(DuckDBQueryError('The column "email" is hidden.'), "/queries/1", "Query 2 of the batch")
    assert failure_of(named, SQL, ["email"]) is named


def test_one_of_several_is_named():
    told = at_fault(QueryRefused("no", remedy="other"), "/queries/3", "Query 4 of the batch")
    assert (type(told), told.detail, told.remedy) == (QueryRefused, "Query 4 of the batch: no", "other")
    assert [(each.pointer, each.code, each.message) for each in told.faults] == [("/queries/3", "QueryRefused", "no")]
