"""From a table of the source and what is wished of it to each column's way into the lake."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from analytics_pipelines.foundation.bound import every
from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, Table, Type
from analytics_pipelines.product_export.masking import Mask
from analytics_pipelines.product_export.personal import looks_personal
from analytics_pipelines.product_export.plan import EXPORT_DATE, IS_TOMBSTONE, ExportColumn, TablePlan
from analytics_pipelines.product_export.source.described import SourceColumn, SourceTable
from analytics_pipelines.product_export.source.type_overrides import way_as
from analytics_pipelines.product_export.source.types import Way, way_of
from analytics_pipelines.product_export.wishes import Masking, Mode, Policy, TableWish

ROOM = "product_export"
FOLDER_DAY = "date"
"""What readers call the day that they take from the folder's name."""
PARTITIONS: Mapping[Mode, str] = {
    Mode.FULL: "UTC day of the export",
    Mode.INCREMENTAL: "UTC day of the export; rows that changed since the day before, or all",
    Mode.APPEND: "UTC day that the row belongs to",
}
TELLS_APART = (Policy.KEEP, Policy.HMAC)
"""Policies that leave different values different."""
NAMED_DIFFERENTLY = "Leave it out by `excluded`, or export a view that names it differently."
FULL_INSTEAD = 'Choose mode = "full", or leave it out by `excluded`.'
BARE = re.compile(r"[A-Za-z0-9_-]+")
"""What TOML takes as a key without quotes."""


class UnmappedType(SetupError):
    """A column's type has no form in the lake."""


class UnsuitableColumns(SetupError):
    """The lake can not hold the columns under their names."""


def plan_table(source: SourceTable, wish: TableWish, mask: Mask) -> TablePlan:
    """How the table is read and written.

    Raises `UnmappedType`, `UnsuitableType`, `UnsuitableColumns`, and what `mask` raises.
    """
    chosen = _chosen(source, wish)
    key, lost = _key(source, wish, chosen)
    columns = tuple(_planned(each, wish, mask, is_key=each.name in key) for each in chosen)
    _check_names(wish, columns)
    return TablePlan(
        wish=wish,
        source=source,
        columns=columns,
        key=key,
        table=_lake_table(wish, key, columns),
        warnings=(*lost, *_warnings(wish, chosen)),
    )


def rows_wanted(wish: TableWish, where: Sql | None = None) -> Sql:
    """The condition of the rows that are exported, in the source's SQL; true for all."""
    # A comment at the end of a user's condition ends with its line.
    asked = [Sql(wish.filter + "\n")] if wish.filter else []
    return every([*asked, *([where] if where else [])])


def unfit_told(plan: TablePlan, counts: Mapping[str, int]) -> list[str]:
    """What to say of so many values of a column that do not fit; nothing of columns that have none."""
    by_name = {column.source.name: column for column in plan.columns}
    return [_refusal(plan.wish, by_name[column], count) for column, count in counts.items() if count]


def _refusal(wish: TableWish, column: ExportColumn, count: int) -> str:
    values = str(count) + (" value is " if count == 1 else " values are ") + column.unfit_told
    where = wish.source_name + "." + column.source.name
    remedy = " Set " + _as_text_instead(column.source.name) + ", or leave such rows out by `filter`."
    held_by = column.lake.type.value if column.is_comparable else "the lake"
    return where + ": " + values + ", which " + held_by + " does not hold." + remedy


def _as_text_instead(column: str) -> str:
    """What the export's file has to say for the column to become text."""
    key = column if BARE.fullmatch(column) else json.dumps(column, ensure_ascii=False)
    return "types = { " + key + ' = "text" }'


def _chosen(source: SourceTable, wish: TableWish) -> list[SourceColumn]:
    by_name = {column.name: column for column in source.columns}
    dropped = {name for name, masking in wish.masking.items() if masking.policy is Policy.DROP}
    left_out = {*wish.excluded, *dropped}
    return [by_name[name] for name in wish.columns or by_name if name not in left_out]


def _key(source: SourceTable, wish: TableWish, chosen: list[SourceColumn]) -> tuple[tuple[str, ...], list[str]]:
    """The key, if all of it is exported and still tells rows apart; else none, and why."""
    key = wish.key or source.key
    exported = {column.name for column in chosen}
    lost = [name for name in key if name not in exported or not _tells_apart(wish.masking.get(name))]
    if not lost:
        return key, []
    told = wish.source_name + " has no key in the lake, since " + ", ".join(lost) + " is left out or masked."
    return (), [told]


