"""Lists that come in pages, in the order of the rows' numbers.

A cursor is the number of a page's last row and a fingerprint of the question, so that no page continues another
question. It names no generation, since PostgreSQL moves on: a row that is added meanwhile comes on a later page, and
none comes twice.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from collections.abc import Mapping
from hashlib import blake2b
from typing import Protocol, TypeVar

from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.product_export.models import MOST_NUMBER

Row = TypeVar("Row", bound="Numbered")
MARK_BYTES = 6
NUMBER_BYTES = 4


class BadCursor(BadInput):
    """The cursor is none that was given, or it was given for another question."""


class Numbered(Protocol):
    """A row of such a list."""

    @property
    def id(self) -> int:
        """Its number."""
        ...


def cut(found: list[Row], limit: int, asked: Mapping[str, object]) -> tuple[list[Row], str | None]:
    """A page of at most `limit` rows, and the cursor of the next one where more were found."""
    page = found[:limit]
    return page, cursor_at(page[-1].id, asked) if len(found) > limit else None


def cursor_at(last: int, asked: Mapping[str, object]) -> str:
    """The cursor of the page after the row with that number; `asked` has all filters, not the limit."""
    return urlsafe_b64encode(_mark(asked) + last.to_bytes(NUMBER_BYTES, "big")).decode().rstrip("=")


def last_of(cursor: str | None, asked: Mapping[str, object]) -> int:
    """The number after which the page begins, 0 for the first page; raises `BadCursor`."""
    if cursor is None:
        return 0
    try:
        found = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except (UnicodeEncodeError, NoBase64):
        raise _bad() from None
    last = int.from_bytes(found[MARK_BYTES:], "big")
    if len(found) != MARK_BYTES + NUMBER_BYTES or found[:MARK_BYTES] != _mark(asked) or last > MOST_NUMBER:
        raise _bad()
    return last


def _mark(asked: Mapping[str, object]) -> bytes:
    return blake2b(json.dumps(asked, default=str, sort_keys=True).encode(), digest_size=MARK_BYTES).digest()


def _bad() -> BadCursor:
    return BadCursor("This is no cursor of this list.", remedy="Ask for the first page again, without `cursor`.")
