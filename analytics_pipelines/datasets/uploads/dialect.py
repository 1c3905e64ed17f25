"""How the table is written: its delimiter, where it begins, and whether its first row names the columns."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from analytics_pipelines.datasets.uploads.errors import EmptyFile, LineTooLong, TooManyColumns
from analytics_pipelines.datasets.uploads.limits import UploadLimits

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_BYTES = 2**16
SAMPLE_ROWS = 200
DECLARED = re.compile(rb'"?sep=([,;\t|])"?[ ]*(?:\r\n|\r|\n)', re.IGNORECASE)
"""The line by which Excel tells the delimiter."""
VALUE = re.compile(
    r"\s*(?:[+-]?[0-9][0-9.,' ]*(?:[eE][+-]?[0-9]+)?%?|[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}(?:[T ][0-9:.+Z-]+)?)\s*"
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """`body_at` is the offset of the first row in the content, `first_line` the number of its line."""

    delimiter: str
    body_at: int
    first_line: int
    has_header: bool


def dialect_of(content: bytes, limits: UploadLimits) -> Dialect:
    """How the content, in UTF-8, is written.

    The delimiter is the one by which most rows have as many values as the first. Raises `EmptyFile`, and
    `TooManyColumns` or `LineTooLong` before anything is parsed.
    """
    if not content.strip():
        raise EmptyFile("The file holds no text.", remedy="Send a table with a header in its first line.")
    declared = DECLARED.match(content)
    start = declared.end() if declared else 0
    body = content[start:]
    body_at = start + len(body) - len(body.lstrip(b"\r\n"))
    _refuse_wide(content, body_at, limits)
    sample = _sample(content, body_at)
    with longest_value(limits.line_bytes):
        delimiter = declared.group(1).decode() if declared else _sniffed(sample)
        first: list[str] = next(_rows(sample, delimiter), [])
    skipped = content[:body_at]
    line = 1 + skipped.count(b"\n") + skipped.count(b"\r") - skipped.count(b"\r\n")
    return Dialect(delimiter, body_at, line, not _is_data(first))


@contextmanager
def longest_value(characters: int) -> Iterator[None]:
    """Lets Python's reader take values of that length; its own bound is of the whole process."""
    before = csv.field_size_limit(characters)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def too_long_line(content: bytes, most_bytes: int) -> int | None:
    """Offset at which a line of more bytes begins; None where there is none.

    It leaps from one line end to the last one within reach, so that few of them are looked at.
    """
    start = 0
    while start + most_bytes < len(content):
        reach = start + most_bytes + 1
        end = max(content.rfind(b"\n", start, reach), content.rfind(b"\r", start, reach))
        if end < 0:
            return start
        start = end + 1
    return None


def _refuse_wide(content: bytes, start: int, limits: UploadLimits) -> None:
    """The first line alone; delimiters within quotes count too, of which no header has thousands."""
    ends = [at for at in (content.find(end, start) for end in (b"\n", b"\r")) if at >= 0]
    end = min(ends, default=len(content))
    columns = 1 + max(content.count(each.encode(), start, end) for each in DELIMITERS)
    if columns > limits.columns:
        raise TooManyColumns(
            "The first line has " + format(columns, ",") + " columns.", limit=format(limits.columns, ",") + " columns"
        )
    if end - start > limits.line_bytes:
        raise LineTooLong("The first line is too long.", limit=format(limits.line_bytes, ",") + " bytes")


def _sample(content: bytes, start: int) -> str:
    """Whole lines from the beginning."""
    size = SAMPLE_BYTES
    while True:
        sample = content[start : start + size]
        if start + size >= len(content):
            return sample.decode()
        end = max(sample.rfind(b"\n"), sample.rfind(b"\r"))
        if end > 0 and len(sample[:end].splitlines()) > 1:
            return sample[: end + 1].decode()
        size *= 4


def _rows(sample: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)


def _sniffed(sample: str) -> str:
    """The best delimiter; a comma where there is only one column."""
    scores = {each: _score(sample, each) for each in DELIMITERS}
    best = max(DELIMITERS, key=lambda each: scores[each])
    return best if scores[best] > (0, 0) else DELIMITERS[0]


def _score(sample: str, delimiter: str) -> tuple[float, int]:
    """Share of rows as wide as the first, and how wide that is; nothing where it is a single value."""
    try:
        widths = [len(row) for row, _ in zip(_rows(sample, delimiter), range(SAMPLE_ROWS), strict=False) if row]
    except csv.Error:
        return (0, 0)
    if not widths or widths[0] < 2:  # noqa: PLR2004 - a delimiter stands between two values
        return (0, 0)
    if len(widths) == 1:
        return (1, widths[0])
    return (Counter(widths[1:])[widths[0]] / (len(widths) - 1), widths[0])


def _is_data(first: Sequence[str]) -> bool:
    """Whether every value of the first row is a number or a day: then nobody has named the columns."""
    return bool(first) and all(VALUE.fullmatch(cell) for cell in first)
