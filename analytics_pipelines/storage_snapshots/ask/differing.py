"""Where the rows of a comparison come from: hot tables, rows made lately and kept with the lease, or made anew.

The newest step of each share is hot unless it is very large. Other pairs' rows cost a join of all that differs; those
that are few are kept, so that the next page and the next least size cost no other.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import pyarrow as pa

from analytics_pipelines.foundation.duck import tuples_of
from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import Sql, chained, from_file, joined, literal
from analytics_pipelines.storage_snapshots.ask.between import Between
from analytics_pipelines.storage_snapshots.ask.lately import Lately
from analytics_pipelines.storage_snapshots.ask.netted import kinds
from analytics_pipelines.storage_snapshots.hot.differences import FILES, FOLDERS, ComparedLevel, differences
from analytics_pipelines.storage_snapshots.hot.tables import COMPARED, DIFFERENCES

MOST_KEPT_ROWS = 50_000
MOST_KEPT_BYTES = 16 * 2**20
MOST_KEPT = 4
"""Together at most 64 MiB a lease."""
KINDS = ("kind", "files", "dirs", "size", "size_before", "size_du", "size_du_before")
SUMMED = KINDS[1:]
Places: TypeAlias = dict[str, tuple[Any, dict[str, tuple[int, ...]]]]


def summary(these: Between, path: str | None) -> list[dict[str, Any]]:
    """Files and folders of each kind that occurs, by kind, each name for itself."""
    if path is None and is_hot(these):
        return _hot_summary(these)
    query = chained({"kinds": kinds(these, FILES, path)}, from_file(__package__, "compare_summary"))
    return [dict(zip(KINDS, row, strict=True)) for row in these.lease.tuples(query, **bound(path))]


def rows(
    these: Between,
    level: ComparedLevel,
    path: str | None,
    asked: Callable[[Sql, bool], Sql],
    values: Mapping[str, object],
) -> list[tuple[Any, ...]]:
    """What `asked` selects from the rows that differ: columns of `hot.tables.DIFFERENCES` but level and rank.

    It is told whether they lie in order already, the weightiest first, then by share and path. Raises `TimedOut`.
    """
    if path is None and is_hot(these):
        return these.lease.tuples(asked(_hot_rows(these, level), True), **values)
    kept = _kept_rows(these, level, path)
    if kept is None:
        return these.lease.tuples(asked(_made_rows(these, level, path), False), **values, **bound(path))
    with these.lease.cursor() as cursor:
        cursor.register("kept_differences", kept)
        return tuples_of(cursor, asked(Sql("SELECT * FROM kept_differences"), True), values)


def is_hot(these: Between) -> bool:
    """Whether hot tables have these steps; of a generation without them, nothing."""
    places = these.lease.remembered("storage_snapshots.compared", _places)
    return these.is_step and all(
        span.share in places and places[span.share][0] == span.last.day for span in these.spans
    )


def spans_of(these: Between) -> tuple[tuple[Any, ...], ...]:
    """What tells this pair of snapshots from any other of the lease."""
    return tuple((span.share, span.first.day, span.last.day) for span in these.spans)


def bound(path: str | None) -> dict[str, object]:
    """The values that a path binds."""
    return {} if path is None else {"path": path, "inside": path.rstrip("/") + "/"}


def _places(lease: Lease) -> Places:
    """Of each share whose newest step is hot: its day, and the sums of each kind."""
    if not (lease.holds(COMPARED.name) and lease.holds(DIFFERENCES.name)):
        return {}
    found: Places = {}
    query = from_file(__package__, "compared_kinds").fill(compared=lease.table(COMPARED.name))
    for share, day, kind, *sums in lease.tuples(query):
        found.setdefault(share, (day, {}))[1][kind] = tuple(sums)
    return found


def _hot_summary(these: Between) -> list[dict[str, Any]]:
    places = these.lease.remembered("storage_snapshots.compared", _places)
    totals: dict[str, list[int]] = {}
    for span in these.spans:
        for kind, sums in places[span.share][1].items():
            so_far = totals.setdefault(kind, [0] * len(SUMMED))
            totals[kind] = [one + other for one, other in zip(so_far, sums, strict=True)]
    occurring = ((kind, sums) for kind, sums in sorted(totals.items()) if sums[0] or sums[1])
    return [dict(zip(KINDS, (kind, *sums), strict=True)) for kind, sums in occurring]


def _hot_rows(these: Between, level: ComparedLevel) -> Sql:
    places = these.lease.remembered("storage_snapshots.compared", _places)
    is_every_share = len(places) == len(these.spans)
    of_shares = Sql("share IN ({shares})").fill(shares=joined(literal(span.share) for span in these.spans))
    return Sql("SELECT * FROM {table} WHERE level = {level} AND {of_shares}").fill(
        table=these.lease.table(DIFFERENCES.name),
        level=literal(level),
        of_shares=Sql("true") if is_every_share else of_shares,
    )


def _kept_rows(these: Between, level: ComparedLevel, path: str | None) -> pa.Table | None:
    """All rows where they are few; None where they are too many to be kept, which is kept in mind too."""

    def made() -> pa.Table | None:
        few = Sql("SELECT * FROM ({rows}) AS differing ORDER BY weight DESC, share, path LIMIT {most}").fill(
            rows=_made_rows(these, level, path), most=Sql(str(MOST_KEPT_ROWS + 1))
        )
        found = these.lease.arrow(few, **bound(path))
        is_small = found.num_rows <= MOST_KEPT_ROWS and found.nbytes <= MOST_KEPT_BYTES
        return found if is_small else None

    lately = these.lease.remembered("storage_snapshots.differing", lambda _: Lately[pa.Table | None](MOST_KEPT))
    return lately.of((spans_of(these), level, path), made)


def _made_rows(these: Between, level: ComparedLevel, path: str | None) -> Sql:
    return differences(level, kinds(these, FILES, path), kinds(these, FOLDERS, path))
