"""Cursors of lists that come in pages: opaque texts that say after which row the next page begins.

    pages = Pages.of(lease.id, {"route": "search", "q": q, "share": share})
    after = pages.after(cursor, (str, str, int))
    ...
    next_cursor = pages.cursor_at((row.folded_name, row.share, row.pre))

A cursor holds its generation and a fingerprint of its question, so that no page is ever made of two generations or two
questions. It holds no secret and is believed in nothing but its types.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from typing import Any

import orjson

from analytics_pipelines.foundation.errors import BadInput, Conflict, LimitExceeded

MOST_CHARACTERS = 32_768
FINGERPRINT_BYTES = 15
LEAST_INTEGER, MOST_INTEGER = -(2**63), 2**63 - 1
BEGIN_ANEW = "Ask for the first page again, without `cursor`."


class BadCursor(BadInput):
    """The cursor is none that was given, or it was given for another question."""


class CursorOutdated(Conflict):
    """The cursor belongs to a generation that is no longer in force: begin anew."""


class CursorTooLong(LimitExceeded):
    """The page ends at a row whose texts do not fit into a cursor."""


Key = tuple[Any, ...]
"""Sort key of a row: texts, integers, floats, booleans, days, times or None; the last parts make it unique."""


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of one question to one generation."""

    generation: str
    question: str

    @staticmethod
    def of(generation: str, asked: Mapping[str, object]) -> "Pages":
        """`asked` has all that decides which rows there are and in which order; neither limit nor cursor."""
        return Pages(generation, fingerprint(asked))

    def cursor_at(self, last: Key) -> str:
        """The cursor of the page after the row with this sort key; raises `CursorTooLong`."""
        body = orjson.dumps([self.generation, self.question, [_told(part) for part in last]])
        text = urlsafe_b64encode(body).rstrip(b"=").decode()
        if len(text) > MOST_CHARACTERS:
            raise CursorTooLong(
                "The page's last row is too long for a cursor.",
                limit=str(MOST_CHARACTERS) + " characters",
                remedy="Sort by other columns.",
            )
        return text

    def after(self, cursor: str | None, kinds: Sequence[type]) -> Key | None:
        """The sort key that the cursor names, each part of its kind or None; None for the first page.

        Raises `BadCursor`, `CursorOutdated`.
        """
        if cursor is None:
            return None
        generation, question, last = _parts(cursor)
        if question != self.question:
            raise BadCursor("The cursor belongs to another question.", remedy=BEGIN_ANEW)
        if generation != self.generation:
            raise CursorOutdated("Newer data was published since the cursor was given.", remedy=BEGIN_ANEW)
        if len(last) != len(kinds):
            raise _bad()
        return tuple(_read(part, kind) for part, kind in zip(last, kinds, strict=True))


def fingerprint(asked: Mapping[str, object]) -> str:
    """The same text for the same question, whatever the order of its parts."""
    body = json.dumps(asked, default=str, sort_keys=True)
    return urlsafe_b64encode(blake2b(body.encode(), digest_size=FINGERPRINT_BYTES).digest()).decode()


def _parts(cursor: str) -> tuple[str, str, list[Any]]:
    if len(cursor) > MOST_CHARACTERS:
        raise _bad()
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        found = orjson.loads(urlsafe_b64decode(padded))
    except (UnicodeEncodeError, NoBase64, orjson.JSONDecodeError):
        raise _bad() from None
    match found:
        case [str(generation), str(question), list(last)]:
            return generation, question, last
    raise _bad()


def _told(part: object) -> object:
    """Times in full, since orjson would drop what tells them from text."""
    return {"at": part.isoformat()} if isinstance(part, date) else part


def _read(part: Any, kind: type) -> Any:
    """The part as the kind that its column has; whoever makes cursors up gets no further than this."""
    match part:
        case {"at": str(text)} if issubclass(kind, date):
            return _time(text, kind)
        case None:
            return None
        case bool() if kind is bool:
            return part
        case int() if kind is int and not isinstance(part, bool) and LEAST_INTEGER <= part <= MOST_INTEGER:
            return part
        case float() if kind is float:
            return part
        case str() if kind is str and "\x00" not in part:
            return part
    raise _bad()


def _time(text: str, kind: type) -> Any:
    try:
        found = datetime.fromisoformat(text) if issubclass(kind, datetime) else date.fromisoformat(text)
    except ValueError:
        raise _bad() from None
    if isinstance(found, datetime) and found.tzinfo is None:
        raise _bad()
    return found


def _bad() -> BadCursor:
    return BadCursor("This is no cursor of this list.", remedy=BEGIN_ANEW)
