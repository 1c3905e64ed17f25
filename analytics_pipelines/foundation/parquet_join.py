"""Parquet files of one schema joined into one: row groups are copied byte for byte, only the footer is made anew.

Nothing is decoded or compressed again, so joining costs what copying costs, whatever the size, and the memory of the
footer. The layout: https://parquet.apache.org/docs/file-format/metadata/.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Never

from analytics_pipelines.foundation.thrift import LIST, STRUCT, Field, Items, Reading, Struct, Value, struct_bytes

MAGIC = b"PAR1"
TAIL_BYTES = 8
"""The footer's length and the magic word."""
SCHEMA, ROWS, GROUPS = 2, 3, 4
GROUP_COLUMNS, GROUP_ROWS, GROUP_OFFSET, GROUP_ORDINAL = 1, 3, 5, 7
CHUNK_OFFSET, CHUNK_META = 2, 3
PAGE_INDEXES = (4, 5, 6, 7)
"""Where the page indexes of a chunk lie; they hold offsets too, and readers do without them."""
META_OFFSETS = (9, 10, 11, 14)
"""Of the data, index and dictionary pages and of the Bloom filter."""
COPY_BYTES = 2**24


@dataclass(frozen=True, slots=True)
class Footer:
    """What a file says of itself, and where its row groups end."""

    fields: Struct
    data_end: int

    @property
    def rows(self) -> int:
        """Rows of the file."""
        return _integer(self.fields[ROWS])


class Joining:
    """A Parquet file that grows by the row groups of others, in the order in which they are appended."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._first: Struct | None = None
        self._groups: list[bytes] = []
        self.rows = 0
        file.write(MAGIC)

    def append(self, part: Path) -> int:
        """Copy the part's row groups and give its rows; raises `ValueError` for another schema, or no Parquet."""
        with part.open("rb") as source:
            footer = read_footer(source)
            if self._first is None:
                self._first = footer.fields
            elif footer.fields[SCHEMA] != self._first[SCHEMA]:
                raise ValueError("files of different schemas can not be joined")
            moved_by = self._file.tell() - len(MAGIC)
            self._groups += [struct_bytes(_moved(group, moved_by)) for group in _groups(footer) if _has_rows(group)]
            if footer.rows:
                _copy(source, self._file, len(MAGIC), footer.data_end)
        self.rows += footer.rows
        return footer.rows

    def sync(self) -> None:
        """Flush what was appended to the disk, so that no long burst at the end holds up others who write to it."""
        self._file.flush()
        os.fdatasync(self._file.fileno())

    def finish(self) -> None:
        """Write the footer; raises `ValueError` if nothing was appended, for then there is no schema."""
        if self._first is None:
            raise ValueError("no file to join")
        rows = Field(self._first[ROWS].type, self.rows)
        footer = struct_bytes(self._first | {ROWS: rows, GROUPS: Field(LIST, Items(STRUCT, list(self._groups)))})
        self._file.write(footer + len(footer).to_bytes(4, "little") + MAGIC)


def joined_files(parts: Sequence[Path], target: Path) -> int:
    """Write the row groups of all parts, in order, as the new file `target`; gives its rows.

    Raises `ValueError` if there is no part, or if schemas differ.
    """
    with joining(target) as work:
        for part in parts:
            work.append(part)
    return work.rows


@contextmanager
def joining(target: Path) -> Iterator[Joining]:
    """A new file at `target` to append to; its footer is written when the block ends well, else it is removed."""
    with target.open("xb") as file:
        try:
            work = Joining(file)
            yield work
            work.finish()
        except BaseException:
            target.unlink()
            raise


def read_footer(source: IO[bytes]) -> Footer:
    """The footer of an open file; raises `ValueError` when it is no plain Parquet."""
    size = source.seek(0, os.SEEK_END)
    source.seek(max(0, size - TAIL_BYTES))
    tail = source.read(TAIL_BYTES)
    footer_bytes = int.from_bytes(tail[:4], "little")
    data_end = size - TAIL_BYTES - footer_bytes
    if tail[4:] != MAGIC or data_end < len(MAGIC):
        raise ValueError("not a plain Parquet file")
    source.seek(data_end)
    return Footer(Reading(source.read(footer_bytes)).struct(), data_end)


def _groups(footer: Footer) -> list[Struct]:
    return [_struct(group) for group in _items(footer.fields[GROUPS])]


def _has_rows(group: Struct) -> bool:
    return _integer(group[GROUP_ROWS]) > 0


def _moved(group: Struct, by: int) -> Struct:
    """The row group as it is called where its bytes lie `by` further; its number in the file goes, it is optional."""
    moved = {number: field for number, field in group.items() if number != GROUP_ORDINAL}
    _shift(moved, (GROUP_OFFSET,), by)
    chunks: list[Value] = [_moved_chunk(_struct(chunk), by) for chunk in _items(group[GROUP_COLUMNS])]
    moved[GROUP_COLUMNS] = Field(LIST, Items(STRUCT, chunks))
    return moved


def _moved_chunk(chunk: Struct, by: int) -> Struct:
    moved = {number: field for number, field in chunk.items() if number not in PAGE_INDEXES}
    _shift(moved, (CHUNK_OFFSET,), by)
    meta = dict(_struct(moved[CHUNK_META].value))
    _shift(meta, META_OFFSETS, by)
    return moved | {CHUNK_META: Field(STRUCT, meta)}


def _shift(fields: Struct, numbers: Sequence[int], by: int) -> None:
    """Add to the offsets that are there; 0 means none."""
    for number in numbers:
        if number in fields and (offset := _integer(fields[number])):
            fields[number] = Field(fields[number].type, offset + by)


def _copy(source: IO[bytes], target: IO[bytes], start: int, end: int) -> None:
    source.seek(start)
    while (left := end - source.tell()) > 0:
        chunk = source.read(min(COPY_BYTES, left))
        if not chunk:
            raise ValueError("the file shrank while it was read")
        target.write(chunk)


def _items(field: Field) -> list[Value]:
    return field.value.values if isinstance(field.value, Items) else _torn()


def _struct(value: Value) -> Struct:
    return value if isinstance(value, dict) else _torn()


def _integer(field: Field) -> int:
    return field.value if isinstance(field.value, int) else _torn()


def _torn() -> Never:
    raise ValueError("the footer is not that of a Parquet file")
