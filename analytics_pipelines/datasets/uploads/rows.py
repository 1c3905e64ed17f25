"""Rows of the text as columns of text; rows that do not fit the header are told by line and left out."""

import csv
import io
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from analytics_pipelines.datasets.uploads.dialect import Dialect, longest_value, too_long_line
from analytics_pipelines.datasets.uploads.encoding import line_at
from analytics_pipelines.datasets.uploads.errors import (
    LineTooLong,
    MostlyRejected,
    TooManyColumns,
    TooManyRows,
    UnclosedQuote,
)
from analytics_pipelines.datasets.uploads.limits import UploadLimits
from analytics_pipelines.datasets.uploads.plain import NO_TEXTS, is_plain, split

PIECE_CELLS = 400_000
TOO_LONG = "field larger than"
NOT_CLOSED = "unexpected end of data"
Row = list[str]
if TYPE_CHECKING:
    import _csv


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """A row that was left out, by the line that it begins in."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The header's values (None if the first row is data), a column of text each, and what was left out."""

    header: tuple[str, ...] | None
    columns: list[pa.Array]
    row_count: int
    line_of: Callable[[int], int]
    """The line in which the row of that number, from 0, begins."""
    rejected_count: int = 0
    rejected: tuple[RejectedRow, ...] = ()


def rows_of(content: bytes, dialect: Dialect, limits: UploadLimits) -> Rows:
    """All rows of the content, in UTF-8.

    Raises `LineTooLong`, `TooManyColumns`, `TooManyRows`, `UnclosedQuote` with the line where the quote opens, and
    `MostlyRejected`.
    """
    at = too_long_line(content, limits.line_bytes)
    if at is not None:
        raise LineTooLong(
            "Line " + format(line_at(content, at), ",") + " is too long.",
            limit=format(limits.line_bytes, ",") + " bytes a line",
        )
    # Lines are at least rows; blank ones cost as much to read.
    _bounded(max(content.count(b"\n"), content.count(b"\r")), 1, limits)
    with longest_value(limits.line_bytes):
        return _plain_rows(content, dialect, limits) or _any_rows(content, dialect, limits)


def _plain_rows(content: bytes, dialect: Dialect, limits: UploadLimits) -> Rows | None:
    """The rows of a plain file; None if it is not, or has rows that do not fit."""
    if not is_plain(content, dialect.body_at, dialect.delimiter):
        return None
    end = content.find(b"\n", dialect.body_at) + 1 or len(content)
    first = next(_reader(content[dialect.body_at : end], 0, dialect.delimiter))
    _bounded(content.count(b"\n", dialect.body_at), len(first), limits)
    columns = split(content, end if dialect.has_header else dialect.body_at, dialect.delimiter, len(first))
    if columns is None:
        return None
    line = dialect.first_line + dialect.has_header
    return Rows(
        header=tuple(first) if dialect.has_header else None,
        columns=columns,
        row_count=len(columns[0]),
        line_of=lambda row: line + row,
    )


def _bounded(rows: int, columns: int, limits: UploadLimits) -> None:
    if columns > limits.columns:
        raise TooManyColumns(
            "The table has " + format(columns, ",") + " columns.", limit=format(limits.columns, ",") + " columns"
        )
    if rows > limits.rows:
        raise TooManyRows("The table has too many rows.", limit=format(limits.rows, ",") + " rows")
    if rows * columns > limits.cells:
        raise TooManyRows("The table has too many values.", limit=format(limits.cells, ",") + " values")


def _any_rows(content: bytes, dialect: Dialect, limits: UploadLimits) -> Rows:
    """The rows by Python's own reader, which knows the line it is in and whether quotes are closed."""
    records = _records(content, dialect)
    line, first = next(records)
    if isinstance(first, str):
        raise UnclosedQuote("The row of the header, in line " + str(line) + ", " + first + ".")
    gathered = _Gathered(len(first), limits)
    if not dialect.has_header:
        gathered.take(line, first)
    for line, record in records:
        gathered.take(line, record)
    return gathered.rows(tuple(first) if dialect.has_header else None)


