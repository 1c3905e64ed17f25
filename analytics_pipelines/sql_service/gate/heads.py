"""The words before a write's query, read one by one: names, keywords and signs, with comments between them."""

import re

from analytics_pipelines.sql_service.errors import DuckDBQueryError
from analytics_pipelines.sql_service.gate.names import clipped

SKIPPED = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*[^*]*(?:\*(?!/)[^*]*)*\*/)*")
QUOTED = re.compile(r'"((?:[^"]|"")+)"')
WORD = re.compile(r"[^\W\d][\w$]*")
STRING = re.compile(r"'(?:[^']|'')*'")
SIGN = re.compile(r"\d+|[^\s\w]")


class Head:
    """A text, and how far it is read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    @property
    def rest(self) -> str:
        """What is not read yet, behind as much blank space as what is, so that places in it stay true."""
        return re.sub(r"[^\n]", " ", self._text[: self._at]) + self._text[self._at :]

    @property
    def is_at_end(self) -> bool:
        """Whether only space and comments are left."""
        self._skip()
        return self._at >= len(self._text)

    def takes(self, *words: str) -> bool:
        """Whether these keywords come next, in this order; then they are read."""
        start = self._at
        for word in words:
            if self._next(WORD).upper() != word:
                self._at = start
                return False
        return True

    def takes_sign(self, sign: str) -> bool:
        """Whether this sign comes next; then it is read."""
        is_next = self.looks_at(sign)
        self._at += len(sign) if is_next else 0
        return is_next

    def looks_at(self, sign: str) -> bool:
        """Whether this sign comes next; it stays."""
        self._skip()
        return self._text.startswith(sign, self._at)

    def name(self, what: str) -> str:
        """The name that comes next, plain or quoted; raises `DuckDBQueryError` where there is none."""
        self._skip()
        quoted = QUOTED.match(self._text, self._at)
        if quoted:
            self._at = quoted.end()
            return quoted.group(1).replace('""', '"')
        word = self._next(WORD)
        if not word:
            raise self.unexpected(what)
        return word

    def piece(self) -> str:
        """The next word, quoted text, number or sign as it stands; empty at the end."""
        return next(filter(None, map(self._next, (WORD, QUOTED, STRING, SIGN))), "")

    def unexpected(self, what: str) -> DuckDBQueryError:
        """The error of something else that comes next."""
        self._skip()
        found = self._text[self._at : self._at + 40] or "the end"
        return DuckDBQueryError(f"Expected {what} before: {clipped(found)}")

    def _next(self, pattern: re.Pattern[str]) -> str:
        self._skip()
        match = pattern.match(self._text, self._at)
        if not match:
            return ""
        self._at = match.end()
        return match.group()

    def _skip(self) -> None:
        match = SKIPPED.match(self._text, self._at)
        self._at = match.end() if match else self._at
