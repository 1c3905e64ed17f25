"""Numbers in text: integers, decimals with point or comma, thousands separators where they can mean nothing else."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from analytics_pipelines.datasets.uploads.attempt import Attempt
from analytics_pipelines.datasets.uploads.distinct import matches

INTEGER = r"^(?:-?(?:0|[1-9][0-9]*)|\+(?:0|[1-9][0-9]{0,5}))$"
"""No zeros before it: 007 is a name. No long one behind a plus: that is a telephone number."""
NUMBER = (
    r"^(?:(?:[+-]?(?:0|[1-9][0-9]*)\.[0-9]*|[+-]?\.[0-9]+|-?(?:0|[1-9][0-9]*)|\+(?:0|[1-9][0-9]{0,5}))"
    r"|[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]{1,4})$"
)
INFINITE = r"(?i)^[+-]?inf(?:inity)?$"
NOT_ZERO = r"^[^eE]*[1-9]"
PADDED = r"^-?0[0-9]"
BEYOND_64_BIT = "some integers are beyond 64 bits; as text no digit of them is lost"
TWO_MEANINGS = "a value such as 1,234 may mean 1234 or 1.234"
HAS_DECIMALS = "some values have decimals"


@dataclass(frozen=True, slots=True)
class Style:
    """A way to write numbers with a decimal sign, or thousands apart, that is not the programmer's."""

    form: str
    thousands: str
    """A class of characters."""
    decimal: str

    @property
    def pattern(self) -> str:
        """What a number of this style looks like."""
        whole = "(?:0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:" + self.thousands + "[0-9]{3})+)"
        return "^(?:-?" + whole + "|[+-]?" + whole + self.decimal + "[0-9]+)$"

    def plain(self, texts: pa.Array) -> pa.Array:
        """The same numbers as programmers write them."""
        joined = pc.replace_substring_regex(texts, self.thousands, "")
        return pc.replace_substring_regex(joined, self.decimal, ".")


STYLES = (
    Style("1,234.5", ",", r"\."),
    Style("1.234,5", r"\.", ","),
    Style("1 234.5", "[ '\u2019\u00a0\u202f]", r"\."),
    Style("1 234,5", "[ '\u2019\u00a0\u202f]", ","),
)


def recognised_numbers(texts: pa.Array) -> Attempt | None:
    """What the texts are as numbers, integers where all of them are; None where none is a number.

    Values become BIGINT or DOUBLE. One that would be infinite or zero only by being converted is no number.
    """
    if not len(texts):
        return None
    are_numbers = matches(texts, NUMBER)
    are_infinite = matches(texts, INFINITE)
    if not are_numbers.any():
        return _in_another_style(texts)
    misses = ~(are_numbers | are_infinite)
    if misses.any():
        return _in_another_style(texts) or _missed(texts, misses)
    are_integers = matches(texts, INTEGER)
    return _integers(texts) if are_integers.all() else _decimals(texts, are_infinite)


def _missed(texts: pa.Array, misses: NDArray[np.bool_]) -> Attempt:
    if matches(texts.filter(pa.array(misses)), PADDED).all():
        return Attempt(what="numbers", misses=misses, doubt="values that begin with zeros, as 007 does, stay text")
    return Attempt(what="numbers", misses=misses)


def _integers(texts: pa.Array, form: str | None = None) -> Attempt:
    none = np.zeros(len(texts), np.bool_)
    try:
        return Attempt(what="numbers", misses=none, values=pc.cast(_unsigned(texts), pa.int64()), form=form)
    except pa.ArrowInvalid:
        return Attempt(what="numbers", misses=none, doubt=BEYOND_64_BIT)


def _decimals(texts: pa.Array, are_infinite: NDArray[np.bool_], form: str | None = None) -> Attempt:
    values = pc.cast(_unsigned(texts), pa.float64())
    numbers = values.to_numpy(zero_copy_only=False)
    vanished = (numbers == 0) & matches(texts, NOT_ZERO)
    misses = (np.isinf(numbers) & ~are_infinite) | (vanished & ~are_infinite)
    if misses.any():
        return Attempt(what="numbers", misses=misses, doubt="some numbers are too large or too small for 64 bits")
    note = "" if are_infinite.all() else HAS_DECIMALS
    return Attempt(what="numbers", misses=misses, values=values, form=form, note=note)


def _unsigned(texts: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(texts, r"^\+", "")


def _in_another_style(texts: pa.Array) -> Attempt | None:
    """The one style that all texts are in; in doubt where two styles make different numbers of them."""
    found = [_styled(texts, style) for style in STYLES if matches(texts, style.pattern).all()]
    whole = [each for each in found if each.values is not None]
    if not found:
        return None
    if not whole:
        return found[0]
    if any(not _same(each.values, whole[0].values) for each in whole[1:]):
        return Attempt(what="numbers", misses=whole[0].misses, doubt=TWO_MEANINGS)
    return whole[0]


def _styled(texts: pa.Array, style: Style) -> Attempt:
    plain = style.plain(texts)
    are_infinite = np.zeros(len(texts), np.bool_)
    form = style.form if matches(texts, style.thousands).any() else "1" + style.decimal.strip("\\") + "5"
    return _integers(plain, form) if matches(plain, INTEGER).all() else _decimals(plain, are_infinite, form)


def _same(one: pa.Array | None, other: pa.Array | None) -> bool:
    return np.array_equal(pc.cast(one, pa.float64()), pc.cast(other, pa.float64()))
