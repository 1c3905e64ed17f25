"""The one rule that keeps a cell of a CSV file from running as a formula when a spreadsheet opens the file.

A spreadsheet runs what begins with `=`, `+`, `-` or `@`, their full-width and small forms included; some drop blanks
and invisible characters before they look, and tab, return and line feed can begin a cell anew. Such a text gets an
apostrophe before it. Numbers, days and times are left as they are: `-5` is a number as long as it is no text.

    Sql("SELECT {path} AS path").fill(path=SAFE_TEXT.fill(column=name("path")))
    for line in csv_lines(["who", "plan"], rows): ...
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from analytics_pipelines.foundation.sql import Sql, literal

# Written so that Python and DuckDB (RE2) read the same: escapes for control characters, the others as they are.
INVISIBLE = (
    "\\x00-\\x20\\x7f-\\xa0\\xad"
    "\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    "\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
)
BEGINNINGS = "=+@" + "\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20" + "-"
PATTERN = "\\A(?:[\\t\\r\\n]|[" + INVISIBLE + "]*[" + BEGINNINGS + "])"
RUNS = re.compile(PATTERN)

SAFE_TEXT = Sql(
    "CASE WHEN regexp_matches({{column}}, {pattern}) IS TRUE THEN '''' || {{column}} ELSE {{column}} END"
).fill(pattern=literal(PATTERN))
"""The same rule as an expression of DuckDB over the text `{column}`; a null stays one."""


def safe_cell(value: object) -> object:
    """The value as a CSV file may hold it: a text that would run with an apostrophe before it, all else unchanged."""
    return "'" + value if isinstance(value, str) and RUNS.match(value) else value


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a CSV file with `header` first, each cell safe, ends of lines included (RFC 4180).

    All but numbers stand in quotes: a spreadsheet that splits at semicolons must not begin a new cell inside a text.
    A null is an empty cell.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC)
    for row in chain([header], rows):
        writer.writerow([safe_cell("" if cell is None else cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
