"""Values that filters compare with: JSON values read as what their field is."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from analytics_pipelines.foundation.clock import midnight
from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.storage_snapshots.ask.fields import Field, Kind

MOST_INTEGER = 2**63 - 1
MOST_CHARACTERS = 4096
MOST_DAYS = 1_000_000
UNITS = {"": 1, "B": 1} | {
    letter + suffix: base**power
    for power, letter in enumerate("KMGTP", 1)
    for suffix, base in (("B", 1000), ("iB", 1024))
}
SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,6})?) ?([KMGTP]i?B|B)?", re.IGNORECASE)
OCTAL = re.compile(r"(?:0o?)?[0-7]{1,5}")
FORMS = {
    Kind.TEXT: "a text without NUL, at most " + str(MOST_CHARACTERS) + " characters",
    Kind.INTEGER: "a whole number of at most 64 bits",
    Kind.BYTES: "a whole number of bytes, or a text like '10MB' (10^6) or '1.5GiB' (2^30)",
    Kind.BITS: "a whole number, or its octal digits as a text like '0644'",
    Kind.DAYS: "a number of days",
    Kind.TIME: "a day like '2026-03-01' (its beginning in UTC) or a time like '2026-03-01T12:00:00+01:00'",
    Kind.FLAG: "true or false",
}


class BadValue(BadInput):
    """A filter compares with a value that its field can not have."""


def value_of(given: Any, field: Field, where: str) -> Any:
    """The value as the engine compares it; raises `BadValue`, which names `where` it stands and what is wanted."""
    found = _READERS[field.kind](given)
    if found is None:
        raise BadValue("At " + where + ": " + field.name + " is compared with " + FORMS[field.kind] + ".")
    if field.one_of and found not in field.one_of:
        raise BadValue("At " + where + ": " + field.name + " is one of " + ", ".join(field.one_of) + ".")
    return found


def _text(given: Any) -> str | None:
    if not isinstance(given, str) or len(given) > MOST_CHARACTERS or "\x00" in given:
        return None
    return None if any("\ud800" <= each <= "\udfff" for each in given) else given


def _integer(given: Any) -> int | None:
    is_whole = isinstance(given, int) and not isinstance(given, bool)
    return given if is_whole and -MOST_INTEGER <= given <= MOST_INTEGER else None


def _bytes(given: Any) -> int | None:
    if not isinstance(given, str):
        return _integer(given)
    found = SIZE.fullmatch(given)
    if found is None:
        return None
    unit = (found[2] or "").upper().replace("IB", "iB")
    return _integer(int(Decimal(found[1]) * UNITS[unit]))


def _bits(given: Any) -> int | None:
    if isinstance(given, str):
        return int(given.removeprefix("0o"), 8) if OCTAL.fullmatch(given) else None
    found = _integer(given)
    return found if found is not None and 0 <= found < 2**31 else None


def _days(given: Any) -> float | None:
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    return float(given) if is_number and abs(given) <= MOST_DAYS else None


def _time(given: Any) -> datetime | None:
    if not isinstance(given, str):
        return None
    try:
        found = datetime.fromisoformat(given)
        day = date.fromisoformat(given) if len(given) == len("2026-03-01") else None
    except ValueError:
        return None
    if day is not None:
        return midnight(day)
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError:
        return None


def _flag(given: Any) -> bool | None:
    return given if isinstance(given, bool) else None


_READERS = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.BYTES: _bytes,
    Kind.BITS: _bits,
    Kind.DAYS: _days,
    Kind.TIME: _time,
    Kind.FLAG: _flag,
}
