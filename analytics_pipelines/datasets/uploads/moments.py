"""Days and times in text: ISO and what spreadsheets write, day or month first only where the column tells which."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from analytics_pipelines.datasets.uploads.attempt import Attempt
from analytics_pipelines.datasets.uploads.distinct import matches

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LONG_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
WORD = "(?P<word>[A-Za-z]{3,9})"
YEAR, MONTH, DAY = "(?P<year>[0-9]{4})", "(?P<month>[0-9]{1,2})", "(?P<day>[0-9]{1,2})"
CLOCK = (
    "(?:[Tt]|,? )(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    "(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,6})0{0,3})?)?"
    "(?: ?(?P<half>[AaPp][Mm]))?(?: ?(?P<zone>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?))?"
)
"""Nine digits of a second only where no more than six count: microseconds are what is kept."""
SAMPLE = 50
FIRST_YEAR, LAST_YEAR = 1, 9999
MOST_OFFSET_MINUTES = 15 * 60 + 59
EPOCH_YEAR = 1970
MIDDAY = 12
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a day is written, and the form that says so."""

    form: str
    pattern: str


LAYOUTS = (
    Layout("%Y-%m-%d", YEAR + "-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"),
    Layout("%Y/%m/%d", YEAR + "/" + MONTH + "/" + DAY),
    Layout("%d.%m.%Y", DAY + r"\." + MONTH + r"\." + YEAR),
    Layout("%d/%m/%Y", DAY + "/" + MONTH + "/" + YEAR),
    Layout("%m/%d/%Y", MONTH + "/" + DAY + "/" + YEAR),
    Layout("%d-%m-%Y", DAY + "-" + MONTH + "-" + YEAR),
    Layout("%m-%d-%Y", MONTH + "-" + DAY + "-" + YEAR),
    Layout("%d %b %Y", DAY + "[ -]" + WORD + "[ -]" + YEAR),
    Layout("%b %d, %Y", WORD + " " + DAY + ",? " + YEAR),
)
TWO_ORDERS = "a value such as 03/04/2026 may be the 3rd of April or the 4th of March"
SOME_ZONES = "some times tell their distance from UTC and others do not"


def recognised_moments(texts: pa.Array) -> Attempt | None:
    """What the texts are as days or as times; None where none is one.

    Days become DATE, times TIMESTAMP, and TIMESTAMP WITH TIME ZONE where all tell their distance from UTC.
    """
    found = [
        attempt
        for tail, what in (("", "days"), (CLOCK, "times"))
        for layout in LAYOUTS
        if (attempt := _attempt(texts, layout, tail, what))
    ]
    whole = [each for each in found if each.values is not None]
    if not found:
        return None
    if not whole:
        return min(found, key=lambda each: int(each.misses.sum()))
    if any(not each.values.equals(whole[0].values) for each in whole[1:] if each.values is not None):
        return Attempt(what=whole[0].what, misses=whole[0].misses, doubt=TWO_ORDERS)
    return whole[0]


def _attempt(texts: pa.Array, layout: Layout, tail: str, what: str) -> Attempt | None:
    """None where at most half of the first values are written like this."""
    pattern = "^" + layout.pattern + tail + "$"
    sample = matches(texts[:SAMPLE], pattern)
    if not sample.size or 2 * sample.sum() <= sample.size:
        return None
    misses = ~matches(texts, pattern)
    if misses.any():
        return Attempt(what=what, misses=misses)
    parts = _parts(texts, pattern)
    days, misses = _days(parts)
    if not tail:
        return Attempt(what=what, misses=misses, values=None if misses.any() else pa.array(days), form=layout.form)
    return _times(parts, days, misses, layout.form)


def _parts(texts: pa.Array, pattern: str) -> dict[str, pa.Array]:
    found = pc.extract_regex(texts, pattern)
    return {each.name: found.field(each.name) for each in found.type}


