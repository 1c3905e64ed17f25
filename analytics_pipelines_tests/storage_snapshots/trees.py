"""Trees to scan, and what a person with patience would find in them."""

import os
import socket
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq

from analytics_pipelines.storage_snapshots.intake.ingest import received_entries
from analytics_pipelines.storage_snapshots.rollup.directories import directories
from analytics_pipelines.storage_snapshots.scanner.rows import SCHEMA
from analytics_pipelines.storage_snapshots.tables import DIRECTORIES, ENTRIES

DAY = date(2026, 3, 1)
ODD_NAMES = [
    b"two words",
    b"new\nline",
    b"tab\there",
    b"quote'\"",
    b"back\\slash",
    b"caf\xe9",
    b"\xff\xfe",
    b"*?[x]{y}",
    "größe.TXT".encode(),
    "\ufffd".encode(),
    b"-rf",
    b".hidden",
    b"\x01",
    b"$(reboot)",
    b"%2e%2e",
]


def hostile_tree(folder):
    """Every kind of name and file that an unprivileged user can make; gives the folder back."""
    for name in ODD_NAMES:
        (folder / os.fsdecode(name)).write_bytes(name * 1000)
        (folder / os.fsdecode(b"in " + name) / "deeper").mkdir(parents=True)
    (folder / "loop").symlink_to(".")
    (folder / "dangling").symlink_to("../nowhere")
    os.mkfifo(folder / "pipe")
    listener = socket.socket(socket.AF_UNIX)
    here = os.open(folder, os.O_RDONLY)
    try:
        listener.bind(f"/proc/self/fd/{here}/socket")
    finally:
        listener.close()
        os.close(here)
    (folder / "empty").touch()
    with (folder / "sparse").open("wb") as file:
        file.truncate(1 << 30)
    return folder


def link_farm(folder):
    """Files of several names, in one folder, in neighbours, and in a folder and one far below it."""
    for place in ("a/b/c", "a/d", "e"):
        (folder / place).mkdir(parents=True)
    for number, places in enumerate(
        [["a/one", "a/two"], ["a/b/x", "a/d/x", "e/x"], ["y", "a/b/c/y", "a/b/c/z", "e/y"], ["a/b/q", "a/b/c/q"]]
    ):
        first, *others = places
        (folder / first).write_bytes(b"x" * (5000 * (number + 1)))
        for other in others:
            os.link(folder / first, folder / other)
    (folder / "soft").symlink_to("y")
    os.link(folder / "soft", folder / "e" / "soft", follow_symlinks=False)
    return folder


@dataclass
class Node:
    """A name of a tree that exists only on paper."""

    path: str
    kind: str = "f"
    inode: int = 0
    size: int = 0
    blocks: int = 0
    second: int = 0
    links: int = 1
    error: str | None = None
    children: list["Node"] = field(default_factory=list)

    @property
    def parent(self):
        return self.path.rpartition("/")[0] or None

    def names(self):
        """The node and all below it, in pre-order."""
        ordered = sorted(self.children, key=lambda child: child.path.rpartition("/")[2].encode())
        return [self] + [name for child in ordered for name in child.names()]

    def row(self, share="paper"):
        """The node as a scanner writes it."""
        at = datetime.fromtimestamp(self.second, UTC)
        return dict.fromkeys(SCHEMA.names) | {
            "share": share,
            "snapshot_date": DAY,
            "path": self.path,
            "name": self.path.rpartition("/")[2],
            "parent_path": self.parent,
            "type": self.kind,
            "size": self.size,
            "blocks": self.blocks,
            "size_du": self.blocks * 512,
            "mtime": at,
            "dev": 1,
            "ino": self.inode,
            "nlink": self.links,
            "depth": self.path.count("/") - 1,
            "error": self.error,
        }


def counted_once(names):
    """The files among them, each of several names at its first."""
    files = {}
    for name in names:
        if name.kind != "d":
            files.setdefault(name.inode, name)
    return list(files.values())


def summed(node):
    """What `core_fs__directories` has to say of the folder, by plain counting."""
    names, inside = node.names(), [node] + [child for child in node.children if child.kind != "d"]
    below = names[1:]
    folders, files = [name for name in names if name.kind == "d"], counted_once(names)
    own = counted_once(inside)
    times = [datetime.fromtimestamp(name.second, UTC) for name in below if name.kind != "d"]
    return {
        "file_count": len(files),
        "extra_link_count": len([name for name in below if name.kind != "d"]) - len(files),
        "dir_count": len(folders) - 1,
        "error_count": len([name for name in names if name.error]),
        "allocated_bytes": 512 * sum(each.blocks for each in folders + files),
        "size_bytes": sum(each.size for each in folders + files),
        "file_size_bytes": sum(each.size for each in files if each.kind in "fl"),
        "earliest_modified_at": min(times, default=None),
        "latest_modified_at": max(times, default=None),
        "own_file_count": len(own),
        "own_dir_count": len([child for child in node.children if child.kind == "d"]),
        "own_allocated_bytes": 512 * (node.blocks + sum(each.blocks for each in own)),
        "own_size_bytes": node.size + sum(each.size for each in own),
    }


def written(snapshots, share, rows, day=DAY):
    """A snapshot file of these rows (dictionaries), with the scanner's columns."""
    folder = snapshots / day.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{share}.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), file)
    return file


def rolled_up(lake, snapshots, day=DAY):
    """The folders of that day's snapshots, as the lake has them, by path."""
    lake.replace(ENTRIES, day, received_entries(snapshots, day))
    lake.replace(DIRECTORIES, day, directories(lake.scan(ENTRIES, [day])))
    rows = lake.lazy(DIRECTORIES, [day]).collect().to_dicts()
    return {row["path"]: row for row in rows}
