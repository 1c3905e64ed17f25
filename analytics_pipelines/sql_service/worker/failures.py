"""What an error of the engine means to whoever asked: its kind, in words that hold no path and no SQL of ours.

DuckDB's errors are known by how their text begins: those that come through Arrow have no class of their own.
"""

import errno
import re
from collections.abc import Iterable

import structlog

from analytics_pipelines.foundation.errors import AnalyticsError, BadInput, FaultAt
from analytics_pipelines.sql_service.errors import (
    DuckDBConnectionError,
    DuckDBQueryError,
    DuckDBResourceError,
    QueryCancelled,
    QueryFailed,
    QueryTimedOut,
)
from analytics_pipelines.sql_service.messages import StopReason
from analytics_pipelines.sql_service.worker.stops import ClientGone, Stopped

KIND = re.compile(r"\s*([A-Za-z ]+?) Error: ")
"""How DuckDB's texts begin."""
INTERRUPTED = "INTERRUPT"
MEMORY = frozenset({"Out of Memory"})
FILES = frozenset({"IO", "Connection", "HTTP"})
OURS = frozenset({"INTERNAL", "FATAL", "Serialization", "TransactionContext", "Executor", "Scheduler", "NullPointer"})
"""What no SQL should be able to cause."""
OUR_SIDE = OURS | FILES | MEMORY | {INTERRUPTED, ""}
"""Kinds that are no mistake in the SQL; texts of the others may hold whatever the caller had them say."""
NO_MEMORY = ("std::bad_alloc", "Cannot allocate memory", "Resource temporarily unavailable", "malloc of size")
NO_ROOM = ("No space left on device", "File too large", "Disk quota exceeded", "max_temp_directory_size")
NO_ROOM_NUMBERS = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})
PATH = re.compile(r"/proc/(?:self|\d+)/fd/\d+(?:/[^\s\"',;)\]}]*)?")
"""How all that a worker reads is named."""
A_FILE = "a file"
PLACE = re.compile(r"\n+LINE (?P<line>\d+): (?P<shown>[^\n]*)(?:\n[ \t]*\^)?[^\n]*")
CUT = "..."
NAMED_COLUMN = re.compile(r"""[Cc]olumn (?:named |reference )?["']([^"']+)["']|column named "([^"]+)\"""")
MOST_TOLD = 2000

log = structlog.get_logger(__name__)


def failure_of(error: BaseException, sql: str = "", hidden: Iterable[str] = ()) -> AnalyticsError:
    """The error to tell, of any that a query ended with; `sql` is what the caller wrote.

    `hidden` are columns that are there and not for this caller.
    """
    if isinstance(error, AnalyticsError):
        return explained(error, hidden)
    if isinstance(error, Stopped):
        return stopped(error.reason)
    if isinstance(error, ClientGone):
        return QueryCancelled("Whoever asked has gone away.")
    told = str(error)
    begins = KIND.match(told)
    kind = begins[1].strip() if begins else ""
    if kind not in OUR_SIDE:
        return explained(DuckDBQueryError(cleaned(told, sql)), hidden)
    return _of_machine(error, told) or _of_engine(kind, error)


def stopped(reason: StopReason) -> AnalyticsError:
    """The error of a statement that was ended before its time."""
    if reason is StopReason.TIMEOUT:
        return QueryTimedOut(
            "The query was stopped at its deadline.",
            remedy="Ask for less at once (fewer days, columns or rows), or make it an export.",
        )
    return QueryCancelled("The query was cancelled.")


def bounded(failure: AnalyticsError, timeout_s: float) -> AnalyticsError:
    """The same, with the time that was over where it was."""
    if isinstance(failure, QueryTimedOut) and timeout_s:
        failure.limit = format(timeout_s, "g") + " s"
    return failure


def out_of_memory() -> DuckDBResourceError:
    """The error of a query that wanted more memory than there is for it."""
    return DuckDBResourceError(
        "The query needed more memory than one may take.",
        remedy="Ask for less at once: fewer days, columns or groups. The operator may raise DUCKDB_MEMORY_LIMIT.",
    )


def out_of_disk() -> DuckDBResourceError:
    """The error of a query that wanted more of the disk than there is for it."""
    return DuckDBResourceError(
        "The query needed more of the disk than one may take.",
        remedy="Ask for less at once: sort, join or group fewer rows.",
    )


def explained(error: AnalyticsError, hidden: Iterable[str]) -> AnalyticsError:
    """The error, with the remedy where it is about a column that tells of persons.

    One that names its query (`at_fault`) was explained before.
    """
    if not isinstance(error, DuckDBQueryError) or error.faults:
        return error
    column = _hidden_column(error.detail, hidden)
    if column is None:
        return error
    return type(error)(
        'The column "' + column + '" is hidden, because it tells of persons.',
        remedy="Leave it out, or ask somebody with the rights of an admin.",
    )


def cleaned(told: str, sql: str) -> str:
    """The engine's words without paths; the place of the error stays where it shows what the caller wrote."""
    place = PLACE.search(told)
    if place:
        line = _line_of(place["shown"], int(place["line"]), sql)
        shown = "" if line is None else place[0].replace(place["line"], str(line), 1)
        told = told[: place.start()] + shown + told[place.end() :]
    return PATH.sub(A_FILE, told).strip()[:MOST_TOLD]


def at_fault(error: AnalyticsError, pointer: str, which: str) -> AnalyticsError:
    """The same error, naming the one of several queries that it is about."""
    told = type(error)(which + ": " + error.detail, limit=error.limit, remedy=error.remedy)
    if isinstance(told, BadInput):
        told.faults = (FaultAt(pointer=pointer, code=error.code, message=error.detail),)
    return told


def _of_machine(error: BaseException, told: str) -> AnalyticsError | None:
    """What memory and disk refuse is told by several kinds of errors."""
    if isinstance(error, MemoryError) or any(sign in told for sign in NO_MEMORY):
        return out_of_memory()
    if any(sign in told for sign in NO_ROOM) or (isinstance(error, OSError) and error.errno in NO_ROOM_NUMBERS):
        return out_of_disk()
    return None


def _of_engine(kind: str, error: BaseException) -> AnalyticsError:
    if kind == INTERRUPTED:
        return QueryCancelled("The query was stopped.")
    if kind in MEMORY:
        return out_of_memory()
    log.error("a query failed", error=type(error).__name__, told=str(error)[:MOST_TOLD])
    if kind in FILES:
        return DuckDBConnectionError(
            "A file of the published tables could not be read.", remedy="Try again; tell the operator if it stays so."
        )
    return failed()


def failed() -> QueryFailed:
    """The error of a query over which the engine, or we, made a mistake."""
    return QueryFailed("The engine failed on this query.", remedy="Write it another way, and tell the operator.")


def _line_of(shown: str, line: int, sql: str) -> int | None:
    """Which of the caller's lines a line of an error, cut at its ends, shows; None when it is none of them.

    What is ours around the SQL may stand on lines before it, so that `line` counts too many.
    """
    part = shown.strip().removeprefix(CUT).removesuffix(CUT).strip()
    if not part or part not in sql:
        return None
    theirs = [place for place, each in enumerate(sql.split("\n"), start=1) if part in each]
    return max((place for place in theirs if place <= line), default=line)


def _hidden_column(told: str, hidden: Iterable[str]) -> str | None:
    named = {(one or other).rpartition(".")[2].lower() for one, other in NAMED_COLUMN.findall(told)}
    return next((column for column in hidden if column.lower() in named), None)
