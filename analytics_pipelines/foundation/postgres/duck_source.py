"""Rows of a PostgreSQL query as a source for the lake, read by DuckDB's own extension.

Within the transaction that the lake opens, all such sources of one database read one snapshot.
"""

import hashlib
import re
from dataclasses import dataclass, field

from duckdb import DuckDBPyConnection
from psycopg.sql import Literal

from analytics_pipelines.foundation.duck import extension_file, one_row, translated
from analytics_pipelines.foundation.select import Version, mount_view
from analytics_pipelines.foundation.sql import Sql, literal, name

EXTENSION = "postgres_scanner"
PARTS = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|(?P<comment>--[^\n]*|/\*.*?\*/)|\$(?P<number>\d+)""", re.DOTALL)
"""Quoted text, in which no parameter stands; a comment; or a parameter."""


@dataclass(frozen=True, slots=True)
class PostgresRows:
    """A SELECT that PostgreSQL runs, with `$1`, `$2`… taken from `params`; `conninfo` holds a password."""

    conninfo: str = field(repr=False)
    query: str
    params: tuple[object, ...] = ()

    @property
    def versions(self) -> tuple[Version, ...]:
        """None: a database has no version that could be asked for again."""
        return ()

    def mount(self, cursor: DuckDBPyConnection, view: str) -> None:
        """Make the rows a temporary view; raises `Unavailable` when the server is away."""
        with translated():
            attached = _attached(cursor, self.conninfo)
            query = Sql("SELECT * FROM postgres_query({database}, {query})").fill(
                database=literal(attached), query=literal(with_values(self.query, self.params))
            )
            mount_view(cursor, view, query)


def with_values(query: str, params: tuple[object, ...]) -> str:
    """The query with its parameters as quoted, typed literals: the extension reads by COPY, which binds none.

    Comments go, since the extension writes on behind the query's last line.
    Raises `IndexError` for a number past the parameters.
    """

    def written(part: re.Match[str]) -> str:
        if part["comment"]:
            return " "
        return Literal(params[int(part["number"]) - 1]).as_string().strip() if part["number"] else part[0]

    return PARTS.sub(written, query).strip().removesuffix(";")


def _attached(cursor: DuckDBPyConnection, conninfo: str) -> str:
    """The alias under which the instance knows the database, attached read-only at the first use."""
    alias = "postgres_" + hashlib.sha256(conninfo.encode()).hexdigest()[:16]
    loaded = "SELECT count(*) FROM duckdb_extensions() WHERE loaded AND extension_name = $name"
    if one_row(cursor.execute(loaded, {"name": EXTENSION})) == (0,):
        load = Sql("LOAD {file}").fill(file=literal(str(extension_file(EXTENSION))))
        cursor.execute(load.text)
    attach = Sql("ATTACH IF NOT EXISTS {conninfo} AS {alias} (TYPE postgres, READ_ONLY)")
    cursor.execute(attach.fill(conninfo=literal(conninfo), alias=name(alias)).text)
    return alias
