"""Which rows and columns differ, once it is known that some do: column, how many rows, and the keys they lie between.

Both sides are parted by a hash of the key, and the parts' checksums compared; only rows of parts that differ are
fetched, as hashes of their columns. No value leaves the engines, except keys that are not personal.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from analytics_pipelines.foundation.checksums import row_text
from analytics_pipelines.foundation.sql import Sql, joined, literal
from analytics_pipelines.product_export.plan import ExportColumn
from analytics_pipelines.product_export.verify.sides import Side

PART_ROWS = 1_000
"""About so many rows are to be in a part."""
MOST_DIGITS = 4
"""Of a part's number; their checksums have to fit into memory."""
MOST_PARTS = 16
"""So many parts are looked into row by row."""
HASH_DIGITS = 15
ROWS = Sql("count(*)")
BY_PART = Sql(" GROUP BY 1")
ONE_OF = Sql("{part} IN ({parts})")
AS_NULL = "null"
NOT_FOUND = "the checksum, but no row differed when both were read again"
STAND_APART = "columns that stand in different rows together, though each alone has the same values"
WHOLE = re.compile(r"-?[0-9]+")

Key = tuple[str | None, ...]
Hashes = tuple[str, ...]
Rows = dict[Key, Counter[Hashes]]


@dataclass(frozen=True, slots=True)
class Compared:
    """Both sides, the columns that both hold alike, and what tells rows apart; `rows` says about how many there are."""

    source: Side
    lake: Side
    columns: Sequence[ExportColumn]
    key_names: Sequence[str]
    rows: int

    @property
    def key(self) -> tuple[ExportColumn, ...]:
        """Columns of the key; none where the table has none or it is masked in the lake."""
        found = [column for column in self.columns if column.source.name in self.key_names]
        return tuple(found) if len(found) == len(self.key_names) else ()

    @property
    def digits(self) -> int:
        """Hexadecimal digits that number the parts."""
        parts = max(2, self.rows / PART_ROWS)
        return min(MOST_DIGITS, math.ceil(math.log(parts, 16)))


def offenders_of(compared: Compared) -> list[str]:
    """What differs, one sentence each; never empty, since something does."""
    found = list(_by_key(compared) if compared.key else _without_key(compared))
    return found or [NOT_FOUND]


def _by_key(compared: Compared) -> Iterator[str]:
    parts = _differing_parts(compared)
    chosen = parts[:MOST_PARTS]
    source, lake = (_rows(side, compared, chosen) for side in (compared.source, compared.lake))
    at_least = "at least " if len(parts) > len(chosen) else ""
    for what, keys in sorted(_findings(compared, source, lake).items()):
        rows = "1 row" if len(keys) == 1 else f"{len(keys)} rows"
        yield f"{what}: {at_least}{rows}, {_between(compared.key, keys)}"


def _differing_parts(compared: Compared) -> list[str]:
    source, lake = (_parts(side, compared) for side in (compared.source, compared.lake))
    return sorted(part for part in source.keys() | lake.keys() if source.get(part) != lake.get(part))


def _parts(side: Side, compared: Compared) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for part, rows, checksum in side.asked(_part(side, compared), ROWS, side.checksum(compared.columns), tail=BY_PART):
        found[part] = (found[part][0] + rows, found[part][1] + int(checksum))
    return dict(found)


def _part(side: Side, compared: Compared) -> Sql:
    return side.hashed(row_text(side.text(column) for column in compared.key), compared.digits)


def _rows(side: Side, compared: Compared, parts: Sequence[str]) -> Rows:
    """Rows of these parts by their keys, as hashes of their columns."""
    if not parts:
        return {}
    hashes = [side.hashed(row_text([side.text(column)]), HASH_DIGITS) for column in compared.columns]
    chosen = ONE_OF.fill(part=_part(side, compared), parts=joined(literal(part) for part in parts))
    found: Rows = defaultdict(Counter)
    width = len(compared.key)
    for row in side.asked(*(side.text(column) for column in compared.key), *hashes, condition=chosen):
        found[row[:width]][row[width:]] += 1
    return dict(found)


def _findings(compared: Compared, source: Rows, lake: Rows) -> dict[str, list[Key]]:
    """Keys by what is wrong with them: a column's name, or that the row is missing, too many or repeated."""
    found: dict[str, list[Key]] = defaultdict(list)
    for key in source.keys() | lake.keys():
        expected, given = source.get(key, Counter()), lake.get(key, Counter())
        if expected.total() != given.total():
            found["missing" if given.total() < expected.total() else "too many"].append(key)
        elif expected != given:
            for column in _differing_columns(compared.columns, expected - given, given - expected):
                found["column " + column].append(key)
    return found


def _differing_columns(
    columns: Sequence[ExportColumn], expected: Counter[Hashes], given: Counter[Hashes]
) -> Iterator[str]:
    """Columns whose values, taken together over the rows of one key, are not the same."""
    for column, wanted, had in zip(
        columns, zip(*expected.elements(), strict=True), zip(*given.elements(), strict=True), strict=True
    ):
        if sorted(wanted) != sorted(had):
            yield column.lake.name


def _between(key: Sequence[ExportColumn], keys: Iterable[Key]) -> str:
    names = ", ".join(column.lake.name for column in key)
    if any(column.lake.is_personal for column in key):
        return names + " not shown, being personal"
    ordered = sorted(keys, key=_in_order)
    first, last = (", ".join(map(_told, ordered[place])) for place in (0, -1))
    return f"{names} {first}" if first == last else f"{names} from {first} to {last}"


def _in_order(key: Key) -> list[tuple[bool, int, str]]:
    """Whole numbers by their size, before texts."""
    return [(False, int(part), "") if WHOLE.fullmatch(part) else (True, 0, part) for part in map(_told, key)]


def _told(part: str | None) -> str:
    return AS_NULL if part is None else part


def _without_key(compared: Compared) -> Iterator[str]:
    """Columns whose values differ, taken each alone over all rows."""
    source, lake = (_by_column(side, compared.columns) for side in (compared.source, compared.lake))
    if source[0] != lake[0]:
        yield f"{lake[0]} rows, the source has {source[0]}"
    yield from (
        "column " + column.lake.name + ": no key says in which rows"
        for column, wanted, had in zip(compared.columns, source[1:], lake[1:], strict=True)
        if wanted != had
    )
    if source == lake:
        yield STAND_APART


def _by_column(side: Side, columns: Sequence[ExportColumn]) -> list[int]:
    parts = side.asked(ROWS, *(side.checksum([column]) for column in columns))
    return [sum(int(part) for part in numbers) for numbers in zip(*parts, strict=True)]
