"""Bodies that several doors of the storage snapshots answer with, under the contract's names.

Questions give dictionaries or dataclasses of just these fields; routes name the models for /docs only, since what
is cached is finished JSON.
"""

from collections.abc import Mapping
from datetime import date, datetime

from pydantic import BaseModel, Field

from analytics_pipelines.storage_snapshots.ask.chosen import ShareSnapshot

CONTRACT_NAMES: Mapping[str, str] = {
    "share": "share",
    "path": "path",
    "name": "name",
    "type": "type",
    "size_bytes": "size",
    "allocated_bytes": "size_du",
    "modified_at": "mtime",
    "accessed_at": "atime",
    "changed_at": "ctime",
    "owner_name": "owner",
    "group_name": "group",
    "uid": "uid",
    "gid": "gid",
    "mode": "mode",
    "inode": "inode",
    "link_count": "nlink",
    "link_target": "linkname",
    "extension": "extension",
    "depth": "depth",
    "snapshot_date": "date",
    "file_count": "files",
    "dir_count": "dirs",
    "error": "error",
}
"""Name of the house → name at the door."""


class SnapshotOf(BaseModel):
    """A snapshot that the answer comes from."""

    share: str
    date: date
    taken_at: datetime = Field(description="The snapshot's own time, from which ages are measured.")


class Sums(BaseModel):
    """What a folder holds; a file of several names counts once, as `du` counts it."""

    files: int = Field(description="All but folders.")
    dirs: int = Field(description="Folders, itself not counted.")
    size: int = Field(description="Apparent size in bytes.")
    size_du: int = Field(description="Space taken on the disk in bytes.")


class Entry(BaseModel):
    """One name in a snapshot; what its producer did not tell is null."""

    share: str
    path: str = Field(description="A byte that is not UTF-8 is spelt as U+FFFD and two hex digits.")
    name: str
    type: str = Field(description="As `find -printf %y` has it: f, d, l, b, c, p, s; U where not known.")
    size: int | None = Field(description="Apparent size in bytes.")
    size_du: int | None = Field(description="Space taken on the disk in bytes.")
    mtime: datetime | None
    atime: datetime | None
    ctime: datetime | None
    owner: str | None
    group: str | None
    uid: int | None
    gid: int | None
    mode: int | None = Field(description="Permission bits, set-uid, set-gid and sticky among them.")
    inode: int | None
    nlink: int | None
    linkname: str | None = Field(description="Where a symbolic link points.")
    extension: str | None
    depth: int | None = Field(description="Folders above it; 0 for the root.")
    error: str | None = Field(None, description="Why it could not be read whole.")


def snapshots_of(snapshots: tuple[ShareSnapshot, ...]) -> list[dict[str, object]]:
    """The snapshots as `SnapshotOf` has them."""
    return [{"share": each.share, "date": each.day, "taken_at": each.taken_at} for each in snapshots]
