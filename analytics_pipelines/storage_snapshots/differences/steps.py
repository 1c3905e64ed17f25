"""Steps of a transform that are worked out once and read by several of those after them."""

from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.select import Version, mount_view
from analytics_pipelines.foundation.sql import Sql, name


@dataclass(frozen=True, slots=True)
class Step:
    """The rows of a query over the sources mounted before it, kept while the cursor lives."""

    query: Sql
    versions: tuple[Version, ...] = ()

    def mount(self, cursor: DuckDBPyConnection, view: str) -> None:
        """Work the rows out, into a temporary table of that name."""
        make = Sql("CREATE OR REPLACE TEMP TABLE {view} AS {query}")
        cursor.execute(make.fill(view=name(view), query=self.query).text)


@dataclass(frozen=True, slots=True)
class View:
    """A query over the sources mounted before it, read anew each time."""

    query: Sql
    versions: tuple[Version, ...] = ()

    def mount(self, cursor: DuckDBPyConnection, view: str) -> None:
        """Make the query a temporary view."""
        mount_view(cursor, view, self.query)
