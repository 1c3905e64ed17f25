"""JSON of clients, safe to store in PostgreSQL, or `Rejected` for a typed reason; nothing else is raised.

A fast parser reads what is plain. It turns long integers into floats and takes NUL and deep nesting, so what looks like
any of these, or what it refuses, is read again with care, which also tells the reason.
"""

import json
import math
from collections.abc import Iterator

import orjson

from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.web_events.event import Reason, Rejected

MOST_DEPTH = 64
MOST_DIGITS = 1_000
DIGITS_ONLY = bytes(ord("0") if chr(byte) in "0123456789" else ord(" ") for byte in range(256))
LONG_NUMBER = b"0" * 19
"""As `DIGITS_ONLY` shows it; nothing shorter leaves 64 bits."""
NUL = b"\\u0000"
HALF = "half of a surrogate pair."


class Unparsable(Rejected):
    """The text is not JSON; nothing in it can be told apart."""


class NotJson(BadInput):
    """A constant that Python's parser takes and JSON does not know."""

    title = "The input is not JSON"


def read_fast(body: bytes) -> object:
    """The value when all of it is plain but for its depth; raises `ValueError` when it has to be read with care."""
    if NUL in body or LONG_NUMBER in body.translate(DIGITS_ONLY):
        raise ValueError("not plain")
    return orjson.loads(body)


def read_carefully(body: bytes) -> object:
    """The value, which may not be storable yet. Raises `Unparsable` and `Rejected`."""
    try:
        text = body.decode("utf-8-sig")
        return json.loads(text, parse_constant=_no_constant, parse_float=_finite, parse_int=_short)
    except NotJson:
        raise Rejected(Reason.BROKEN_JSON, "The body is not valid JSON.") from None
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise Unparsable(Reason.BROKEN_JSON, "The body is not valid JSON.") from None
    except RecursionError:
        raise _too_deep() from None


def written(value: object) -> str:
    """JSON text of what was read; integers of any length stay what they are."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def must_not_be_deep(value: object, text: str) -> None:
    """Raise `Rejected` when the value, whose JSON text is given, has too many levels."""
    if text.count("{") + text.count("[") >= MOST_DEPTH and any(depth > MOST_DEPTH for depth, _ in _walk(value)):
        raise _too_deep()


def must_be_storable(value: object) -> None:
    """Raise `Rejected` for too many levels, and for texts that PostgreSQL can not hold."""
    for depth, part in _walk(value):
        if depth > MOST_DEPTH:
            raise _too_deep()
        if isinstance(part, str) and not is_storable(part):
            raise Rejected(Reason.TEXT_NOT_STORABLE, "A text holds " + ("NUL." if "\x00" in part else HALF))


def _no_constant(name: str) -> float:
    raise NotJson(name + " is not JSON.")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise Rejected(Reason.NUMBER_OUT_OF_RANGE, "A number is out of range.", limit="±1.8e308")
    return number


def _short(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise Rejected(Reason.NUMBER_OUT_OF_RANGE, "A number is too long.", limit=str(MOST_DIGITS) + " digits")
    return int(digits)


def _too_deep() -> Rejected:
    return Rejected(Reason.TOO_DEEP, "The event is nested too deeply.", limit=str(MOST_DEPTH) + " levels")


def _walk(root: object) -> Iterator[tuple[int, object]]:
    """Every value and name with its depth; a stack of our own, since depth is what is being tested."""
    stack = [(1, root)]
    while stack:
        depth, value = stack.pop()
        yield depth, value
        if isinstance(value, dict):
            stack.extend((depth + 1, part) for pair in value.items() for part in pair)
        elif isinstance(value, list):
            stack.extend((depth + 1, part) for part in value)


def is_storable(text: str) -> bool:
    """Whether PostgreSQL's text takes it: neither NUL nor half of a surrogate pair."""
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:
        return False
