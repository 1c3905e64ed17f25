"""Hot tables made of paper trees in memory, without lake or generation."""

import random
from collections import defaultdict
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from analytics_pipelines.foundation.sql import Sql, literal, name
from analytics_pipelines.serving.native import Making, _make
from analytics_pipelines.storage_snapshots.hot.made import HOT
from analytics_pipelines.storage_snapshots.tables import CHANGES, DIRECTORY_CHANGES, TABLES
from analytics_pipelines_tests.storage_snapshots.forests import random_tree
from analytics_pipelines_tests.storage_snapshots.paper_lake import ARROW_TYPES, rows_of_tree

MADE = tuple(hot for hot in HOT if not {CHANGES, DIRECTORY_CHANGES} & set(hot.reads))


class PaperReadable(Making):
    """Lake tables are views over Arrow, their days those of the rows."""

    def __init__(self, cursor, rows):
        super().__init__(cursor, {})
        self._rows = rows
        for table in TABLES:
            columns = {
                column.name: pa.array([row.get(column.name) for row in rows[table.name]], ARROW_TYPES[column.type])
                for column in table.columns
            }
            cursor.register(table.name, pa.table(columns))

    def days(self, table):
        return tuple(sorted({row["snapshot_date"] for row in self._rows[table.name]}))

    def scan(self, table, days=None):
        if table not in TABLES:
            return super().scan(table)
        wanted = Sql(
            ", ".join(literal(str(day)).text for day in (self.days(table) if days is None else days)) or "NULL"
        )
        text = Sql("SELECT * FROM {table} WHERE snapshot_date IN ({days})")
        return text.fill(table=name(table.name), days=wanted)


def forest(seed, days):
    """Shares of each day, a tree each: on every day some are not scanned, so newest days differ."""
    chance = random.Random(seed)
    return {
        day: {
            share: random_tree(chance.random(), "/" + share, size=chance.randrange(30))
            for share in ("a", "b", "it's")
            if chance.random() < 0.7
        }
        for day in days
    }


def rows_of(days):
    """Rows of all lake tables, by table."""
    rows = defaultdict(list)
    for day, shares in days.items():
        for share, root in shares.items():
            for table, found in rows_of_tree(share, day, root).items():
                rows[table.name] += found
    return rows


@contextmanager
def hot_tables(rows):
    """A cursor on an instance whose schema `room.main` has the hot tables that are made of these rows."""
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("ATTACH ':memory:' AS room")
        readable = PaperReadable(connection, rows)
        for hot in MADE:
            _make(connection, hot, readable)
        yield connection
