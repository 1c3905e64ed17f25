"""Entries as finished JSON, made by the engine: a thousand rows as Python objects would cost more than finding them."""

from collections.abc import Mapping, Sequence

import orjson

from analytics_pipelines.foundation.sql import Sql, joined, literal, name
from analytics_pipelines.foundation.tables import Type
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen
from analytics_pipelines.storage_snapshots.tables import ENTRIES

ENTRY_COLUMNS: Mapping[str, str] = {
    "share": "share",
    "path": "path",
    "name": "name",
    "type": "type",
    "size": "size_bytes",
    "size_du": "allocated_bytes",
    "mtime": "modified_at",
    "atime": "accessed_at",
    "ctime": "changed_at",
    "btime": "born_at",
    "owner": "owner_name",
    "group": "group_name",
    "uid": "uid",
    "gid": "gid",
    "mode": "mode",
    "inode": "inode",
    "nlink": "link_count",
    "linkname": "link_target",
    "extension": "extension",
    "depth": "depth",
    "date": "snapshot_date",
    "error": "error",
}
"""Name at the door → column, in the order in which answers and exports have them."""
TYPES = {column.name: column.type for column in ENTRIES.columns}


def entry_json() -> Sql:
    """An expression: the row as a JSON object under the names of the door, times in UTC with a `Z`."""
    time = Sql("replace(strftime({column}, '%Y-%m-%dT%H:%M:%S.%fZ'), '.000000Z', 'Z')")
    parts = (
        part
        for shown, column in ENTRY_COLUMNS.items()
        for part in (
            literal(shown),
            time.fill(column=name(column)) if TYPES[column] is Type.TIMESTAMP else name(column),
        )
    )
    return Sql("CAST(json_object({parts}) AS VARCHAR)").fill(parts=joined(parts))


def page_json(
    these: Chosen, entries: Sequence[str], *, next_cursor: str | None, more: Mapping[str, object] | None = None
) -> bytes:
    """The answer of a search: the snapshots it comes from, its entries, and where the next page begins."""
    snapshots = [{"share": each.share, "date": each.day, "taken_at": each.taken_at} for each in these.snapshots]
    told = {
        "snapshots": snapshots,
        **(more or {}),
        "count": len(entries),
        "truncated": next_cursor is not None,
        "next_cursor": next_cursor,
    }
    head = orjson.dumps(told, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC)
    return b"".join((head[:-1], b',"results":[', ",".join(entries).encode(), b"]}"))
