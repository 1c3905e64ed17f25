"""Splits the many files that leave no doubt where a row ends, at the speed of Arrow's reader.

A file is plain where rows are lines without exception, and quotes stand only around whole values. Then any two readers
agree; the careful one, which also knows lines and why a row does not fit, is some times slower.
"""

import io
import re

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

BLOCK_BYTES = 2**22
"""Several times the longest line, which the reader needs whole."""
MOST_QUOTES = 20_000_000
"""More take too much memory to look at."""
QUOTE, LINE_FEED = b'"', b"\n"
NO_TEXTS = pa.array([], pa.string())
Bytes = NDArray[np.uint8]


def is_plain(content: bytes, start: int, delimiter: str) -> bool:
    """Whether the rows from `start` on can be split without doubt; blank lines and lone carriage returns are doubts."""
    returns = content.count(b"\r", start)
    if returns and not content.count(LINE_FEED, start) == returns == content.count(b"\r\n", start):
        return False
    if content.find(b"\r\n\r\n" if returns else b"\n\n", start) >= 0:
        return False
    quotes = content.count(QUOTE, start)
    return quotes <= MOST_QUOTES and (not quotes or _has_plain_quotes(content[start:], delimiter))


def _has_plain_quotes(body: bytes, delimiter: str) -> bool:
    """Whether each quote opens or closes a whole value, or is one of two within it, and none holds a line's end."""
    signs = np.frombuffer(body, np.uint8)
    quotes = np.flatnonzero(signs == ord(QUOTE))
    if len(quotes) % 2:
        return False
    ends = np.flatnonzero(signs == ord(LINE_FEED))
    within = np.searchsorted(quotes, ends) % 2
    around = np.frombuffer(QUOTE + LINE_FEED + b"\r" + delimiter.encode(), np.uint8)
    before, after = _beside(signs, quotes[::2] - 1), _beside(signs, quotes[1::2] + 1)
    return not within.any() and bool(np.isin(before, around).all() and np.isin(after, around).all())


def _beside(signs: Bytes, places: NDArray[np.int64]) -> Bytes:
    """What stands there; beyond either end of the text it is the end of a line."""
    inside = (places >= 0) & (places < len(signs))
    return np.where(inside, signs[np.clip(places, 0, len(signs) - 1)], ord(LINE_FEED))


def split(content: bytes, start: int, delimiter: str, width: int) -> list[pa.Array] | None:
    """A column of text for each of `width` values in plain rows; None if a row has more values, or fewer."""
    if not re.compile(rb"[^\r\n]").search(content, start):
        return [NO_TEXTS] * width
    body = io.BytesIO(content)
    body.seek(start)
    names = [str(position) for position in range(width)]
    try:
        table: pa.Table = arrow_csv.read_csv(
            body,
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES, column_names=names),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    columns = []
    for _ in names:
        columns.append(table.column(0).combine_chunks())
        # Else the pieces of all columns would stand in memory beside the whole ones.
        table = table.remove_column(0)
    return columns
