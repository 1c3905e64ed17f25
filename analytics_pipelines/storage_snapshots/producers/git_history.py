"""A git repository's commits as daily snapshots: paths, sizes and the blobs' ids, as `git ls-tree -r -l -t` tells them.

No file is checked out or read. What a tree does not know is not written: times, owners, inodes, targets of links.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from analytics_pipelines.foundation.errors import BadInput, SetupError
from analytics_pipelines.storage_snapshots.layout import SnapshotFile, share_name
from analytics_pipelines.storage_snapshots.producers.publishing import BATCH_ROWS, Imported, Writer, writing
from analytics_pipelines.storage_snapshots.spelling import raw_where_it_differs, readable

ROOT = "/"
SCHEMA = pa.schema(
    {
        "path": pa.string(),
        "path_raw": pa.binary(),
        "type": pa.string(),
        "size": pa.int64(),
        "mode": pa.int32(),
        "content_hash": pa.string(),
    }
)
CHUNK_BYTES = 1 << 20
LINK_MODE = 0o120000
PERMISSIONS = 0o7777
Progress = Callable[[int], None]


class NotARepository(BadInput):
    """Git knows no repository there, or not the commit that was named."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, its time, and the day as whose snapshot its tree is kept."""

    id: str
    at: datetime
    day: date


def import_git(
    repository: Path,
    share: str,
    snapshots_folder: Path,
    *,
    ref: str = "HEAD",
    first_day: date | None = None,
    progress: Progress | None = None,
) -> list[Imported]:
    """Write a snapshot for each day of the history of `ref`, following first parents; the reports, oldest first.

    A day holds the tree of its last commit (committer's date in UTC). With `first_day` each commit is a day of its
    own instead, one after the other from that day on. `progress` is told the number of snapshots so far. Raises
    `NotARepository`, `BadShareName`, `NotWritable`, `DiskFull`.
    """
    share_name(share)
    made: list[Imported] = []
    for commit in commits(repository, ref, first_day):
        made.append(_imported(repository, commit, SnapshotFile.at(snapshots_folder, share, commit.day)))
        if progress:
            progress(len(made))
    return made


def commits(repository: Path, ref: str = "HEAD", first_day: date | None = None) -> list[Commit]:
    """The commits to take, oldest first: the last of each day, or with `first_day` all, a day each."""
    arguments = ("log", "-z", "--first-parent", "--reverse", "--format=%H %ct", "--end-of-options", ref, "--")
    told = _git(repository, *arguments).decode().split("\0")
    found = [(line.split()[0], datetime.fromtimestamp(int(line.split()[1]), UTC)) for line in told if line]
    if first_day is not None:
        return [Commit(each, at, first_day + timedelta(days=number)) for number, (each, at) in enumerate(found)]
    last = {at.date(): Commit(each, at, at.date()) for each, at in found}
    return [last[day] for day in sorted(last)]


def _imported(repository: Path, commit: Commit, snapshot: SnapshotFile) -> Imported:
    with writing(snapshot, SCHEMA) as writer:
        _write(writer, _entries(repository, commit.id))
        return writer.publish(
            root=ROOT,
            mode="hashed",
            producer="git",
            taken_at=commit.at,
            ended_at=commit.at.isoformat(),
            commit=commit.id,
        )


def _write(writer: Writer, entries: Iterator[bytes]) -> None:
    rows: list[tuple[object, ...]] = [(ROOT, None, "d", None, None, None)]
    for entry in entries:
        rows.append(_row(entry))
        if len(rows) >= BATCH_ROWS:
            writer.write(_columns(rows))
            rows = []
    if rows:
        writer.write(_columns(rows))


def _columns(rows: list[tuple[object, ...]]) -> dict[str, list[object]]:
    return {column: list(values) for column, values in zip(SCHEMA.names, zip(*rows, strict=True), strict=True)}


def _row(entry: bytes) -> tuple[object, ...]:
    """Mode, type, id, size, then behind a tab the path, as a row; a submodule is a folder with nothing in it."""
    told, _, name = entry.partition(b"\t")
    mode, kind, identity, size = told.split()
    path = ROOT + readable(os.fsdecode(name))
    if kind != b"blob":
        return path, raw_where_it_differs(path), "d", None, None, None
    bits = int(mode, 8)
    is_link = bits == LINK_MODE
    permissions = None if is_link else bits & PERMISSIONS
    return path, raw_where_it_differs(path), "l" if is_link else "f", int(size), permissions, identity.decode()


def _entries(repository: Path, commit: str) -> Iterator[bytes]:
    """What `git ls-tree` says of each path, as it comes."""
    arguments = _command(repository, "ls-tree", "-r", "-l", "-t", "-z", "--full-tree", commit)
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:  # noqa: S603 - fixed words, an id that git gave us
        out, err = running.stdout, running.stderr
        if out is None or err is None:
            raise AssertionError("pipes were asked for")
        rest = b""
        while chunk := out.read(CHUNK_BYTES):
            *whole, rest = (rest + chunk).split(b"\0")
            yield from whole
        complaint = err.read()
    if running.returncode:
        raise _refused(complaint)


def _git(repository: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(_command(repository, *arguments), capture_output=True, check=False)  # noqa: S603 - a list, no shell
    except FileNotFoundError:
        raise SetupError("git is not installed.", remedy="Install git, or import elsewhere.") from None
    if done.returncode:
        raise _refused(done.stderr)
    return done.stdout


def _command(repository: Path, *arguments: str) -> list[str]:
    return ["git", "--no-optional-locks", "-C", str(repository), *arguments]


def _refused(complaint: bytes) -> NotARepository:
    told = readable(os.fsdecode(complaint)).strip().splitlines()
    return NotARepository(
        "git can not read the history: " + (told[0] if told else "it gave no reason") + ".",
        remedy="Name the folder of a repository and a commit in it.",
    )
