"""The exported tables as the lake has them now, for who reads them: declared by their manifests, not by us."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from analytics_pipelines.foundation.lake import Lake, Manifest
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.tables import Column, ColumnType, Table, Type, unread
from analytics_pipelines.foundation.united import type_of
from analytics_pipelines.product_export.configuration import export_wishes
from analytics_pipelines.product_export.current import CORE, core_table
from analytics_pipelines.product_export.personal import sounds_personal
from analytics_pipelines.product_export.plan import EXPORT_DATE, IS_TOMBSTONE
from analytics_pipelines.product_export.planning import PARTITIONS
from analytics_pipelines.product_export.tables import ROOM, TABLES
from analytics_pipelines.product_export.wishes import Mode, TableWish

DECLARED = {table.name: table for table in TABLES}
"""Tables that the code knows; of the raw ones the source may have more columns."""
OURS = {EXPORT_DATE: "UTC day of the partition", IS_TOMBSTONE: "The row is gone at the source; only its key is kept"}
AT_SOURCE: Mapping[ColumnType, str] = {
    Type.BOOL: "bool",
    Type.INT: "int8",
    Type.INT32: "int4",
    Type.FLOAT: "float4",
    Type.DOUBLE: "float8",
    Type.DATE: "date",
    Type.TIME: "time",
    Type.TIMESTAMP: "timestamptz",
    Type.LOCAL_TIMESTAMP: "timestamp",
}


def exported_tables(settings: Settings, lake: Lake) -> list[Table]:
    """Raw and, of incremental ones, core tables of all that is configured, with the columns of the newest day.

    Without tables of which nothing was exported yet. They evolve: other days may have other columns. Raises what
    `export_wishes` raises.
    """
    found = []
    for wish in export_wishes(settings):
        raw = raw_table(lake, wish)
        if raw is not None:
            found += [raw, core_table(raw)] if wish.mode is Mode.INCREMENTAL else [raw]
    return found


def exported_names(settings: Settings) -> tuple[str, ...]:
    """Names in the lake of all that is configured, exported yet or not, without those that the code declares."""
    names = (name for wish in export_wishes(settings) for name in _names(wish))
    return tuple(name for name in names if name not in DECLARED)


def raw_table(lake: Lake, wish: TableWish, day: date | None = None) -> Table | None:
    """The table as the manifest of that day, or of its newest, has it; None where nothing was exported."""
    found = _manifest(lake, wish, day)
    if found is None or found.source is None:
        return None
    described = {each["name"]: each for each in found.source["columns"]}
    key = tuple(found.source.get("key", ()))
    columns = tuple(
        _column(name, type_of(kind), described.get(name), is_key=name in key) for name, kind in found.schema
    )
    return Table(
        name=wish.lake_name,
        room=ROOM,
        grain="one row of " + found.source["table"],
        partition=PARTITIONS[wish.mode],
        key=key,
        columns=columns,
        version=found.table_version,
        is_evolving=True,
    )


def _names(wish: TableWish) -> tuple[str, ...]:
    return (wish.lake_name, CORE + wish.name) if wish.mode is Mode.INCREMENTAL else (wish.lake_name,)


def _manifest(lake: Lake, wish: TableWish, day: date | None) -> Manifest | None:
    table = unread(wish.lake_name)
    days = [day] if day else lake.days(table)[-1:]
    return lake.manifest(table, days[0]) if days else None


def _column(name: str, kind: ColumnType, described: Mapping[str, Any] | None, *, is_key: bool) -> Column:
    if described is None:
        return Column(name=name, type=kind, meaning=OURS.get(name, "Added by the export"))
    told = described.get("comment") or described["declared"] + " at the source"
    return Column(
        name=name,
        type=kind,
        meaning=told + (", " + described["note"] if described["note"] else ""),
        is_nullable=not is_key,
        is_personal=bool(described["masking"] or sounds_personal(name, AT_SOURCE.get(kind, described["declared"]))),
    )
