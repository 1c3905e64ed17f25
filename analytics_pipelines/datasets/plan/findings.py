"""What is wrong with a plan, or worth knowing: where, which kind, in words, and what to do about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from heapq import nsmallest

MOST_SHOWN_CHARACTERS = 60
MOST_NEAR = 3
MOST_COMPARED = 40
MOST_DIGITS = 40
LEAST_RESEMBLANCE = 0.6


class Code(StrEnum):
    """The kind of a finding, stable for programs."""

    NOT_AN_OBJECT = "not_an_object"
    UNKNOWN_FIELD = "unknown_field"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    UNKNOWN_CHOICE = "unknown_choice"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    OUT_OF_RANGE = "out_of_range"
    NOT_FINITE = "not_finite"
    BAD_TEXT = "bad_text"
    TOO_MANY_FINDINGS = "too_many_findings"
    NOTHING_TO_COMPUTE = "nothing_to_compute"
    NOT_AN_AGGREGATE = "not_an_aggregate"
    WRONG_VALUE_SHAPE = "wrong_value_shape"
    REVERSED_RANGE = "reversed_range"
    DUPLICATE = "duplicate"
    SAME_COLUMN = "same_column"
    OTHER_COLUMN = "other_column"
    UNSUITED_CHART = "unsuited_chart"
    UNKNOWN_TIMEZONE = "unknown_timezone"
    UNKNOWN_COLUMN = "unknown_column"
    WRONG_KIND = "wrong_kind"
    UNREADABLE_VALUE = "unreadable_value"
    PERSONAL_COLUMN = "personal_column"
    UNUSED_FIELD = "unused_field"
    NO_ROWS = "no_rows"
    NO_VALUES = "no_values"
    FEW_VALUES = "few_values"
    MANY_NULLS = "many_nulls"
    CONSTANT_COLUMN = "constant_column"
    COLLINEAR_COLUMNS = "collinear_columns"
    CODES_AS_NUMBERS = "codes_as_numbers"
    MANY_GROUPS = "many_groups"
    GROUPS_OF_ONE = "groups_of_one"
    GAPS_IN_TIME = "gaps_in_time"
    SHORT_SEASONS = "short_seasons"
    FAR_HORIZON = "far_horizon"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing about a plan; a warning does not keep it from being executed."""

    pointer: str
    """RFC 6901, into the plan; empty for the whole of it."""
    code: Code
    message: str
    hint: str = ""
    is_warning: bool = False

    def __str__(self) -> str:
        place = self.pointer and printable(self.pointer) + ":"
        return " ".join(part for part in (place, self.message, self.hint) if part)


def pointer_of(*path: str | int) -> str:
    """The JSON pointer (RFC 6901) of a place in the plan."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def shown(value: object) -> str:
    """A value as a message quotes it: short, on one line, without control characters."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int):
        return "a number of over 40 digits" if abs(value) >= 10**MOST_DIGITS else str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        return '"' + printable(value) + '"'
    return json_kind(value)


def printable(text: str) -> str:
    """The text on one line, cut to 60 characters, without what can not be printed."""
    cut = text if len(text) <= MOST_SHOWN_CHARACTERS else text[: MOST_SHOWN_CHARACTERS - 1] + "…"
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in cut)


def json_kind(value: object) -> str:
    """What JSON calls a value of that sort."""
    kinds: list[tuple[type | tuple[type, ...], str]] = [
        (bool, "a boolean"),
        ((int, float), "a number"),
        (str, "a text"),
        (dict, "an object"),
        ((list, tuple), "a list"),
    ]
    return "null" if value is None else next((name for kind, name in kinds if isinstance(value, kind)), "no JSON")


def near_names(wanted: str, known: Iterable[str]) -> list[str]:
    """Up to three of the known names that resemble the wanted one, the nearest first.

    Of many names only those that share most pairs of letters are compared in full, since that costs 10 µs a name.
    """
    folded: dict[str, str] = {}
    for name in known:
        folded.setdefault(name.casefold(), name)
    asked = wanted.casefold()[:MOST_SHOWN_CHARACTERS]
    if asked in folded:
        return [folded[asked]]
    likely = folded if len(folded) <= MOST_COMPARED else _sharing_most_pairs(asked, list(folded))
    return [folded[each] for each in get_close_matches(asked, likely, MOST_NEAR, LEAST_RESEMBLANCE)]


def did_you_mean(names: Sequence[str]) -> str:
    """The hint that names what may have been meant; empty for none."""
    return "Did you mean " + listed(names) + "?" if names else ""


def listed(names: Sequence[str], joint: str = "or") -> str:
    """The names as a sentence lists them: `"a", "b" or "c"`."""
    quoted = [shown(str(name)) for name in names]
    return f" {joint} ".join(part for part in (", ".join(quoted[:-1]), *quoted[-1:]) if part)


def _sharing_most_pairs(wanted: str, known: list[str]) -> list[str]:
    pairs = {wanted[start : start + 2] for start in range(max(1, len(wanted) - 1))}
    shared = [(-sum(map(name.__contains__, pairs)), len(name), name) for name in known]
    return [name for *_, name in nsmallest(MOST_COMPARED, shared)]
