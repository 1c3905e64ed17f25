"""One text for statements that differ in comments, white space and trailing semicolons alone.

DuckDB reads the normal form as it reads the statement: same tokens, in the same order. Where its reading is known to
hang on more than tokens (a white space beyond ASCII is replaced before the SQL is read, whatever it stands in) or is
not worth copying (`U&'…'`, `1e'…'`, `a$b`), the statement is its own normal form, which is always right.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

LONGEST = 10_000
"""Characters; what is longer was written by a program, which writes it alike every time."""
LAST_ONES = 64
"""Statements whose form is kept: each is asked for twice (fingerprint, answer's key), and many come again at once."""

WORD = r"[0-9A-Za-z_\x80-\U0010ffff]"
TAG = r"(?:[A-Za-z_\x80-\U0010ffff]" + WORD + r"*+)?"
NUMBER = r"[0-9][0-9_]*+(?:\.[0-9_]*+)?+(?:[eE][-+]?[0-9]++)?+"
PIECE = re.compile(
    r"""
      (?P<blank>   [ \t\n\r\f]++ | --[^\n\r]*+ )
    | (?P<block>   /\* )
    | (?P<escaped> [eE]'(?:[^'\\]++|''|\\.)*+' )
    | (?P<text>    '(?:[^']++|'')*+' )
    | (?P<name>    "(?:[^"]++|"")*+" )
    | (?P<dollar>  \$TAG\$ )
    | (?P<plain>   (?: NUMBER (?![.$]|WORD)
                     | (?![eE]')(?![0-9]) WORD++ (?!\$|&['"])
                     | [ ]             (?!BLANK)
                     | [~!@^&|`+*%<>=] (?!--|/\*)
                     | -               (?!-|/\*)
                     | /               (?!\*|/\*|--)
                     | \$              (?!TAG\$)
                     | [!-~]           (?<![-~!@^&|`+*%<>=/$'"0-9A-Za-z_])
                   )++ )
    """.replace("TAG", TAG)
    .replace("NUMBER", NUMBER)
    .replace("WORD", WORD)
    .replace("BLANK", r"[ \t\n\r\f]|--|/\*"),
    re.VERBOSE | re.DOTALL,
)
COMMENT_EDGE = re.compile(r"/\*|\*/")
BLANKS = str.maketrans("\t\n\r\f", "    ")


class _Strange(Exception):
    """The statement is none that this knows how to write otherwise."""


@lru_cache(maxsize=LAST_ONES)
def normal_form(sql: str) -> str:
    """The statement without comments and with single spaces; what it quotes is kept letter by letter.

    A statement that can not be read (a string without end), a strange or a very long one is returned as it is.
    """
    if len(sql) > LONGEST or not sql.translate(BLANKS).isprintable():
        return sql
    try:
        pieces = list(_pieces(sql))
    except _Strange:
        return sql
    return "".join(pieces).rstrip("; \n")


def _pieces(sql: str) -> Iterator[str]:
    """Tokens as they stand, and one blank for whatever stands between two of them."""
    position, kind = 0, ""
    while position < len(sql):
        start, (position, joins) = position, _after_blanks(sql, position)
        if position > start and kind and position < len(sql):
            yield _blank(sql, kind, position, joins)
        if position < len(sql):
            kind, end = _token(sql, position)
            yield sql[position:end]
            position = end


def _after_blanks(sql: str, position: int) -> tuple[int, bool]:
    """Where the next token begins, and whether two strings around such blanks are one: a new line, no /* */."""
    has_line = has_block = False
    while (piece := PIECE.match(sql, position)) is not None and piece.lastgroup in ("blank", "block"):
        if piece.lastgroup == "block":
            has_block, position = True, _end_of_block(sql, piece.end())
        else:
            has_line |= "\n" in piece.group() or "\r" in piece.group()
            position = piece.end()
    return position, has_line and not has_block


def _blank(sql: str, kind_before: str, position: int, joins: bool) -> str:
    """What stands for blanks: SQL reads two strings with a new line between them as one."""
    if not joins or sql[position] != "'" or kind_before not in ("text", "escaped"):
        return " "
    if kind_before == "escaped":
        raise _Strange
    return "\n"


def _token(sql: str, position: int) -> tuple[str, int]:
    """Which kind of token stands there, and where it ends."""
    piece = PIECE.match(sql, position)
    if piece is None or piece.lastgroup is None:
        raise _Strange
    if piece.lastgroup != "dollar":
        return piece.lastgroup, piece.end()
    end = sql.find(piece.group(), piece.end())
    if end < 0:
        raise _Strange
    return piece.lastgroup, end + len(piece.group())


def _end_of_block(sql: str, position: int) -> int:
    """Where a comment ends whose beginning was read; they nest."""
    depth = 1
    while depth:
        edge = COMMENT_EDGE.search(sql, position)
        if edge is None:
            raise _Strange
        depth += 1 if edge.group() == "/*" else -1
        position = edge.end()
    return position
