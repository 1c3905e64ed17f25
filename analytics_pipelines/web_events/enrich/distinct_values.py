"""What Python knows of values, as a table beside the rows that hold them: each distinct value is described once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import arrow_of
from analytics_pipelines.foundation.select import Version
from analytics_pipelines.foundation.sql import Sql

ARROW_TYPES: dict[type, Any] = {str: pa.string(), bool: pa.bool_()}


@dataclass(frozen=True, slots=True)
class Described:
    """A source whose rows are the query's rows, each with what `describe` says of it beside it.

    The query may ask the sources before it in the same SELECT, so that it sees the very files that the SELECT reads.
    `describe` is given a row's values and returns an object with the attributes that `columns` names; without them
    the source is the query's answer, asked once.
    """

    query: Sql
    describe: Callable[..., object] = lambda *_: None
    columns: Mapping[str, type] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def versions(self) -> tuple[Version, ...]:
        """None of its own: it reads what other sources read."""
        return ()

    def mount(self, cursor: DuckDBPyConnection, view: str) -> None:
        """Ask for the distinct values, describe them, and register the table under the name."""
        found = arrow_of(cursor, self.query, self.values)
        told = [self.describe(*row) for row in zip(*(each.to_pylist() for each in found.columns), strict=True)]
        for name, kind in self.columns.items():
            column = pa.array([getattr(each, name) for each in told], ARROW_TYPES[kind])
            found = found.append_column(name, column)
        cursor.register(view, found)