def _records(content: bytes, dialect: Dialect) -> Iterator[tuple[int, Row | str]]:
    """Each row with the line that it begins in; of one whose quotes are wrong, what is wrong. Blank lines are none."""
    reader = _reader(content, dialect.body_at, dialect.delimiter)
    while True:
        line = dialect.first_line + reader.line_num
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, _explained(line, str(error))
            continue
        if row:
            yield line, row


def _reader(content: bytes, start: int, delimiter: str) -> "_csv.Reader":
    raw = io.BytesIO(content)
    raw.seek(start)
    return csv.reader(io.TextIOWrapper(raw, "utf-8", newline=""), delimiter=delimiter, strict=True)


def _explained(line: int, told: str) -> str:
    """What is wrong with the row; raises for what makes the rest of the file unreadable."""
    where = "The row that begins in line " + format(line, ",")
    if NOT_CLOSED in told:
        raise UnclosedQuote(
            where + " opens a quote that is never closed.", remedy='Close it, or write a quote within a value as "".'
        )
    if TOO_LONG in told:
        raise LineTooLong(where + " has a value that is too long, or a quote that is never closed.")
    return "has text behind a closing quote"


@dataclass(slots=True)
class _Gathered:
    """Rows as they come in, turned into columns a piece at a time."""

    width: int
    limits: UploadLimits
    pending: list[Row] = field(default_factory=list)
    pieces: list[list[pa.Array]] = field(default_factory=list)
    lines: "array[int]" = field(default_factory=lambda: array("I"))
    rejected: list[RejectedRow] = field(default_factory=list)
    rejected_count: int = 0

    def take(self, line: int, record: Row | str) -> None:
        if isinstance(record, str):
            self._reject(line, record)
            return
        if len(record) > self.width and not any(record[self.width :]):
            del record[self.width :]
        if len(record) != self.width:
            self._reject(line, _misfit(len(record), self.width))
            return
        self.pending.append(record)
        self.lines.append(line)
        if len(self.pending) * self.width >= PIECE_CELLS:
            self._flush()

    def _reject(self, line: int, reason: str) -> None:
        self.rejected_count += 1
        if len(self.rejected) < self.limits.rejected_told:
            self.rejected.append(RejectedRow(line=line, reason=reason))

    def _flush(self) -> None:
        _bounded(len(self.lines), self.width, self.limits)
        self.pieces.append([pa.array(values, pa.string()) for values in zip(*self.pending, strict=True)])
        self.pending.clear()

    def rows(self, header: Sequence[str] | None) -> Rows:
        """All of them; raises `MostlyRejected`."""
        _bounded(len(self.lines), self.width, self.limits)
        if self.rejected_count > len(self.lines):
            raise mostly_rejected(self.rejected_count, len(self.lines), self.rejected[0])
        if self.pending:
            self._flush()
        lines = np.frombuffer(self.lines, np.uint32) if self.lines else np.array([], np.uint32)
        whole = [pa.concat_arrays(parts) for parts in zip(*self.pieces, strict=True)]
        return Rows(
            header=None if header is None else tuple(header),
            columns=whole or [NO_TEXTS] * self.width,
            row_count=len(lines),
            line_of=lambda row: int(lines[row]),
            rejected_count=self.rejected_count,
            rejected=tuple(self.rejected),
        )


def _misfit(values: int, width: int) -> str:
    return "has " + str(values) + (" value" if values == 1 else " values") + " where the header has " + str(width)


def mostly_rejected(rejected: int, kept: int, first: RejectedRow) -> MostlyRejected:
    """The error that says how many rows did not fit and why the first did not."""
    total = format(rejected + kept, ",")
    return MostlyRejected(
        format(rejected, ",")
        + " of "
        + total
        + " rows do not fit the first row; line "
        + format(first.line, ",")
        + " "
        + first.reason
        + ".",
        remedy="Send a table whose rows all have the values that its header names.",
    )
