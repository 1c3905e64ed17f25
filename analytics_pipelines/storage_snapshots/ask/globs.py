"""Globs: `*` any characters, `?` one, `[a-z]` and `[!a-z]` one of these or of all others; nothing is escaped.

The whole name must match. In a path neither crosses a slash; `**` does, and a glob that begins with no slash may begin
at any name of the path. A `[` without its `]` stands for itself, as `[[]`, `[*]` and `[?]` do for what is in them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

SPECIAL = re.compile(r"\*\*/|\*+|\?|\[!?(?:\][^\]]*|[^\]]+)\]", re.DOTALL)
SLASHLESS, ANYTHING = "[^/]", "(?s:.)"


@dataclass(frozen=True, slots=True)
class Part:
    """A text that stands for itself, or a special that stands for others."""

    text: str
    is_special: bool


@dataclass(frozen=True, slots=True)
class Glob:
    """A glob in its parts; no two texts follow each other."""

    parts: tuple[Part, ...]
    is_of_path: bool

    @property
    def texts(self) -> tuple[str, ...]:
        """Texts that everything has that matches."""
        return tuple(part.text for part in self.parts if not part.is_special)

    @property
    def shape(self) -> str:
        """`*` for each special that stands for anything, `?` for each other one, `t` for each text."""
        return "".join("t" if not part.is_special else "*" if set(part.text) == {"*"} else "?" for part in self.parts)

    @property
    def regex(self) -> str:
        """The same as an RE2 pattern of the whole text."""
        one = SLASHLESS if self.is_of_path else ANYTHING
        body = "".join(_regex(part, one) if part.is_special else quoted(part.text) for part in self.parts)
        begins = r"\A(?s:.*/)?" if self.is_of_path and not self._begins_with_slash else r"\A"
        return begins + body + r"\z"

    @property
    def _begins_with_slash(self) -> bool:
        return bool(self.parts) and self.parts[0].text.startswith("/")


def glob(text: str, *, is_of_path: bool = False) -> Glob:
    """The glob's parts."""
    ends = [0, *(end for match in SPECIAL.finditer(text) for end in match.span()), len(text)]
    pieces = [Part(text[first:last], bool(number % 2)) for number, (first, last) in enumerate(pairwise(ends))]
    return Glob(_joined([piece for piece in pieces if piece.text]), is_of_path)


def quoted(text: str) -> str:
    """The text as an RE2 pattern of itself."""
    return "".join(
        character if character.isalnum() or not character.isascii() else _hex(character) for character in text
    )


def _joined(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Stars that follow each other as one."""
    return tuple(
        part
        for before, part in pairwise((Part("", is_special=False), *parts))
        if not (part.is_special and part.text == before.text == "*")
    )


def _regex(part: Part, one: str) -> str:
    match part.text:
        case "**/":
            return "(?s:.*/)?" if one == SLASHLESS else "(?s:.*)/"
        case "*":
            return one + "*"
        case "?":
            return one
        case text if text.startswith("*"):
            return "(?s:.*)"
    return _class(part.text, one)


def _class(text: str, one: str) -> str:
    inner = text[1:-1]
    is_negated = inner.startswith("!") and inner != "!"
    members = re.findall(r"(.)-(.)|(.)", inner[is_negated:], re.DOTALL)
    told = [_hex(single) if single else _hex(first) + "-" + _hex(last) for first, last, single in members]
    without = ["/"] if is_negated and one == SLASHLESS else []
    return "[" + "^" * is_negated + "".join([*told, *without]) + "]"


def _hex(character: str) -> str:
    return r"\x{" + format(ord(character), "x") + "}"
