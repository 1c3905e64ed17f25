"""Names of columns: as the header has them, made usable and unique where they are not, and said."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

UNUSABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+")
"""Control characters, and marks that turn the direction of text, which would show a name as another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """A column that is not called as its header says; `position` counts from 1."""

    position: int
    header: str
    name: str
    reason: str


def named(header: Sequence[str], most_characters: int) -> tuple[tuple[str, ...], tuple[Renamed, ...]]:
    """Names for the columns, no two alike whatever their case, and those that differ from the header.

    Spaces around a name are no part of it, and not told.
    """
    names: list[str] = []
    renamed: list[Renamed] = []
    taken: set[str] = set()
    numbers: Counter[str] = Counter()
    stems = [_usable(cell, position, most_characters) for position, cell in enumerate(header, 1)]
    wanted = {stem.casefold() for stem, _ in stems}
    for position, (cell, (stem, reason)) in enumerate(zip(header, stems, strict=True), 1):
        name = stem if stem.casefold() not in taken else _unique(stem, (taken, wanted), numbers)
        taken.add(name.casefold())
        names.append(name)
        why = reason if name == stem else "another column has the name"
        if why:
            renamed.append(Renamed(position=position, header=cell[:most_characters], name=name, reason=why))
    return tuple(names), tuple(renamed)


def _usable(cell: str, position: int, most_characters: int) -> tuple[str, str]:
    """The name without regard to others, and why it is not the cell's text."""
    cleaned = " ".join(UNUSABLE.sub(" ", cell).split()) if UNUSABLE.search(cell) else cell.strip()
    if not cleaned:
        return "column_" + str(position), "the header is empty here"
    if len(cleaned) > most_characters:
        return cleaned[:most_characters].strip(), "the name is longer than " + str(most_characters) + " characters"
    return cleaned, "the name held control characters" if cleaned != cell.strip() else ""


def _unique(stem: str, taken: tuple[set[str], set[str]], numbers: Counter[str]) -> str:
    """The name with a number behind it; `numbers` tells where the search went on, so that it is short."""
    while True:
        numbers[stem] += 1
        name = stem + "_" + str(numbers[stem] + 1)
        if not any(name.casefold() in each for each in taken):
            return name
