"""Sums of few files by plain counting: what the lake's tables hold of them, written by no verb of the room."""

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta

from analytics_pipelines.storage_snapshots.tables import (
    AGE_BANDS,
    DIRECTORIES,
    DIRECTORY_BANDS,
    DIRECTORY_TYPES,
    DISTRIBUTION,
    GROWTH,
)
from analytics_pipelines_tests.storage_snapshots.ask.shelves import DAY, extension, once, rows_of_files

FOLDER_BYTES = 4096


def size(file):
    return max(file["size_bytes"] or 0, 0)


def allocated(file):
    return max(file["allocated_bytes"] or 0, 0)


def size_bin(file):
    number, end = 0, 32
    while size(file) >= end and number < 9:
        number, end = number + 1, end * 32
    return str(number)


def age(file, column, day):
    if file.get(column) is None:
        return "unknown"
    passed = datetime.combine(day, time(12), UTC) - file[column]
    return next(band for band, days in AGE_BANDS if days is None or passed < timedelta(days=days))


def values_of(file, day=DAY):
    """The file's value in each dimension."""
    return {
        "type": file.get("type", "f"),
        "extension": extension(file["path"]) or "",
        "owner": file.get("owner_name") or "",
        "group": "",
        "size_bin": size_bin(file),
        "modified_age": age(file, "modified_at", day),
        "accessed_age": age(file, "accessed_at", day),
    }


def sums(files):
    return {
        "file_count": len(files),
        "size_bytes": sum(map(size, files)),
        "allocated_bytes": sum(map(allocated, files)),
    }


def grouped(files, dimension, day=DAY):
    found = defaultdict(list)
    for file in files:
        found[values_of(file, day)[dimension]].append(file)
    return found


def tables_of(files, *, day=DAY, empty=()):
    """Rows of all tables; `empty` shares have a root and nothing in it."""
    rows = rows_of_files(files, day=day, empty=empty)
    for folder in rows[DIRECTORIES.name]:
        below = [file for file in files if _is_below(file, folder)]
        folders = [each for each in rows[DIRECTORIES.name] if _is_below(each, folder)]
        held = sums(once(below))
        own = FOLDER_BYTES * (len(folders) + 1)
        folder.update(held, dir_count=len(folders), error_count=0, extra_link_count=len(below) - len(once(below)))
        folder.update(size_bytes=held["size_bytes"] + own, allocated_bytes=held["allocated_bytes"] + own)
        folder.update(file_size_bytes=held["size_bytes"])
        place = {key: folder[key] for key in ("share", "snapshot_date", "pre")}
        rows[DIRECTORY_BANDS.name].append(place | _bands(once(below), day))
        for which, same in grouped(once(below), "extension").items():
            rows[DIRECTORY_TYPES.name].append(place | {"extension": which} | sums(same))
        if folder["pre"] == 0:
            rows[GROWTH.name].append(folder | {"root_path": folder["path"]})
            rows[DISTRIBUTION.name] += _distribution(folder["share"], once(below), day)
    return rows


def together(*days):
    """Rows of several days in one."""
    rows = defaultdict(list)
    for day in days:
        for table, found in day.items():
            rows[table] += found
    return rows


def _is_below(row, folder):
    return row["share"] == folder["share"] and row["path"].startswith(folder["path"] + "/")


def _bands(files, day):
    row = {}
    for column in DIRECTORY_BANDS.column_names:
        for suffix, total in (("_file_count", len), ("_size_bytes", _sizes), ("_allocated_bytes", _allocations)):
            if column.endswith(suffix):
                row[column] = total([file for file in files if column.removesuffix(suffix) in _bands_of(file, day)])
    return row


def _bands_of(file, day):
    values = values_of(file, day)
    words = {word + "_" + values[word + "_age"] for word in ("modified", "accessed")}
    return words | {"size_bin_" + values["size_bin"]}


def _sizes(files):
    return sum(map(size, files))


def _allocations(files):
    return sum(map(allocated, files))


def _distribution(share, files, day):
    return [
        {"share": share, "snapshot_date": day, "dimension": dimension, "value": value} | sums(same)
        for dimension in ("type", "extension", "owner", "group", "size_bin", "modified_age", "accessed_age")
        for value, same in grouped(files, dimension, day).items()
    ]
