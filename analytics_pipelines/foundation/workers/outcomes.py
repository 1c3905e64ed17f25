"""How a job ended, as its process tells it: a kind, a length, and bytes that are only ever read as data.

A process that works on what strangers sent may be made to send anything: nothing of it is unpickled or run, no module
is imported that is not of the job's own package, and only classes that are errors of ours are made.
"""

import errno
import importlib
import struct
import sys
import traceback
from dataclasses import dataclass
from enum import Enum
from typing import Any

import orjson

from analytics_pipelines.foundation.errors import (
    AnalyticsError,
    BadInput,
    Conflict,
    FaultAt,
    LimitExceeded,
    Unavailable,
)

HEAD = struct.Struct("!cQ")
MOST_TEXT_BYTES = 16 * 1024
OWN = AnalyticsError.__module__.partition(".")[0]
OUT_OF_MEMORY = frozenset({"OutOfMemoryException"})
"""Classes of libraries that are no `MemoryError`, by name: whoever is forked need not have the library."""


class Busy(Unavailable):
    """All processes have been at work for as long as a job may wait."""


class Cancelled(Conflict):
    """The work was stopped because nobody wants it any more."""


class MemoryPassed(LimitExceeded):
    """The work needed more memory than it may take."""


class FilePassed(LimitExceeded):
    """The work wrote a larger file than it may."""


class WorkerDied(Unavailable):
    """The process that did the work ended without an answer."""


class Kind(Enum):
    """How a job ended."""

    ANSWER = b"="
    ERROR = b"!"
    """One of ours, as JSON."""
    NO_MEMORY = b"m"
    LARGE_FILE = b"f"
    MISTAKE = b"?"
    """Any other, as the text of its traceback."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended, and what there is to say."""

    kind: Kind
    content: bytes = b""

    def head(self) -> bytes:
        """What is sent before the content."""
        return HEAD.pack(self.kind.value, len(self.content))


NO_MEMORY = Outcome(Kind.NO_MEMORY)


def outcome_of(error: BaseException) -> Outcome:
    """The outcome that tells of an error; raises `MemoryError` when there is none left even for that."""
    if isinstance(error, AnalyticsError):
        return Outcome(Kind.ERROR, _described(error))
    if isinstance(error, MemoryError) or type(error).__name__ in OUT_OF_MEMORY:
        return NO_MEMORY
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return Outcome(Kind.LARGE_FILE)
    text = "".join(traceback.format_exception(error))[-MOST_TEXT_BYTES:]
    return Outcome(Kind.MISTAKE, text.encode("utf-8", "backslashreplace"))


def error_of(content: bytes, job_package: str) -> AnalyticsError | None:
    """The error that `outcome_of` described, if its class is one of ours or of the job's package; else None."""
    try:
        told = orjson.loads(content)
        kind = _class_of(told["module"], told["name"], {OWN, job_package})
        return _made(kind, told["facts"]) if kind else None
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ImportError):
        return None


def _described(error: AnalyticsError) -> bytes:
    kind = type(error)
    facts = {name: value for name, value in vars(error).items() if _is_json(value)}
    return orjson.dumps({"module": kind.__module__, "name": kind.__qualname__, "facts": facts})


def _is_json(value: object) -> bool:
    try:
        orjson.dumps(value)
    except TypeError:
        return False
    return True


def _class_of(module: str, name: str, packages: set[str]) -> type[AnalyticsError] | None:
    if module.partition(".")[0] not in packages:
        return None
    found: Any = sys.modules.get(module) or importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found if isinstance(found, type) and issubclass(found, AnalyticsError) else None


def _made(kind: type[AnalyticsError], facts: dict[str, Any]) -> AnalyticsError:
    """An error with the attributes that the other had, however its class is built."""
    error = kind.__new__(kind)
    AnalyticsError.__init__(error, str(facts.pop("detail")), limit=_text(facts, "limit"), remedy=_text(facts, "remedy"))
    if isinstance(error, BadInput):
        error.faults = tuple(_fault(each) for each in facts.pop("faults", ()))
    for name, value in facts.items():
        if not name.startswith("_"):
            setattr(error, name, value)
    return error


def _text(facts: dict[str, Any], name: str) -> str | None:
    value = facts.pop(name, None)
    return None if value is None else str(value)


def _fault(told: dict[str, Any]) -> FaultAt:
    return FaultAt(pointer=str(told["pointer"]), code=str(told["code"]), message=str(told["message"]))
