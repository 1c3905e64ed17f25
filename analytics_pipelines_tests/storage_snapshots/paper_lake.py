"""A lake of trees that exist only on paper, computed by plain counting and by no verb of the room."""

import math
from collections import defaultdict
from datetime import UTC, datetime, time, timedelta

import pyarrow as pa

from analytics_pipelines.foundation.select import ArrowRows, Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Type
from analytics_pipelines.storage_snapshots.tables import (
    AGE_BANDS,
    DIRECTORIES,
    DIRECTORY_BANDS,
    DIRECTORY_TYPES,
    ENTRIES,
    SNAPSHOTS,
)
from analytics_pipelines_tests.storage_snapshots.trees import counted_once, summed

ARROW_TYPES = {
    Type.TEXT: pa.string(),
    Type.BYTES: pa.binary(),
    Type.INT: pa.int64(),
    Type.INT32: pa.int32(),
    Type.DATE: pa.date32(),
    Type.TIMESTAMP: pa.timestamp("us", "UTC"),
}


def write_paper(lake, day, shares):
    """Put the trees of that day, by share, into the lake: entries, snapshots, folders, types, bands."""
    rows = defaultdict(list)
    for share, root in sorted(shares.items()):
        for table, found in rows_of_tree(share, day, root).items():
            rows[table.name] += found
    for table in (ENTRIES, SNAPSHOTS, DIRECTORIES, DIRECTORY_TYPES, DIRECTORY_BANDS):
        write_rows(lake, table, day, rows[table.name])


def write_rows(lake, table, day, rows):
    """Replace the day by these rows (dictionaries); columns that they lack are null."""
    columns = {name: [row.get(name) for row in rows] for name in table.column_names}
    given = pa.table(
        {column.name: pa.array(columns[column.name], ARROW_TYPES[column.type]) for column in table.columns}
    )
    lake.replace(table, day, Select(Sql("SELECT * FROM given"), reads={"given": ArrowRows(given)}))


def taken_at(day):
    return datetime.combine(day, time(12), UTC)


def rows_of_tree(share, day, root):
    names = root.names()
    pres = {id(node): pre for pre, node in enumerate(names)}
    parents = {id(child): node for node in names for child in node.children}
    rows = defaultdict(list)
    for node in names:
        place = _place(share, day, node, pres, parents)
        rows[ENTRIES].append(_entry(node, place))
        if node.kind == "d":
            own = {"own_size_bytes": node.size, "own_allocated_bytes": node.blocks * 512}
            rows[DIRECTORIES].append(own | summed(node) | place)
            rows[DIRECTORY_TYPES] += _types(node, place)
            rows[DIRECTORY_BANDS].append(_bands(node, place, day))
    rows[SNAPSHOTS].append(_snapshot(share, day, root, names))
    return rows


def _place(share, day, node, pres, parents):
    parent = parents.get(id(node))
    return {
        "share": share,
        "snapshot_date": day,
        "pre": pres[id(node)],
        "last_pre": pres[id(node)] + len(node.names()) - 1,
        "parent_pre": pres[id(parent)] if parent else None,
        "path": node.path,
        "name": node.path.rpartition("/")[2],
        "parent_path": parent.path if parent else None,
        "depth": node.path.count("/") - 1,
    }


def _entry(node, place):
    at = datetime.fromtimestamp(node.second, UTC)
    times = dict.fromkeys(("modified_at", "accessed_at", "changed_at"), at)
    numbers = {"size_bytes": node.size, "allocated_bytes": node.blocks * 512, "device": 1, "inode": node.inode}
    told = {"type": node.kind, "link_count": node.links, "error": node.error, "extension": extension(node)}
    return place | times | numbers | told | {"owner_name": "ada", "uid": 1, "gid": 1, "mode": 0o644}


def extension(node):
    stem, dot, end = node.path.rpartition("/")[2].rpartition(".")
    return end.lower() if node.kind != "d" and dot and stem else None


def _snapshot(share, day, root, names):
    return {
        "share": share,
        "snapshot_date": day,
        "root_path": root.path,
        "taken_at": taken_at(day),
        "mode": "metadata",
        "entry_count": len(names),
        "error_count": len([node for node in names if node.error]),
        "implied_dir_count": 0,
        "absent_columns": "",
        "unknown_columns": "",
        "sha256": "0" * 64,
    }


def _types(node, place):
    below, own = counted_once(node.names()), counted_once([each for each in node.children if each.kind != "d"])
    place = {key: place[key] for key in ("share", "snapshot_date", "pre")}
    return [
        place
        | {"extension": which}
        | {prefix + key: value for prefix, files in (("", below), ("own_", own)) for key, value in sums(files, which)}
        for which in sorted({extension(file) or "" for file in below})
    ]


def sums(files, which):
    found = [file for file in files if (extension(file) or "") == which]
    yield "file_count", len(found)
    yield "size_bytes", sum(file.size for file in found)
    yield "allocated_bytes", sum(file.blocks * 512 for file in found)


def _bands(node, place, day):
    row = dict.fromkeys(DIRECTORY_BANDS.column_names, 0) | {
        key: place[key] for key in ("share", "snapshot_date", "pre")
    }
    for file in counted_once(node.names()):
        size_bin = min(int(math.log2(file.size)) // 5 if file.size else 0, 9)
        row[f"size_bin_{size_bin}_file_count"] += 1
        row[f"size_bin_{size_bin}_size_bytes"] += file.size
        for word in ("modified", "accessed"):
            band = age_band(taken_at(day) - datetime.fromtimestamp(file.second, UTC))
            row[f"{word}_{band}_file_count"] += 1
            row[f"{word}_{band}_allocated_bytes"] += file.blocks * 512
    return row


def age_band(age):
    return next(name for name, days in AGE_BANDS if days is None or age < timedelta(days=days))
