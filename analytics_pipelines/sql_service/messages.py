"""What the API, the broker and the workers say to each other: frames of a kind, a length and bytes, never unpickled.

One connection of the API carries one ask. The answer is HEAD, DATA…, END, or ERROR in place of what has not come yet;
asks that the broker answers itself get END or ERROR alone. DATA of JSON answers are the members of an object without
its braces, so that END's members can be written behind them. A session carries more asks, each after the END of the
one before.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any

import orjson

from analytics_pipelines.sql_service.allowance import Caller, Rights

HEADER = struct.Struct("!cI")
MOST_SQL_BYTES = 100_000
"""Of one statement."""
MOST_ASK_BYTES = 2**20
MOST_FRAME_BYTES = 2**24


class Kind(Enum):
    """Of a frame; those behind ERROR are spoken between broker and worker alone."""

    ASK = b"q"
    HEAD = b"h"
    DATA = b"d"
    END = b"e"
    ERROR = b"x"

    SETUP = b"s"
    READY = b"r"
    JOB = b"j"
    """With the API's connection: the descriptor comes with the frame's first byte."""
    STOP = b"c"
    """To a worker: end the statement that runs, JSON {"query_id", "reason"}."""
    BEGAN = b"b"
    """From a worker: the next byte goes to the client, so that the job can not be done again."""
    KEEP = b"k"
    """From a worker: a part of a short answer for the cache, as it went to the client (frames and all)."""
    DONE = b"f"


class Does(StrEnum):
    """What is asked for."""

    QUERY = "query"
    BATCH = "batch"
    EXPLAIN = "explain"
    SESSION = "session"
    EXPORT = "export"
    CANCEL = "cancel"
    QUERIES = "queries"
    HEALTH = "health"
    STATISTICS = "statistics"
    RESET = "reset"


class Format(StrEnum):
    """How rows are written."""

    JSON = "json"
    ARROW = "arrow"
    CSV = "csv"
    PARQUET = "parquet"


class StopReason(StrEnum):
    """Why a statement is to end before its time."""

    CANCELLED = "cancelled"
    TIMEOUT = "timeout"
    LATER = "later"
    """It is a long one and makes room for short ones; it will be begun again, so nothing is told to the client."""


Parameters = list[Any] | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL, and what its placeholders stand for: by position (`?`, `$1`) or by name (`$day`)."""

    sql: str
    parameters: Parameters | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What the API wants of the broker."""

    does: Does
    caller: Caller
    statements: tuple[Statement, ...] = ()
    """One; of a batch all, in order."""
    format: Format = Format.JSON
    limit: int | None = None
    """Most rows; None for as many as the caller may have."""
    timeout_s: float | None = None
    query_id: str = ""
    """Of the query to cancel, or the id that this one is to have; made by the broker where it is empty."""
    uses_transaction: bool = True
    """Of a batch: all or nothing."""
    is_analyzed: bool = False
    """Of an explanation: the statement is run, and its operators are timed."""
    name: str = ""
    """Of an export: its folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What the broker has a worker do; bounds are decided, and the rights are those of the caller."""

    query_id: str
    does: Does
    rights: Rights
    statements: tuple[Statement, ...]
    format: Format
    row_limit: int
    keeps_answer: bool
    """Whether a short answer is wanted for the cache too."""
    timeout_s: float = 0.0
    """When the broker stops it; only to be told."""
    uses_transaction: bool = True
    is_analyzed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a worker is made with; paths are absolute, and the last ones that it can open are below them."""

    generation_folder: str
    spill_folder: str
    """Its own, there already and empty; Parquet that is made (exports, parts of streams) lies here too."""
    memory_bytes: int
    """DuckDB's; the process may have somewhat more."""
    threads: int
    most_spilled_bytes: int
    extensions: tuple[str, ...] = ()
    """Files of extensions, loaded before the cage is locked."""
    may_lack: tuple[str, ...] = ()
    """Parts of the cage that the operator does without: `landlock`, `seccomp`, `user`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a worker's job ended."""

    query_id: str
    error_class: str | None = None
    """None of one that was answered; else one of `ErrorClass`."""
    is_stopped_for: str | None = None
    """`StopReason.LATER` of one that is to be begun again."""
    rows: int = 0
    sent_bytes: int = 0
    engine_s: float = 0.0
    """Time in the engine, without encoding and sending."""
    memory_bytes: int = 0
    """Most memory that the process has held for it."""
    is_repeatable: bool = False
    """Whether the same SQL over the same generation gives the same answer, so that it may be cached."""
    wants_rest: bool = False
    """The worker is to be replaced: it ran out of memory, or grew."""
    file: str = ""
    """Of an export: the finished file's name in the spill folder."""
    columns: tuple[tuple[str, str], ...] = field(default=())


def frame(kind: Kind, content: bytes = b"") -> bytes:
    """A whole frame."""
    return HEADER.pack(kind.value, len(content)) + content


def frame_of(kind: Kind, content: Any) -> bytes:
    """A whole frame of JSON; of a dataclass its fields."""
    return frame(kind, orjson.dumps(content))


def ask_of(content: bytes) -> Ask:
    """The ask that a frame holds; raises `ValueError`, `KeyError` or `TypeError` of one that is none."""
    told = orjson.loads(content)
    caller = Caller(str(told["caller"]["name"]), Rights(told["caller"]["rights"]))
    more = {name: told[name] for name in ("limit", "timeout_s", "query_id", "uses_transaction", "is_analyzed", "name")}
    return Ask(
        does=Does(told["does"]),
        caller=caller,
        statements=_statements(told),
        format=Format(told["format"]),
        **more,
    )


def job_of(content: bytes) -> Job:
    """The job that a frame holds."""
    told = orjson.loads(content)
    chosen = {"does": Does(told["does"]), "rights": Rights(told["rights"]), "format": Format(told["format"])}
    return Job(**{**told, **chosen, "statements": _statements(told)})


def setup_of(content: bytes) -> Setup:
    """The set-up that a frame holds."""
    told = orjson.loads(content)
    return Setup(**{**told, "extensions": tuple(told["extensions"]), "may_lack": tuple(told["may_lack"])})


def done_of(content: bytes) -> Done:
    """The end that a frame tells of."""
    told = orjson.loads(content)
    return Done(**{**told, "columns": tuple((str(name), str(kind)) for name, kind in told["columns"])})


def _statements(told: Mapping[str, Any]) -> tuple[Statement, ...]:
    return tuple(Statement(str(each["sql"]), each["parameters"]) for each in told["statements"])
