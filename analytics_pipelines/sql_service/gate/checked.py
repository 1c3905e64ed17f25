"""What the gate hands on: a statement that may run, and what was read of it."""

from dataclasses import dataclass
from typing import Literal

Doing = Literal["select", "create", "insert", "drop"]


@dataclass(frozen=True, slots=True)
class Checked:
    """One statement that may run."""

    sql: str
    """Without a closing semicolon, and so that it may stand in parentheses; of writes composed anew."""
    does: Doing
    target: str
    """The batch's own table that is written, in small letters; empty for a select."""
    tables: frozenset[str]
    """Shown tables that are read, as `shown` spells them."""
    is_repeatable: bool
    """Whether the same statement over the same data gives the same answer: it asks for no time, chance or sample."""


@dataclass(frozen=True, slots=True)
class NamedTable:
    """A table that a statement reads and that is none of its own common table expressions."""

    name: str
    offset_bytes: int
    """Where in the text; below 0 where the parser does not say."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a tree names, once everything else in it is found harmless."""

    tables: tuple[NamedTable, ...]
    is_repeatable: bool
