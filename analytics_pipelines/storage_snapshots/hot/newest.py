"""Which snapshot of each share is its newest, while a generation is made."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from analytics_pipelines.foundation.hot import Readable
from analytics_pipelines.foundation.select import names_of, no_rows
from analytics_pipelines.foundation.sql import Sql, from_file, joined, literal, name
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.storage_snapshots.tables import DIRECTORIES, ENTRIES, SNAPSHOTS

NEEDED = (SNAPSHOTS, ENTRIES, DIRECTORIES)
"""A day is a snapshot's once all of these hold it; before that it is still on its way."""


def newest_shares(readable: Readable) -> dict[date, list[str]]:
    """Shares whose newest snapshot is of that day, by day; one that was not scanned for long keeps its last."""
    days = set.intersection(*(set(readable.days(table)) for table in NEEDED))
    query = from_file(__package__, "newest_shares").fill(snapshots=readable.scan(SNAPSHOTS, days))
    found: dict[date, list[str]] = {}
    for share, day in readable.rows(query):
        found.setdefault(day, []).append(share)
    return found


def scan_newest(readable: Readable, table: Table) -> Sql:
    """A SELECT of a lake table's columns, of the newest snapshot of each share."""
    return scan_of(table, newest_shares(readable), lambda day: readable.scan(table, [day]))


def scan_of(table: Table, shares: Mapping[date, Iterable[str]], scan: Callable[[date], Sql]) -> Sql:
    """A SELECT of a lake table's columns, of exactly these shares of each day."""
    part = Sql("SELECT {columns} FROM ({scan}) AS {table} WHERE {kept}")
    parts = [
        part.fill(columns=names_of(table), scan=scan(day), table=name(table.name), kept=_kept(day, shares[day]))
        for day in sorted(shares)
    ]
    return joined(parts, " UNION ALL ") if parts else no_rows(table)


def _kept(day: date, shares: Iterable[str]) -> Sql:
    text = Sql("share IN ({shares}) AND snapshot_date = CAST({day} AS DATE)")
    return text.fill(shares=joined(literal(share) for share in sorted(shares)), day=literal(day.isoformat()))
