"""A snapshot of the lake as ncdu's JSON, for `ncdu -f FILE`; the format is told in `ncdu_text`."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.errors import NotFound
from analytics_pipelines.foundation.select import Scan
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.storage_snapshots.scanner.rows import LETTERS
from analytics_pipelines.storage_snapshots.spelling import raw

BATCH_ROWS = 20_000
MINOR = 2
"""Of the format: 2 since `nlink` is told."""
KIND_BITS = {letter: bits for bits, letter in LETTERS.items()}
ESCAPED = re.compile(rb'[\x00-\x1f"\\\x7f]')


class NothingToExport(NotFound):
    """The lake has no snapshot of that share on that day."""


def export_ncdu(cursor: DuckDBPyConnection, entries: Scan, share: str, *, at: datetime, into: IO[bytes]) -> int:
    """Write the share's entries of `raw_fs__entries` as JSON of format 1.2; gives how many.

    `at` is told as the time of the export. Names are written as their own bytes, UTF-8 or not, as ncdu does itself.
    Raises `NothingToExport`.
    """
    entries.mount(cursor, "entries")
    written = 0
    depth = -1
    for row in _rows(cursor.execute(from_file(__package__, "ncdu_entries").text, {"share": share})):
        if not written:
            metadata = {"progname": "analytics", "progver": "1", "timestamp": int(at.timestamp())}
            into.write(json.dumps([1, MINOR, metadata], separators=(",", ":")).encode()[:-1])
        is_folder = row["type"] == "d"
        into.write(b"]" * (depth - row["depth"] + 1) + (b",\n[" if is_folder else b",\n") + _info(row))
        depth = row["depth"] if is_folder else row["depth"] - 1
        written += 1
    if not written:
        raise NothingToExport(
            f"There is no snapshot of {share!r} on that day in the lake.", remedy="Scan it, and materialize the day."
        )
    into.write(b"]" * (depth + 1) + b"]\n")
    return written


def _rows(found: DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    columns = [column[0] for column in found.description or ()]
    while rows := found.fetchmany(BATCH_ROWS):
        yield from (dict(zip(columns, row, strict=True)) for row in rows)


def _info(row: dict[str, Any]) -> bytes:
    """The object of one entry; what is not known is left out, as ncdu leaves out what is zero."""
    told: dict[str, Any] = {}
    told |= {key: row[column] for key, column in (("asize", "size_bytes"), ("dsize", "allocated_bytes")) if row[column]}
    if row["device"] is not None and row["device"] != row["parent_device"]:
        told["dev"] = _unsigned(row["device"])
    if row["inode"] is not None:
        told["ino"] = _unsigned(row["inode"])
    if row["link_count"] and row["link_count"] > 1 and row["type"] != "d":
        told |= {"hlnkc": True, "nlink": row["link_count"]}
    if row["type"] not in {"f", "d"}:
        told["notreg"] = True
    if row["error"]:
        told["read_error"] = True
    told |= {key: row[key] for key in ("uid", "gid") if row[key] is not None}
    if row["mode"] is not None:
        told["mode"] = row["mode"] | KIND_BITS.get(row["type"], 0)
    if row["modified_us"] is not None:
        told["mtime"] = _seconds(row["modified_us"])
    rest = json.dumps(told, separators=(",", ":")).encode()[1:]
    return b'{"name":"' + ESCAPED.sub(_escaped, _name(row)) + (b'",' if told else b'"') + rest


def _name(row: dict[str, Any]) -> bytes:
    """Its own bytes: of the root the whole path, of others the last part."""
    return raw(row["path"] if row["parent_pre"] is None else row["name"])


def _escaped(found: re.Match[bytes]) -> bytes:
    byte = found[0]
    return b"\\" + byte if byte in b'"\\' else b"\\u%04x" % byte[0]


def _unsigned(number: int) -> int:
    return number + 2**64 if number < 0 else number


def _seconds(us: int) -> int | float:
    return us // 1_000_000 if us % 1_000_000 == 0 else us / 1_000_000
