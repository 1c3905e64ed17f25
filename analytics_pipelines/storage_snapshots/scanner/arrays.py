"""Arrow arrays out of NumPy's and back, by their buffers: `pa.array` would import pandas first, which takes 0.4 s."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Numbers = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_] | None
INDEX = pa.int32()


def whole(values: Numbers, kind: pa.DataType, known: Mask = None) -> pa.Array:
    """Whole numbers as a column of that type; null where not known."""
    numbers = np.ascontiguousarray(
        values, dtype=f"{'u' if pa.types.is_unsigned_integer(kind) else 'i'}{kind.bit_width // 8}"
    )
    return pa.Array.from_buffers(kind, len(numbers), [_validity(known), pa.py_buffer(numbers)])


def flags(values: npt.NDArray[np.bool_]) -> pa.Array:
    """A column of true and false."""
    bits = np.packbits(values, bitorder="little")
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(bits)])


def texts(values: Sequence[str | bytes | None], kind: pa.DataType) -> pa.Array:
    """Text or bytes as a column of that type, None as null."""
    parts = [value.encode() if isinstance(value, str) else value or b"" for value in values]
    known = np.fromiter((value is not None for value in values), np.bool_, len(values))
    offsets = np.zeros(len(parts) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, parts), np.int32, len(parts)), out=offsets[1:])
    return cut(np.frombuffer(b"".join(parts), np.uint8), offsets, kind, known)


def cut(letters: Numbers, offsets: Numbers, kind: pa.DataType, known: Mask = None) -> pa.Array:
    """Text or bytes that lie one behind the other."""
    return pa.Array.from_buffers(
        kind, len(offsets) - 1, [_validity(known), pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(letters))]
    )


def sparse(values: Mapping[int, str], rows: int) -> pa.Array:
    """A column of text that is mostly null: value by row, in the order of the rows."""
    if not values:
        return pa.nulls(rows, pa.string())
    parts = [value.encode() for value in values.values()]
    lengths = np.zeros(rows + 1, np.int32)
    known = np.zeros(rows, np.bool_)
    known[list(values)] = True
    lengths[1:][known] = [len(part) for part in parts]
    return cut(np.frombuffer(b"".join(parts), np.uint8), np.cumsum(lengths, dtype=np.int32), pa.string(), known)


def coded(numbers: Numbers, values: Sequence[str | None], known: Mask = None) -> pa.Array:
    """A dictionary column: the value of each number, null where that is None or the number not known."""
    missing = np.fromiter((value is None for value in values), np.bool_, len(values))
    if missing.any():
        known = ~missing[numbers] if known is None else known & ~missing[numbers]
    indices = whole(numbers, INDEX, known)
    return pa.DictionaryArray.from_arrays(indices, texts([value or "" for value in values], pa.string()))


def numbers_in(array: pa.Array, dtype: str) -> Numbers:
    """The numbers of an array, undefined where null."""
    return np.frombuffer(array.buffers()[1], dtype)[array.offset : array.offset + len(array)]


def letters_in(array: pa.Array) -> tuple[Numbers, Numbers]:
    """The bytes of a column of text that begins at its buffers' beginning, and where each value begins and ends."""
    _, offsets, letters = array.buffers()
    return np.frombuffer(letters or b"", np.uint8), np.frombuffer(offsets, np.int32)[: len(array) + 1]


def _validity(known: Mask) -> pa.Buffer | None:
    if known is None or known.all():
        return None
    return pa.py_buffer(np.packbits(known, bitorder="little"))
