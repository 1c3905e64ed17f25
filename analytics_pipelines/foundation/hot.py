"""Hot tables: what a room keeps beside the lake's tables in a generation's DuckDB file, so that answers are instant.

A lake table has its own days and lives on. A hot table is made anew for each generation from the tables of that very
generation: the newest snapshot in another order, an index of names, versions of all days side by side.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Table


class Readable(Protocol):
    """The generation in the making, as far as it is made: its lake tables and the hot tables named before."""

    def days(self, table: Table) -> tuple[date, ...]:
        """Days that it holds of a lake table, in order."""
        ...

    def scan(self, table: Table, days: Iterable[date] | None = None) -> Sql:
        """A SELECT of the declared columns: of these days, by default of all; of a hot table, the whole."""
        ...

    def rows(self, query: Sql, values: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
        """Rows of a query over what `scan` gives."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HotTable:
    """A table of the room's DuckDB file, sorted by its key; `table.partition` says what it is made for."""

    table: Table
    reads: tuple[Table, ...]
    """Lake tables it is made of; while none of their days changes, the room's file is carried forward."""
    make: Callable[[Readable], Sql]
    """The SELECT of its rows, of the declared columns in any order of rows."""
    texts: tuple[Sql, ...] = ()
    """SQL that `make` is composed of; when one of them changes, the room's file is made anew."""
    numbered: tuple[tuple[str, int], ...] = ()
    """Columns that hold the row's place in the key's order, from 0, divided by that; `make` gives null for them."""
    indexed: tuple[str, ...] = ()
    """Columns with a unique index, for fetching scattered single rows."""
