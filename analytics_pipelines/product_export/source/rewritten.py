"""Tables whose rows were replaced beside PostgreSQL's versions: TRUNCATE, and ALTER TABLE that writes a table anew.

Both commit without leaving the old rows to snapshots that were taken before, which then see an empty table.
"""

from typing import Any

import psycopg

from analytics_pipelines.foundation.errors import Conflict
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.product_export.source.described import SourceTable


class TableRewritten(Conflict):
    """The table was truncated or written anew between the snapshot and our first look at it."""


def must_be_of_the_snapshot(connection: psycopg.Connection[Any], table: SourceTable) -> None:
    """Raise `TableRewritten` unless the table's files are those of the snapshot.

    To be called within the snapshot, once the table is locked against such statements.
    """
    heaps = [leaf.oid for leaf in table.leaves]
    query = from_file(__package__, "rewritten_heaps").text.encode()
    if heaps and connection.execute(query, {"heaps": heaps}).fetchone():
        named = table.schema + "." + table.table
        raise TableRewritten(named + " was truncated or rewritten as the export began.", remedy="Run it again.")
