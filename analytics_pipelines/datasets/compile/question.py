"""A statement with its values, ready to be asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import arrow_of, one_row, tuples_of
from analytics_pipelines.foundation.sql import Sql


@dataclass(frozen=True, slots=True)
class Question:
    """One SELECT; every value of the plan stands in `values`, none in the text."""

    sql: Sql
    values: Mapping[str, object]

    def tuples(self, cursor: DuckDBPyConnection) -> list[tuple[Any, ...]]:
        """The answer's rows."""
        return tuples_of(cursor, self.sql, self.values)

    def row(self, cursor: DuckDBPyConnection) -> tuple[Any, ...]:
        """The only row of an answer that has exactly one."""
        return one_row(cursor.execute(self.sql.text, dict(self.values) or None))

    def arrow(self, cursor: DuckDBPyConnection) -> pa.Table:
        """The answer as columns."""
        return arrow_of(cursor, self.sql, self.values)
