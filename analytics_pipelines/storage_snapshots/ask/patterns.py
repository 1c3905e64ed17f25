"""What a search looks for, as a condition on a text column and as the texts that every match must hold.

`substring` finds the text anywhere, `glob` is `ask.globs`, `regex` is RE2 and finds a match anywhere. Without regard to
case, texts and globs are compared in small letters (`lower` of the engine: a letter at a time, in no language, so that
`ß` is not `ss`); regular expressions ignore case as RE2 does, by simple folding.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import duckdb
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.errors import BadInput, LimitExceeded
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.ask.globs import glob
from analytics_pipelines.storage_snapshots.ask.literals import required_texts, sieve

MOST_PATTERN_CHARACTERS = 1000
COMPILED = Sql("SELECT regexp_matches('', $pattern)")
FOLDED = Sql("SELECT lower($text)")
MATCHES = Sql("regexp_matches({text}, {value}) IS TRUE")
MATCHES_ANY_CASE = Sql("regexp_matches({text}, {value}, 'i') IS TRUE")
"""With a bare call DuckDB 1.5 adds a range of texts before the pattern's first letters, and fails where its upper end,
one byte further, is no UTF-8: `^` and U+017F.
"""
SYNTAX = "The syntax is RE2's: no look-around, no back-references, at most 1000 repetitions, nested ones multiplied."
ANYWHERE_FOLDED = "contains({folded}, {value})"
BY_SHAPE = {
    "t": "{text} = {value}",
    "*t": "suffix({text}, {value})",
    "t*": "starts_with({text}, {value})",
    "*t*": "contains({text}, {value})",
}
"""Globs that are simpler and faster without a regular expression."""


class BadPattern(BadInput):
    """The pattern is none: it does not compile, or compiles to something too large."""


class PatternTooLong(LimitExceeded):
    """The pattern has too many characters."""


class Mode(StrEnum):
    """How a pattern is read."""

    SUBSTRING = "substring"
    GLOB = "glob"
    REGEX = "regex"


@dataclass(frozen=True, slots=True)
class Matcher:
    """A condition with places for a column as it is (`{plain}`), in small letters (`{folded}`), and its `{value}`."""

    test: Sql
    value: str
    texts: tuple[str, ...]
    """In small letters; each is in the small letters of everything that matches, if that holds no U+017F."""
    sure_texts: tuple[str, ...]
    """The same whatever it holds."""
    sieve: str | None = None
    """Of a regular expression: one that matches the small letters of every match, see `literals.sieve`."""

    @property
    def is_regex(self) -> bool:
        """Whether each row costs a run of RE2."""
        return "regexp_matches" in self.test.text

    @property
    def is_folded_text(self) -> bool:
        """Whether everything that holds `value` in small letters matches, and nothing else does."""
        return self.test.text == ANYWHERE_FOLDED and self.texts == (self.value,)

    def condition(self, plain: Sql, folded: Sql, value: Sql) -> Sql:
        """The condition on these columns; `value` is what stands for `self.value`."""
        return self.test.fill(plain=plain, folded=folded, value=value)


def matcher(
    cursor: DuckDBPyConnection, mode: Mode, text: str, *, is_case_sensitive: bool, is_of_path: bool = False
) -> Matcher:
    """What the pattern means; raises `BadPattern`, `PatternTooLong`."""
    must_be_text(text)
    if mode is Mode.REGEX:
        must_compile(cursor, text)
        return _regex(text, is_case_sensitive=is_case_sensitive)
    folded = folded_text(cursor, text)
    column = Sql("{plain}" if is_case_sensitive else "{folded}")
    value = text if is_case_sensitive else folded
    if mode is Mode.SUBSTRING:
        return Matcher(Sql("contains({text}, {value})").fill(**_kept(column)), value, (folded,), (folded,))
    return _glob(cursor, value, folded, column, is_of_path=is_of_path)


def must_be_text(text: str) -> None:
    """Raises `BadPattern` for what no name can hold, `PatternTooLong` for what nobody types."""
    if len(text) > MOST_PATTERN_CHARACTERS:
        raise PatternTooLong(
            "The pattern is too long.",
            limit=str(MOST_PATTERN_CHARACTERS) + " characters",
            remedy="Look for a part of it.",
        )
    if not text or "\x00" in text or any("\ud800" <= each <= "\udfff" for each in text):
        raise BadPattern("The pattern is empty or no text.", remedy="Give at least one character, and no NUL.")


def must_compile(cursor: DuckDBPyConnection, pattern: str) -> None:
    """Raises `BadPattern` for what RE2 refuses, which says so in words that are not for clients."""
    try:
        cursor.execute(COMPILED.text, {"pattern": pattern}).fetchall()
    except (duckdb.InvalidInputException, duckdb.OutOfRangeException, duckdb.ConversionException):
        raise BadPattern("The pattern is no regular expression, or too large a one.", remedy=SYNTAX) from None


def folded_text(cursor: DuckDBPyConnection, text: str) -> str:
    """The text in small letters, by the engine's own rule."""
    if text.isascii():
        return text.lower()
    (found,) = cursor.execute(FOLDED.text, {"text": text}).fetchall()
    return str(found[0])


def _regex(text: str, *, is_case_sensitive: bool) -> Matcher:
    test = (MATCHES if is_case_sensitive else MATCHES_ANY_CASE).fill(**_kept(Sql("{plain}")))
    texts = required_texts(text, has_long_s=False)
    ignores_case = not is_case_sensitive or "(?" in text
    return Matcher(test, text, texts, required_texts(text) if ignores_case else texts, sieve(text))


def _glob(cursor: DuckDBPyConnection, value: str, folded: str, column: Sql, *, is_of_path: bool) -> Matcher:
    meant = glob(value, is_of_path=is_of_path)
    texts = glob(folded, is_of_path=is_of_path).texts
    simple = None if is_of_path else BY_SHAPE.get(meant.shape)
    if simple is not None:
        return Matcher(Sql(simple).fill(**_kept(column)), meant.texts[0], texts, texts)
    must_compile(cursor, meant.regex)
    return Matcher(MATCHES.fill(**_kept(column)), meant.regex, texts, texts)


def _kept(column: Sql) -> Mapping[str, Sql]:
    """Parts that leave the place of the value open."""
    return {"text": column, "value": Sql("{value}")}
