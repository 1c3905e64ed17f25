"""Names: how the engine compares them, which ones a statement may give, and which ones somebody may have meant."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches

from analytics_pipelines.sql_service.errors import DuckDBQueryError, QueryRefused

CATALOG_HINT = "GET /api/v1/duckdb/catalog lists the tables and their columns."
IMPORT_HINT = "Files of your own come in by POST /api/v1/duckdb/imports."
MOST_NAME_CHARACTERS = 128
SHOWN_CHARACTERS = 80
MOST_MEANT = 3
SEPARATOR = "__"
"""Stands in a table's name before what it is of (`core_web__sessions`)."""
SMALL_LETTERS = {capital: capital + 32 for capital in range(ord("A"), ord("Z") + 1)}
PLAIN = re.compile(r"[^\W\d][\w $-]*")
"""A letter or underscore, then letters, digits, and what no path, address or pattern needs."""
OF_THE_ENGINE = ("duckdb_", "information_schema", "pg_", "pragma_", "sqlite_")
LOOKS_LIKE_A_FILE = re.compile(r"[/\\:*?\[\].]")


def words(text: str) -> frozenset[str]:
    """The words of a text, for lists that are read and reviewed by people."""
    return frozenset(text.split())


def small(name: str) -> str:
    """As the engine compares names: ASCII letters alone lose their case, so that no two of its names become one."""
    return name.translate(SMALL_LETTERS)


def clipped(text: str) -> str:
    """For a message: not longer than a line, and on one."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_CHARACTERS else line[: SHOWN_CHARACTERS - 1] + "…"


def check_given(name: str, what: str) -> None:
    """Raises `QueryRefused` unless a statement may give something this name.

    A name that is a path would be a file wherever the engine's notion of its scope is narrower than ours, and one of
    the engine's own tables likewise.
    """
    if not PLAIN.fullmatch(name) or len(name) > MOST_NAME_CHARACTERS or small(name).startswith(OF_THE_ENGINE):
        raise QueryRefused(
            f'{what} may not be called "{clipped(name)}".',
            limit=f"letters, digits, _ and at most {MOST_NAME_CHARACTERS} characters, and no name of the engine's own",
        )


def near(name: str, known: Iterable[str]) -> str:
    """`Did you mean …?` with the nearest of the known names, or nothing."""
    return _did_you_mean(get_close_matches(small(name)[:MOST_NAME_CHARACTERS], known, n=MOST_MEANT, cutoff=0.7))


def near_table(name: str, shown: Collection[str]) -> str:
    """As `near`; tables are also known by what stands behind their layer and room (`sessions`)."""
    end = SEPARATOR + small(name)
    named_so = [table for table in shown if small(table).endswith(end)][:MOST_MEANT]
    return _did_you_mean(named_so) if named_so else near(name, shown)


def spelt(shown: Mapping[str, Sequence[str]], name: str) -> str | None:
    """The shown table of that name as `shown` spells it, or None."""
    lowered = small(name)
    if lowered in shown:
        return lowered
    return next((each for each in shown if small(each) == lowered), None)


def unknown_table(name: str, place: str, shown: Iterable[str]) -> DuckDBQueryError:
    """The error of a table that is not there for the caller."""
    if LOOKS_LIKE_A_FILE.search(name):
        return QueryRefused(
            f'Files and addresses are not read here: "{clipped(name)}"{place}.',
            remedy=f"{CATALOG_HINT} {IMPORT_HINT}",
        )
    meant = near_table(name, tuple(shown))
    return DuckDBQueryError(f'There is no table "{clipped(name)}"{place}.', remedy=meant + CATALOG_HINT)


def _did_you_mean(names: Sequence[str]) -> str:
    return f"Did you mean {' or '.join(names)}? " if names else ""