def _tells_apart(masking: Masking | None) -> bool:
    return masking is None or masking.policy in TELLS_APART


def _planned(column: SourceColumn, wish: TableWish, mask: Mask, *, is_key: bool) -> ExportColumn:
    way = _way(column, wish)
    masking = wish.masking.get(column.name)
    lake = Column(
        name=column.name,
        type=way.type,
        meaning=column.comment or column.declared + " at the source",
        # Tombstones hold the key alone.
        is_nullable=column.is_nullable or (wish.mode is Mode.INCREMENTAL and not is_key),
        is_personal=masking is not None or looks_personal(column) is not None,
    )
    planned = ExportColumn(
        source=column,
        lake=lake,
        read=way.of(way.read, column.name),
        note=way.note,
        unfit=way.of(way.unfit, column.name) if way.unfit else None,
        unfit_told=way.unfit_told,
        as_text_in_source=way.of(way.text_in_source, column.name),
        as_text_in_lake=way.of(way.text_in_lake, column.name),
    )
    return planned if masking is None or masking.policy is Policy.KEEP else _masked(wish, planned, mask, masking)


def _way(column: SourceColumn, wish: TableWish) -> Way:
    if column.name in wish.types:
        return way_as(column, wish.types[column.name])
    way = way_of(column)
    refused = way is None or (wish.refuses_unknown_types and not way.is_known)
    if way is None or refused:
        raise UnmappedType(
            wish.source_name + "." + column.name + " is of the type " + column.declared + ", which is not mapped.",
            remedy="Set " + _as_text_instead(column.name) + ", or leave it out by `excluded`.",
        )
    return way


def _masked(wish: TableWish, planned: ExportColumn, mask: Mask, masking: Masking) -> ExportColumn:
    masked = mask.of(planned.source, planned.lake, masking, table=wish.source_name)
    lake = replace(planned.lake, type=masked.type)
    return replace(planned, lake=lake, masked=masked.expression, note=masked.note)


def _lake_table(wish: TableWish, key: tuple[str, ...], columns: Iterable[ExportColumn]) -> Table:
    day = Column(name=EXPORT_DATE, type=Type.DATE, meaning=PARTITIONS[wish.mode])
    gone = Column(name=IS_TOMBSTONE, type=Type.BOOL, meaning="the row is gone at the source; only its key is kept")
    return Table(
        name=wish.lake_name,
        room=ROOM,
        grain="one row of " + wish.source_name,
        partition=PARTITIONS[wish.mode],
        key=key,
        columns=(day, *([gone] if wish.mode is Mode.INCREMENTAL else ()), *(column.lake for column in columns)),
        is_evolving=True,
    )


def _check_names(wish: TableWish, columns: tuple[ExportColumn, ...]) -> None:
    """Whether the lake's engines can tell the columns apart; they know no difference between A and a."""
    ours = {EXPORT_DATE, IS_TOMBSTONE} if wish.mode is Mode.INCREMENTAL else {EXPORT_DATE}
    seen = dict.fromkeys(ours, "a column that the export adds")
    for column in (each.source.name for each in columns):
        other = seen.setdefault(column.lower(), column)
        if other is not column:
            raise UnsuitableColumns(
                wish.source_name + "." + column + " has the name of " + other + " for the lake's engines.",
                remedy=FULL_INSTEAD if column.lower() == IS_TOMBSTONE else NAMED_DIFFERENTLY,
            )
    if not columns:
        raise UnsuitableColumns("No column of " + wish.source_name + " is left to export.", remedy="Choose some.")


def _warnings(wish: TableWish, chosen: list[SourceColumn]) -> list[str]:
    told = []
    for column in chosen:
        why = None if column.name in wish.masking else looks_personal(column)
        if why:
            where = wish.source_name + "." + column.name
            told.append(where + " looks personal (" + why + ") and has no policy: set one in `masking`.")
        if column.name.lower() == FOLDER_DAY:
            told.append(
                wish.source_name + "." + column.name + " is hidden by the folder's date=… where a reader takes columns"
                " from folders: read with hive_partitioning = false."
            )
    return told
