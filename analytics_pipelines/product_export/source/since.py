"""What of the source may have changed since an earlier moment, told by transaction numbers.

A row's `xmin` keeps the lower 32 bits of the transaction that wrote it, through freezing and VACUUM FULL too. Every
transaction below the earlier snapshot's xmin had ended by then, so what it wrote has been seen, and what is seen now
was written by none at or past the present snapshot's xmax. Going by numbers between the two finds rows of late
commits and of sub-transactions, which `pg_visible_in_snapshot` misses, on standbys too. It also finds some rows that
were seen before; they are read once more.
"""

from typing import Any

from psycopg import Connection

from analytics_pipelines.foundation.sql import Sql, from_file, joined, literal
from analytics_pipelines.product_export.source.described import SourceTable
from analytics_pipelines.product_export.source.moment import Moment

WIDTH = 2**32
MOST_TRANSACTIONS = 2**30
"""Past half the circle of 32 bits a number could be of either side; some more may begin while the export runs."""
# age() counts back from one number that stands throughout the transaction. Rows older than half the circle have an age
# below zero; the cheaper of the two comparisons, which settles most rows, comes first.
CHANGED = Sql("(age(xmin) <= (SELECT age({first}::xid)) AND age(xmin) >= 0)")


def changed_since(previous: Moment) -> Sql:
    """PostgreSQL: whether a row of the present snapshot may have been written after `previous`.

    True of all that were; at most `MOST_TRANSACTIONS` may lie between, which `broken_since` tells.
    """
    return CHANGED.fill(first=literal(str(previous.xmin % WIDTH)))


def broken_since(previous: Moment, now: Moment) -> str | None:
    """Why transaction numbers of `previous` say nothing at `now`; None where they do."""
    for what in ("system_identifier", "database_oid", "timeline"):
        if getattr(previous, what) != getattr(now, what):
            return "it is of another " + {"system_identifier": "server", "database_oid": "database"}.get(what, what)
    if not _has_seen(previous, now):
        return "the source is at an earlier state than before, as a standby or a restored copy is"
    if now.xmax - previous.xmin >= MOST_TRANSACTIONS:
        return "2^30 transactions or more have passed"
    return None


def altered_since(connection: Connection[Any], source: SourceTable, previous: Moment) -> str | None:
    """What of the table's definition changed, by which values change that no transaction wrote; None for nothing.

    A column dropped and added again under its name, an enum's value renamed, another expression of a virtual column.
    """
    row = connection.execute(_text("altered_since"), _values(source, previous)).fetchone()
    return str(row[0]) if row else None


def attached_since(connection: Connection[Any], source: SourceTable, previous: Moment) -> list[int]:
    """Heaps (oids) that became part of the table; their rows may have been written long before."""
    rows = connection.execute(_text("attached_since"), _values(source, previous)).fetchall()
    return [int(oid) for (oid,) in rows]


def of_heaps(oids: list[int]) -> Sql:
    """PostgreSQL: whether a row lies in one of these heaps."""
    return Sql("tableoid IN ({oids})").fill(oids=joined(Sql(str(oid)) for oid in oids))


def _has_seen(previous: Moment, now: Moment) -> bool:
    """Whether every transaction that `previous` saw is seen at `now`."""
    running_before = _running(previous)
    return (
        now.xmin >= previous.xmin
        and now.xmax >= previous.xmax
        and all(each in running_before or each >= previous.xmax for each in _running(now))
    )


def _running(moment: Moment) -> set[int]:
    return {int(each) for each in moment.snapshot.split(":")[2].split(",") if each}


def _values(source: SourceTable, previous: Moment) -> dict[str, object]:
    return {"table": source.oid, "first": str(previous.xmin % WIDTH)}


def _text(query: str) -> bytes:
    return from_file(__package__, query).text.encode()
