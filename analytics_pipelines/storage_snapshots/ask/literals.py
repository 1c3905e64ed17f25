"""Texts that a name must hold to match a regular expression, so that an index of names can leave out the others.

What is not surely needed is left out: alternatives, classes, optional parts, and characters whose small letter depends
on more than themselves. An answer of no texts is always right, it only costs a longer search.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

REPEATED = re.compile(r"\{(\d+)(?:,\d*)?\}")
GROUP = re.compile(r"\((?:\?P?<\w+>|\?[imsU-]*:)?")
FLAGS = re.compile(r"\(\?[imsU-]+\)")
CLASS_NAME = re.compile(r"\[:\^?\w+:\]")
ONE_CHARACTER_ESCAPES = frozenset("dDwWsSbBAzCaftnrv")
MONOTONE = re.compile(
    r"""(?:[\w\x20/,:;<>=!@#%&~'"`-]|\\[^\w\s]|\\[dw]|[.^$*+?|)]|\{\d+(?:,\d*)?\}|\((?:\?:|(?!\?))|\[[\w\x20.,+~=@#%-]+\])*""",
    re.ASCII,
)
"""Patterns that do not leave anything out: if they match a text in any case, they match its small letters."""
NEVER = "\x00"
"""In no name."""


class _NotSure(Exception):
    """The syntax is beyond what is followed here."""


@dataclass(slots=True)
class _Texts:
    """The texts found so far, and the one that is being put together."""

    found: list[str] = field(default_factory=list)
    run: str = ""

    def end_run(self) -> None:
        """The next character does not follow the last one in every match."""
        if self.run:
            self.found.append(self.run)
        self.run = ""


def required_texts(pattern: str, *, has_long_s: bool = True) -> tuple[str, ...]:
    """Texts in small letters that are in the small letters of everything that the RE2 pattern matches, in any case.

    `has_long_s`: whether a name may hold U+017F, the only character that RE2 takes for an ASCII letter (s) when case is
    ignored and that is its own small letter.
    """
    try:
        texts, end = _alternatives(pattern, 0)
    except (_NotSure, IndexError):
        return ()
    if end != len(pattern):
        return ()
    return tuple(part for text in texts for part in _foldable(text, has_long_s=has_long_s))


def sieve(pattern: str) -> str | None:
    """An RE2 pattern that, in any case, matches the small letters of all that the pattern matches; None: unknown.

    U+0130, the only character whose small letter is ASCII and not equal to it in any case, is matched by `.` alone.
    """
    return "(?s:" + pattern + ")" if pattern.isascii() and MONOTONE.fullmatch(pattern) else None


def _alternatives(pattern: str, at: int) -> tuple[list[str], int]:
    """Texts needed by what stands from there to the end or the closing bracket; none if it has alternatives."""
    texts = _Texts()
    has_alternatives = False
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "|":
            has_alternatives = True
            texts.end_run()
            at += 1
        else:
            at = _atom(pattern, at, texts)
    texts.end_run()
    return ([] if has_alternatives else texts.found), at


def _atom(pattern: str, at: int, texts: _Texts) -> int:
    """Take one atom and how often it comes; gives where the next begins."""
    character = pattern[at]
    if character == "(":
        return _group(pattern, at, texts)
    if character == "[":
        return _unknown(pattern, _after_class(pattern, at), texts)
    if character == "\\":
        return _escape(pattern, at, texts)
    if character in ".^$":
        return _unknown(pattern, at + 1, texts)
    if character in "*+?{":
        raise _NotSure
    return _literal(pattern, at + 1, character, texts)


def _group(pattern: str, at: int, texts: _Texts) -> int:
    texts.end_run()
    if flags := FLAGS.match(pattern, at):
        return flags.end()
    opened = GROUP.match(pattern, at)
    if opened is None or (pattern.startswith("(?", at) and opened.end() == at + 1):
        raise _NotSure
    inner, end = _alternatives(pattern, opened.end())
    if pattern[end] != ")":
        raise _NotSure
    least, at = _repetition(pattern, end + 1)
    texts.found += inner if least else []
    return at


def _unknown(pattern: str, at: int, texts: _Texts) -> int:
    """Something that is no one character."""
    texts.end_run()
    return _repetition(pattern, at)[1]


def _literal(pattern: str, at: int, character: str, texts: _Texts) -> int:
    least, end = _repetition(pattern, at)
    if end == at:
        texts.run += character
        return end
    if least:
        texts.run += character
    texts.end_run()
    return end


def _escape(pattern: str, at: int, texts: _Texts) -> int:
    escaped = pattern[at + 1]
    if escaped in ONE_CHARACTER_ESCAPES:
        return _unknown(pattern, at + 2, texts)
    if escaped.isalnum() or not escaped.isascii():
        raise _NotSure
    return _literal(pattern, at + 2, escaped, texts)


def _after_class(pattern: str, at: int) -> int:
    at += 1
    at += pattern.startswith("^", at)
    at += pattern.startswith("]", at)
    while pattern[at] != "]":
        named = CLASS_NAME.match(pattern, at)
        if named:
            at = named.end()
        else:
            at += 2 if pattern[at] == "\\" else 1
    return at + 1


def _repetition(pattern: str, at: int) -> tuple[int, int]:
    """How often at least what stands before comes, and where its quantifier ends."""
    if at == len(pattern) or pattern[at] not in "*+?{":
        return 1, at
    counted = REPEATED.match(pattern, at)
    if pattern[at] == "{" and counted is None:
        raise _NotSure
    least = int(counted[1]) if counted else int(pattern[at] == "+")
    end = counted.end() if counted else at + 1
    return least, end + pattern.startswith("?", end)


def _foldable(text: str, *, has_long_s: bool) -> Iterator[str]:
    """The text's parts whose small letters are the same in every match, in small letters."""
    folded = "".join(_small(character, has_long_s=has_long_s) for character in text)
    return (part for part in folded.split(NEVER) if part)


def _small(character: str, *, has_long_s: bool) -> str:
    if character.isascii():
        return NEVER if has_long_s and character in "sS" else character.lower()
    return character if character.lower() == character.upper() == character.casefold() else NEVER
