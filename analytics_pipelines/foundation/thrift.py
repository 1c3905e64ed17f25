"""Thrift's compact protocol, as far as a Parquet footer needs it: structs read and written back byte for byte.

The fields of a struct are kept by number with the type they came with, whatever their meaning, so that fields of
later versions of the format pass unchanged. The format: https://github.com/apache/thrift/blob/master/doc/specs/
thrift-compact-protocol.md.
"""

from collections.abc import Callable
from dataclasses import dataclass

TRUE, FALSE, BYTE, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = 1, 2, 3, 7, 8, 9, 10, 11, 12
INTEGERS = (4, 5, 6)
"""Of 16, 32 and 64 bits; all are written alike."""
LONG_LIST = 15
MOST_DELTA = 15
LOW_BITS, MORE_FOLLOW = 127, 128


@dataclass(slots=True)
class Field:
    """One value with its type; what it is in Python depends on the type."""

    type: int
    value: "Value"


@dataclass(slots=True)
class Items:
    """A list or a set."""

    type: int
    values: "list[Value]"


@dataclass(slots=True)
class Pairs:
    """A map; both types are 0 when it is empty."""

    key_type: int
    value_type: int
    values: "list[tuple[Value, Value]]"


Struct = dict[int, Field]
Value = bool | int | bytes | Items | Pairs | Struct
"""A byte and a double stay the bytes they are; when writing, a struct may be the bytes it was written as before."""


class Reading:
    """Reads values from bytes, from `position` on; raises `ValueError` where they end too early."""

    def __init__(self, data: bytes, position: int = 0) -> None:
        self.data = data
        self.position = position
        self._readers: dict[int, Callable[[], Value]] = {
            **dict.fromkeys((TRUE, FALSE, BYTE), lambda: self._bytes(1)),
            **dict.fromkeys(INTEGERS, self._integer),
            **dict.fromkeys((LIST, SET), self._items),
            DOUBLE: lambda: self._bytes(8),
            BINARY: lambda: self._bytes(self._unsigned()),
            MAP: self._pairs,
            STRUCT: self.struct,
        }

    def struct(self) -> Struct:
        """Fields by number, in the order in which they came."""
        fields: Struct = {}
        number = 0
        while header := self._byte():
            delta, kind = header >> 4, header & 15
            number = number + delta if delta else self._integer()
            fields[number] = Field(kind, kind == TRUE if kind in {TRUE, FALSE} else self.value(kind))
        return fields

    def value(self, kind: int) -> Value:
        """A value of that type; booleans here are those of lists and maps, which take a byte each."""
        if kind not in self._readers:
            raise ValueError(f"no Thrift type {kind}")
        return self._readers[kind]()

    def _items(self) -> Items:
        header = self._byte()
        size, kind = header >> 4, header & 15
        if size == LONG_LIST:
            size = self._unsigned()
        return Items(kind, [self.value(kind) for _ in range(size)])

    def _pairs(self) -> Pairs:
        size = self._unsigned()
        kinds = self._byte() if size else 0
        key, value = kinds >> 4, kinds & 15
        return Pairs(key, value, [(self.value(key), self.value(value)) for _ in range(size)])

    def _byte(self) -> int:
        return self._bytes(1)[0]

    def _bytes(self, size: int) -> bytes:
        end = self.position + size
        if end > len(self.data):
            raise ValueError("the Thrift data ends too early")
        found = self.data[self.position : end]
        self.position = end
        return found

    def _unsigned(self) -> int:
        result = shift = 0
        while True:
            byte = self._byte()
            result |= (byte & LOW_BITS) << shift
            if not byte & MORE_FOLLOW:
                return result
            shift += 7

    def _integer(self) -> int:
        found = self._unsigned()
        return (found >> 1) ^ -(found & 1)


def struct_bytes(fields: Struct) -> bytes:
    """The struct as it is stored; what `Reading.struct` gave gives its bytes again."""
    target = bytearray()
    _write_struct(target, fields)
    return bytes(target)


def _write_struct(target: bytearray, fields: Struct) -> None:
    last = 0
    for number, field in fields.items():
        delta = number - last
        if 0 < delta <= MOST_DELTA:
            target.append(delta << 4 | field.type)
        else:
            target.append(field.type)
            _write_integer(target, number)
        if field.type not in {TRUE, FALSE}:
            _write(target, field.type, field.value)
        last = number
    target.append(0)


def _write(target: bytearray, kind: int, value: Value) -> None:
    match value:
        case dict():
            _write_struct(target, value)
        case Items():
            _write_list_header(target, value.type, len(value.values))
            for each in value.values:
                _write(target, value.type, each)
        case Pairs():
            _write_pairs(target, value)
        case bytes():
            if kind == BINARY:
                _write_unsigned(target, len(value))
            target += value
        case _:
            _write_integer(target, value)


def _write_pairs(target: bytearray, pairs: Pairs) -> None:
    _write_unsigned(target, len(pairs.values))
    if pairs.values:
        target.append(pairs.key_type << 4 | pairs.value_type)
    for key, value in pairs.values:
        _write(target, pairs.key_type, key)
        _write(target, pairs.value_type, value)


def _write_list_header(target: bytearray, kind: int, size: int) -> None:
    target.append(min(size, LONG_LIST) << 4 | kind)
    if size >= LONG_LIST:
        _write_unsigned(target, size)


def _write_integer(target: bytearray, value: int) -> None:
    _write_unsigned(target, value << 1 if value >= 0 else (-value << 1) - 1)


def _write_unsigned(target: bytearray, value: int) -> None:
    while value > LOW_BITS:
        target.append(value & LOW_BITS | MORE_FOLLOW)
        value >>= 7
    target.append(value)