def _number(texts: pa.Array) -> Numbers:
    """Digits as integers, nothing as 0."""
    digits = pc.if_else(pc.equal(pc.binary_length(texts), 0), "0", texts)
    numbers: Numbers = pc.cast(digits, pa.int64()).to_numpy(zero_copy_only=False)
    return numbers


def _days(parts: dict[str, pa.Array]) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    """Days, and which of them no calendar has."""
    year, day = _number(parts["year"]), _number(parts["day"])
    month = _named_months(parts["word"]) if "word" in parts else _number(parts["month"])
    months = ((year - EPOCH_YEAR) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    days: NDArray[np.datetime64] = months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    wrong = (month < 1) | (month > 12) | (year < FIRST_YEAR) | (days.astype("datetime64[M]") != months)  # noqa: PLR2004 - months of a year
    return days, wrong


def _named_months(words: pa.Array) -> Numbers:
    """Numbers of the months from 1; 0 for what is none."""
    lower = pc.utf8_lower(words)
    short = pc.index_in(lower, value_set=pa.array(MONTHS))
    place = pc.fill_null(pc.coalesce(short, pc.index_in(lower, value_set=pa.array(LONG_MONTHS))), -1)
    numbers: Numbers = pc.cast(place, pa.int64()).to_numpy(zero_copy_only=False) + 1
    return numbers


def _times(parts: dict[str, pa.Array], days: NDArray[np.datetime64], misses: NDArray[np.bool_], form: str) -> Attempt:
    clock, wrong = _clock(parts)
    zones = parts["zone"]
    has_zone = pc.greater(pc.binary_length(zones), 0).to_numpy(zero_copy_only=False)
    minutes = _offsets(zones)
    moments = days.astype("datetime64[us]") + clock - minutes.astype("timedelta64[m]")
    years = moments.astype("datetime64[Y]").astype(np.int64) + EPOCH_YEAR
    misses = misses | wrong | (abs(minutes) > MOST_OFFSET_MINUTES) | (years < FIRST_YEAR) | (years > LAST_YEAR)
    form = "" if form == "%Y-%m-%d" else form + " %H:%M"
    if misses.any():
        return Attempt(what="times", misses=misses)
    if has_zone.any() and not has_zone.all():
        return Attempt(what="times", misses=misses, doubt=SOME_ZONES)
    kind = pa.timestamp("us", tz="UTC" if has_zone.any() else None)
    values = pa.array(moments, pa.timestamp("us")).cast(kind)
    return Attempt(what="times", misses=misses, values=values, form=form or None)


def _clock(parts: dict[str, pa.Array]) -> tuple[NDArray[np.timedelta64], NDArray[np.bool_]]:
    """Time since midnight, and which of them no clock shows."""
    hour, minute, second = (_number(parts[each]) for each in ("hour", "minute", "second"))
    half = pc.utf8_lower(parts["half"])
    has_half = pc.greater(pc.binary_length(half), 0).to_numpy(zero_copy_only=False)
    is_late = pc.equal(half, "pm").to_numpy(zero_copy_only=False)
    wrong = (minute > 59) | (second > 59) | (hour > 23) | (has_half & ((hour < 1) | (hour > MIDDAY)))  # noqa: PLR2004 - a clock's last minute, second and hour
    hour = np.where(has_half, hour % MIDDAY + MIDDAY * is_late, hour)
    micros = _number(pc.utf8_rpad(parts["fraction"], 6, "0"))
    return (((hour * 60 + minute) * 60 + second) * 1_000_000 + micros).astype("timedelta64[us]"), wrong


def _offsets(zones: pa.Array) -> Numbers:
    """Minutes east of UTC."""
    digits = pc.utf8_rpad(pc.replace_substring_regex(zones, "[^0-9]", ""), 4, "0")
    number = _number(digits)
    minutes: Numbers = number // 100 * 60 + number % 100
    west = pc.starts_with(zones, "-").to_numpy(zero_copy_only=False)
    signed: Numbers = np.where(west, -minutes, minutes)
    return signed
