"""The index of names: which blocks of `hot_fs__names` can hold a match, by the three-character pieces that each has."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.bound import Bound, every
from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import Sql, from_file, joined
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen
from analytics_pipelines.storage_snapshots.ask.patterns import Matcher
from analytics_pipelines.storage_snapshots.hot.tables import GRAMS, NAMES, NAMES_PER_BLOCK

GRAM = 3
MOST_GRAMS = 8
FEW_BLOCKS = 4
"""Once no more are left, reading them costs less than asking for another piece."""
LISTED_BLOCKS = 16
"""Up to so many are compared one by one."""
NEAR = 8
"""Blocks that may lie between two of those to read, on the average, for a range to leave much unread."""


@dataclass(frozen=True, slots=True)
class NameIndex:
    """What is known of a generation's names."""

    block_count: int
    has_long_s: bool

    @staticmethod
    def of(lease: Lease) -> "NameIndex":
        """Looked up once for each generation."""
        return lease.remembered("storage_snapshots.name_index", _looked_up)

    def blocks(self, cursor: DuckDBPyConnection, matcher: Matcher) -> Sequence[int]:
        """Blocks that hold every match, in order; all of them when the pattern tells nothing."""
        return candidates(cursor, grams(self.texts(matcher)), self.block_count)

    def texts(self, matcher: Matcher) -> tuple[str, ...]:
        """Texts that the folded name of every match holds."""
        return matcher.sure_texts if self.has_long_s else matcher.texts


def grams(texts: Iterable[str], most: int = MOST_GRAMS) -> list[int]:
    """Numbers of at most so many pieces, spread over the texts; each must be in a name that matches."""
    pieces = list(dict.fromkeys(text[at : at + GRAM] for text in texts for at in range(len(text) - GRAM + 1)))
    step = max(1, -(-len(pieces) // most))
    return [gram_number(piece) for piece in pieces[::step]]


def gram_number(piece: str) -> int:
    """Three characters as one number, as `hot_fs__grams` has it."""
    first, second, third = (ord(character) for character in piece)
    return first << 42 | second << 21 | third


def candidates(cursor: DuckDBPyConnection, wanted: Collection[int], block_count: int) -> Sequence[int]:
    """Blocks that have all these pieces, in order."""
    if not wanted:
        return range(block_count)
    query = from_file(__package__, "gram_blocks").text
    found: set[int] | None = None
    for gram in wanted:
        blocks = {block for (block,) in cursor.execute(query, {"gram": gram}).fetchall()}
        found = blocks if found is None else found & blocks
        if len(found) <= FEW_BLOCKS:
            break
    return sorted(found or ())


def _looked_up(lease: Lease) -> NameIndex:
    row: tuple[Any, ...] = lease.tuples(from_file(__package__, "name_index"))[0]
    return NameIndex(block_count=row[0], has_long_s=row[1])


def is_indexed(lease: Lease) -> bool:
    """Whether the generation has the index."""
    return lease.holds(NAMES.name) and lease.holds(GRAMS.name)


def within(blocks: Sequence[int], block_count: int, bound: Bound) -> Sql:
    """Whether a row of `hot_fs__names` stands in one of these blocks, in the way that reads least of the others.

    The engine leaves row groups unread by a range of positions, but not by single bits; a bit it tests once for a
    block, since all its rows have one value, unless the range goes before it.
    """
    if len(blocks) <= LISTED_BLOCKS:
        given = joined(bound.bind(block) for block in blocks)
        return Sql("block IN ({blocks})").fill(blocks=given)
    span = blocks[-1] - blocks[0] + 1
    conditions = []
    if span <= NEAR * len(blocks):
        conditions.append(_range(blocks[0], blocks[-1], bound))
    if span > len(blocks):
        bits = bound.bind(_mask(blocks, block_count))
        conditions.append(Sql("get_bit(CAST({bits} AS BIT), block) = 1").fill(bits=bits))
    return every(conditions)


def hot_rows(these: Chosen, table: Table, bound: Bound) -> tuple[Sql, list[Sql]]:
    """A hot table by its own name, and what keeps its rows to the chosen shares.

    Around a table in a subquery the engine tests bits and patterns for each row after reading all columns of all.
    """
    if these.is_every_share:
        return these.lease.table(table.name), []
    shares = joined(bound.bind(each.share) for each in these.snapshots)
    return these.lease.table(table.name), [Sql("share IN ({shares})").fill(shares=shares)]


def _range(first: int, last: int, bound: Bound) -> Sql:
    text = Sql("position BETWEEN {first} AND {last}")
    positions = {"first": first * NAMES_PER_BLOCK, "last": (last + 1) * NAMES_PER_BLOCK - 1}
    return text.fill(**{each: bound.bind(position) for each, position in positions.items()})


def _mask(blocks: Sequence[int], block_count: int) -> str:
    digits = bytearray(b"0" * block_count)
    for block in blocks:
        digits[block] = ord("1")
    return digits.decode()
