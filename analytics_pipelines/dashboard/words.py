"""Numbers and times as people read them."""

from datetime import date, datetime

KIB = 1024.0
MINUTE_S = 60
HOUR_S = 3600
DAY_S = 86_400


def human_bytes(size: float) -> str:
    """`1.4 MiB`: three digits and a unit."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(size) < KIB:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= KIB
    return f"{size:.1f} TiB"


def human_count(number: int) -> str:
    """`12,345`."""
    return f"{number:,}"


def human_age(moment: datetime, now: datetime) -> str:
    """`3 minutes ago`; what lies ahead is `just now`, since clocks differ."""
    seconds = (now - moment).total_seconds()
    if seconds < MINUTE_S:
        return "just now"
    if seconds < HOUR_S:
        return _ago(seconds / MINUTE_S, "minute")
    return _ago(seconds / HOUR_S, "hour") if seconds < DAY_S else _ago(seconds / DAY_S, "day")


def human_day(day: date | None, today: date) -> str:
    """`today`, `yesterday`, or the date; an empty text for none."""
    if day is None:
        return ""
    return {0: "today", 1: "yesterday"}.get((today - day).days, day.isoformat())


def _ago(amount: float, unit: str) -> str:
    whole = int(amount)
    return f"{whole} {unit} ago" if whole == 1 else f"{whole} {unit}s ago"
