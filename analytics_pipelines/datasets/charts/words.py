"""Text of the data as it is drawn, and numbers and times as Vega reads them."""

import math
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

MOST_CHARACTERS = 40
LARGEST, SMALLEST = 1e300, 1e-300
MISSING, OTHER = "(missing)", "(other)"


def shown(text: str, most: int = MOST_CHARACTERS) -> str:
    """The text in one line of at most `most` characters, without those that can not be seen or change direction."""
    line = "".join(" " if unicodedata.category(each) in {"Cc", "Cf", "Zl", "Zp", "Cs"} else each for each in text)
    words = " ".join(line.split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def label(cell: object, zone: str = "UTC") -> str:
    """A value of a group as text."""
    if cell is None:
        return MISSING
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return _wall(cell, zone).isoformat(sep=" ", timespec="minutes").removesuffix(" 00:00")
    if isinstance(cell, float):
        return f"{cell:.12g}"
    return shown(str(cell)) or '""'


def number(cell: object) -> float | None:
    """A number that can be drawn, or None: also beyond 1e300, where an axis would overflow; hardly any is zero."""
    if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal):
        return None
    try:
        value = float(cell)
    except OverflowError:
        return None
    if not math.isfinite(value) or abs(value) > LARGEST:
        return None
    return value if abs(value) >= SMALLEST else 0.0


def moment(cell: object, zone: str = "UTC") -> str | None:
    """A time as the clock of `zone` shows it, marked as UTC, so that drawing moves it nowhere."""
    if isinstance(cell, datetime):
        return _wall(cell, zone).isoformat(timespec="milliseconds") + "Z"
    return f"{cell.isoformat()}T00:00:00.000Z" if isinstance(cell, date) else None


def _wall(at: datetime, zone: str) -> datetime:
    if at.tzinfo is None:
        return at
    try:
        return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    except OverflowError:
        return at.astimezone(UTC).replace(tzinfo=None)
