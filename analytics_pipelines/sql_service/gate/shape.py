"""What is looked at before the parser sees a text: its size, and shapes that cost a parser minutes or its stack.

Nothing here tells strings and comments from code, so that nothing can hide behind a notion of them that differs from
the engine's: the bounds are such that honest text keeps them wherever it puts its signs.
"""

import re

import duckdb

from analytics_pipelines.sql_service.errors import DuckDBQueryError, QueryRefused
from analytics_pipelines.sql_service.messages import MOST_SQL_BYTES

MOST_TOKENS = 25_000
MOST_COMMENTS = 250
MOST_RUN_WORK = 50_000_000
"""The lexer reads a run of operator signs anew from each of its signs: the work is the cube of its length."""
LONG_RUN = re.compile(r"[-+*/<>=~!@#%^&|`?]{17,}")
TOKEN = re.compile(r"'[^']*'|\w+|[^\w\s]")
OTHER_SPACES = re.compile(r"[^\S \t\r\n\f\v]|[\u200b\ufeff]")


def check_shape(sql: str) -> None:
    """Raises `QueryRefused` of a text that the parser should not be given, `DuckDBQueryError` of one that is none."""
    _check_bytes(sql)
    if sql.count("/*") > MOST_COMMENTS:
        raise QueryRefused("The query has too many block comments.", limit=f"{MOST_COMMENTS} block comments")
    if sum(len(run) ** 3 for run in LONG_RUN.findall(sql)) > MOST_RUN_WORK:
        raise QueryRefused("The query has too many operator signs in a row.", remedy="Shorten rows of such signs.")
    if len(sql) > MOST_TOKENS and sum(1 for _ in TOKEN.finditer(sql)) > MOST_TOKENS:
        raise QueryRefused(
            "The query has too many words and signs.",
            limit=f"{MOST_TOKENS} words and signs",
            remedy="Hand long lists in as one parameter: x IN (SELECT unnest($values)).",
        )


def _check_bytes(sql: str) -> None:
    try:
        size = len(sql.encode())
    except UnicodeEncodeError:
        raise DuckDBQueryError("The query is no valid Unicode text.") from None
    if size > MOST_SQL_BYTES:
        raise QueryRefused(
            f"The query has {size} bytes.", limit=f"{MOST_SQL_BYTES} bytes", remedy="Hand values in as parameters."
        )
    if "\x00" in sql:
        raise DuckDBQueryError("The query holds a NUL character.")


def trimmed(sql: str) -> str:
    """The text without semicolons before it, and without those and comments behind its end; its shape is checked.

    It is parsed after this, so whatever is cut off is never run. Places in it stay what they were.
    """
    end = len(sql)
    while end and (sql[end - 1] == ";" or sql[end - 1].isspace()):
        end -= 1
    start = next((place for place in range(end) if not (sql[place] == ";" or sql[place].isspace())), end)
    text = sql[:start].replace(";", " ") + sql[start:end]
    if ";" in text and ("--" in text or "/*" in text) and not OTHER_SPACES.search(text):
        text = _without_what_follows(text)
    return text + "\n" if "--" in text else text


def _without_what_follows(text: str) -> str:
    """Cut at the last semicolon if only comments follow it; the engine's lexer counts bytes."""
    encoded = text.encode()
    places = [place for place, _ in duckdb.tokenize(text)]
    while places and encoded[places[-1] : places[-1] + 1] == b";":
        encoded = encoded[: places.pop()]
    return encoded.decode(errors="replace").rstrip()
