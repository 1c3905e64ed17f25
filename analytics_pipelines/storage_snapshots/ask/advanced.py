"""Entries by stackable filters, in any order, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.bound import Bound, every
from analytics_pipelines.foundation.duck import tuples_of
from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import Sql, from_file, joined
from analytics_pipelines.storage_snapshots.ask.chosen import LATEST, Chosen, Folder, chosen
from analytics_pipelines.storage_snapshots.ask.entry_json import entry_json, page_json
from analytics_pipelines.storage_snapshots.ask.filters import Filters
from analytics_pipelines.storage_snapshots.ask.name_index import NameIndex, hot_rows, is_indexed, within
from analytics_pipelines.storage_snapshots.ask.name_search import SMALL_SUBTREE, below, below_by_range, entries_at
from analytics_pipelines.storage_snapshots.ask.order import Order, Sort, order_of
from analytics_pipelines.storage_snapshots.ask.pages import Key, Pages
from analytics_pipelines.storage_snapshots.hot.tables import CHILDREN, NAMES
from analytics_pipelines.storage_snapshots.tables import ENTRIES

FILTERS_AT, SORT_AT = "/filters", "/sort"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question as asked; all but limit and cursor decides what is found and in which order."""

    filters: Sequence[Mapping[str, Any]] = ()
    sort: Sequence[Sort] = ()
    snapshot: str = LATEST
    share: str | None = None
    path: str | None = None
    """Only what lies below this folder."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Where a question's rows are read: what stands behind FROM, the condition on them, the values of both."""

    source: Sql
    condition: Sql
    bound: Bound
    order: Order
    has_positions: bool


def advanced(
    lease: Lease, asked: Question, *, limit: int, cursor: str | None = None, has_totals: bool = False
) -> bytes:
    """At most `limit` entries as finished JSON; with totals, how many there are in all and their sizes.

    Totals add what each name has: a file of several names counts with each of them. Raises the errors of `ask.filters`
    and `ask.order`, `BadCursor`, `CursorOutdated`, `TimedOut`, and what `chosen` and `Chosen.folder` raise.
    """
    these = chosen(lease, asked.snapshot, asked.share)
    pages = Pages.of(lease.id, {"door": "advanced", **asdict(asked)})
    with lease.cursor() as duck:
        rows = rows_of_question(duck, these, asked)
        after = pages.after(cursor, rows.order.kinds)
        found = _page(duck, these, rows, after, limit + 1)
        more = {"total": _totals(duck, these, asked)} if has_totals else {}
    shown = found[:limit]
    next_cursor = pages.cursor_at(shown[-1][1:]) if len(found) > limit else None
    return page_json(these, [row[0] for row in shown], next_cursor=next_cursor, more=more)


def rows_of_question(cursor: DuckDBPyConnection, these: Chosen, asked: Question) -> Rows:
    """Where its rows are read and what holds for them."""
    bound = Bound()
    filters = Filters(cursor, these, bound)
    conditions = [filters.every(asked.filters, FILTERS_AT)]
    order = order_of(asked.sort, these, bound, SORT_AT)
    folders = None if asked.path is None else these.folder(asked.path)
    if these.is_hot and folders is not None and _size(folders) <= SMALL_SUBTREE:
        conditions.append(below_by_range(folders, bound))
        source, of_shares = hot_rows(these, CHILDREN, bound)
        return Rows(source, every([*of_shares, *conditions]), bound, order, has_positions=False)
    if folders is not None:
        conditions.append(below(folders, bound))
    if not (these.is_hot and is_indexed(these.lease)):
        source = Sql("({entries})").fill(entries=these.scan(ENTRIES))
        return Rows(source, every(conditions), bound, order, has_positions=False)
    source, of_shares = hot_rows(these, NAMES, bound)
    conditions = [*_by_index(cursor, these, filters, bound), *of_shares, *conditions]
    return Rows(source, every(conditions), bound, order, has_positions=True)


def _size(folders: Sequence[Folder]) -> int:
    return sum(each.last_pre - each.pre for each in folders)


def _by_index(cursor: DuckDBPyConnection, these: Chosen, filters: Filters, bound: Bound) -> list[Sql]:
    """Blocks of names that can hold what the patterns of names ask for."""
    index = NameIndex.of(these.lease)
    found = [index.blocks(cursor, matcher) for matcher in filters.of_names]
    if not all(found):
        return [Sql("FALSE")]
    return [within(blocks, index.block_count, bound) for blocks in found if len(blocks) < index.block_count]


def _page(
    cursor: DuckDBPyConnection, these: Chosen, rows: Rows, after: Key | None, limit: int
) -> list[tuple[Any, ...]]:
    """Rows as JSON, each followed by its sort key.

    What decides and sorts is read first where positions are known: the rest of a row costs more than all of that.
    """
    conditions = [rows.condition] if after is None else [rows.condition, rows.order.after(after, rows.bound)]
    query = from_file(__package__, "sorted_entries").fill(
        entry=Sql("position") if rows.has_positions else entry_json(),
        keys=joined(rows.order.expressions),
        source=rows.source,
        conditions=every(conditions),
        order=rows.order.sql,
    )
    found = tuples_of(cursor, query, {**rows.bound.values, "limit": limit})
    if not rows.has_positions or not found:
        return found
    entries = entries_at(cursor, these, [row[0] for row in found])
    return [(entries[row[0]], *row[1:]) for row in found]


def _totals(cursor: DuckDBPyConnection, these: Chosen, asked: Question) -> dict[str, int]:
    rows = rows_of_question(cursor, these, Question(**{**asdict(asked), "sort": ()}))
    query = from_file(__package__, "totals_of_entries").fill(source=rows.source, conditions=rows.condition)
    ((count, size, allocated),) = tuples_of(cursor, query, rows.bound.values)
    return {"count": count, "size": int(size), "size_du": int(allocated)}
