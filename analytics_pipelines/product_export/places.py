"""Where rows lie at the source: told by a scan that sends no rows, and asked for again within the same snapshot."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from analytics_pipelines.foundation.bound import some
from analytics_pipelines.foundation.sql import Sql, literal
from analytics_pipelines.foundation.tables import Column, Type
from analytics_pipelines.product_export.plan import ExportColumn, TablePlan
from analytics_pipelines.product_export.source.described import SourceColumn

PLACES = "export_places"
NULL = Sql("NULL")
PLACE = Sql("tableoid::text || ctid::text")
MARKS = Sql("count(*), string_agg({place}, ' ') FILTER (WHERE {where})")
NO_MARKS = Sql("count(*), NULL")
AT = Sql("ctid = ANY ({places}::tid[])")
IN_HEAP = Sql("(tableoid = {heap}::oid AND {at})")

Places = Mapping[int, Sequence[str]]
"""Of each heap (oid), where rows lie: `(page,row)`."""


def marks(where: Sql) -> Sql:
    """PostgreSQL: how many rows there are, and the places of those that `where` chooses.

    The places stand in one text with blanks between, which `places_in` reads; null for none.
    """
    return MARKS.fill(place=PLACE, where=where)


def of_keys(plan: TablePlan) -> TablePlan:
    """The plan with the columns of the key alone."""
    return _with_columns(plan, tuple(each for each in plan.columns if each.lake.name in plan.table.key))


def with_place(plan: TablePlan) -> TablePlan:
    """The plan with one more column, which says where each row lies."""
    return _with_columns(plan, (*plan.columns, _told(PLACES, PLACE, Type.TEXT)))


def of_leaf(plan: TablePlan, oid: int) -> TablePlan:
    """The plan of one heap, which is read in one piece."""
    leaves = tuple(replace(leaf, pages=0) for leaf in plan.source.leaves if leaf.oid == oid)
    return replace(plan, source=replace(plan.source, leaves=leaves))


def places_in(texts: Iterable[str]) -> Places:
    """The places that these texts name, heap by heap, in the heap's order: a scan may have begun anywhere."""
    found: dict[int, list[str]] = {}
    for each in (each for text in texts for each in text.split(" ")):
        heap, _, place = each.partition("(")
        found.setdefault(int(heap), []).append("(" + place)
    return {heap: sorted(found[heap], key=_page_and_row) for heap in sorted(found)}


def in_batches(places: Places, most: int) -> Iterator[tuple[int, Sequence[str]]]:
    """The same, a heap at a time and no more than so many at once."""
    for heap, found in places.items():
        for first in range(0, len(found), most):
            yield heap, found[first : first + most]


def at(places: Iterable[str]) -> Sql:
    """PostgreSQL: whether a row lies at one of these places of its heap."""
    return AT.fill(places=literal("{" + ",".join('"' + place + '"' for place in places) + "}"))


def at_any(places: Places) -> Sql:
    """PostgreSQL: whether a row of the whole table lies at one of these places."""
    return some(IN_HEAP.fill(heap=Sql(str(heap)), at=at(found)) for heap, found in places.items())


def _page_and_row(place: str) -> tuple[int, int]:
    page, _, row = place[1:-1].partition(",")
    return int(page), int(row)


def _with_columns(plan: TablePlan, columns: tuple[ExportColumn, ...]) -> TablePlan:
    """The plan with these columns alone, and no promise about a key."""
    lake = tuple(each.lake for each in columns)
    return replace(plan, columns=columns, table=replace(plan.table, key=(), columns=lake))


def _told(column: str, read: Sql, kind: Type) -> ExportColumn:
    source = SourceColumn(
        name=column,
        declared=kind.value,
        type_schema="pg_catalog",
        type_name="int8" if kind is Type.INT else "text",
        type_kind="b",
        is_array=False,
        type_modifier=-1,
    )
    lake = Column(name=column, type=kind, meaning="Where rows lie", is_nullable=True)
    return ExportColumn(source=source, lake=lake, read=read, as_text_in_source=NULL, as_text_in_lake=NULL)
