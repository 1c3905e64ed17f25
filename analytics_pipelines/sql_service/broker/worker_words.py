"""What a worker says, believed no further than a stranger may be who has taken it over.

It may lie about its own answer. It can not have the broker touch files outside its folder, hold memory without end, end
another query, or trip over what it says.
"""

from collections.abc import Mapping
from typing import Any

from analytics_pipelines.sql_service.broker.frames import BrokenFrames
from analytics_pipelines.sql_service.errors import ErrorClass
from analytics_pipelines.sql_service.messages import Done, Kind, StopReason, done_of

MOST_KEPT_BYTES = 2**18
"""Of an answer for the cache, as workers gather them."""
AFTER_READY = frozenset({Kind.BEGAN, Kind.KEEP, Kind.DONE})
REASONS = frozenset({None, *StopReason})
CLASSES = frozenset({None, *ErrorClass})


def done_from(content: bytes) -> Done:
    """The end that a worker tells of; raises `BrokenFrames` of one that can not be."""
    try:
        done = done_of(content)
        is_sound = _is_sound(done)
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenFrames("an end that can not be read") from error
    if not is_sound:
        raise BrokenFrames("an end that can not be")
    return done


def kept_with(kept: bytearray, content: bytes) -> None:
    """Add a part of an answer for the cache; raises `BrokenFrames` past what one may have."""
    if len(kept) + len(content) > MOST_KEPT_BYTES:
        raise BrokenFrames("more for the cache than an answer may have")
    kept += content


def ready_from(told: Any) -> tuple[int, tuple[str, ...]]:
    """Process id, and the parts of the cage that are missing; raises `BrokenFrames`."""
    if not isinstance(told, Mapping) or not isinstance(told.get("pid"), int) or told["pid"] <= 1:
        raise BrokenFrames("a beginning that can not be")
    return told["pid"], tuple(map(str, told.get("lacks", ())))


def _is_sound(done: Done) -> bool:
    """The file is one of the worker's own folder, by its plain name."""
    is_plain = "/" not in done.file and "\x00" not in done.file and done.file not in {".", ".."}
    counts = (done.rows, done.sent_bytes, done.memory_bytes)
    is_counted = all(type(each) is int and each >= 0 for each in counts) and isinstance(done.engine_s, int | float)
    return is_plain and is_counted and done.error_class in CLASSES and done.is_stopped_for in REASONS
