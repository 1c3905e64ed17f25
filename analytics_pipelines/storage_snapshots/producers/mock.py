"""Made-up snapshots for tests and first looks: believable trees that grow, move, shrink and repeat themselves.

The same seed gives the same entries. Nothing is read from a disk.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

import pyarrow as pa

from analytics_pipelines.storage_snapshots.layout import SnapshotFile, share_name
from analytics_pipelines.storage_snapshots.producers.publishing import Imported, writing

BLOCK_BYTES = 4096
SCHEMA = pa.schema(
    {
        "path": pa.string(),
        "type": pa.string(),
        "size": pa.int64(),
        "size_du": pa.int64(),
        **dict.fromkeys(("atime", "mtime", "ctime"), pa.timestamp("us", tz="UTC")),
        "mode": pa.int32(),
        "uid": pa.int64(),
        "gid": pa.int64(),
        "owner": pa.string(),
        "group": pa.string(),
        "dev": pa.int64(),
        "ino": pa.int64(),
        "nlink": pa.int64(),
        "content_hash": pa.string(),
    }
)
SHARES = ("projects", "media", "home")
OWNERS = ("ada", "grace", "edsger", "barbara", "donald")
FIRST_UID = 1000
FOLDERS = ("archive", "reports", "drafts", "data", "raw", "src", "photos", "video", "backup", "notes", "shared", "2025")
WORDS = ("budget", "summary", "figure", "session", "sample", "invoice", "plan", "survey", "talk", "model", "run")
ENDINGS: dict[str, tuple[tuple[str, int], ...]] = {
    "projects": (
        ("py", 3_000),
        ("csv", 200_000),
        ("parquet", 2_000_000),
        ("md", 2_000),
        ("pdf", 400_000),
        ("log", 50_000),
    ),
    "media": (("jpg", 3_000_000), ("mp4", 400_000_000), ("raw", 25_000_000), ("wav", 40_000_000), ("txt", 1_000)),
    "home": (
        ("docx", 80_000),
        ("xlsx", 60_000),
        ("pdf", 500_000),
        ("zip", 9_000_000),
        ("eml", 30_000),
        ("png", 700_000),
    ),
}
CAPACITY_BYTES = 2 * 10**12
AT = time(2, 0)
"""When the made-up scans begin, in UTC."""
Progress = Callable[[int], None]


@dataclass
class File:
    """A made-up file; those of one `content` are duplicates."""

    size: int
    content: str
    owner: int
    inode: int
    modified_at: datetime
    accessed_at: datetime


@dataclass
class Tree:
    """One share as it is on one day, and what may happen to it until the next."""

    share: str
    random: Random
    files: dict[str, File] = field(default_factory=dict)
    _inode: int = 1000

    def grow(self, count: int, at: datetime, *, longest_ago_days: int = 0) -> None:
        """Add files, in new and in old folders; one in twelve is a copy of another."""
        for _ in range(count):
            moment = at - timedelta(seconds=self.random.randrange(longest_ago_days * 86_400 + 3600))
            original = self._any() if self.files and self.random.random() < 1 / 12 else None
            path, size = self._new_path()
            content = self.files[original].content if original else f"{self.share}{self.random.random()}"
            size = self.files[original].size if original else size
            owner = self.random.randrange(len(OWNERS))
            self.files[path] = File(size, content, owner, self._next_inode(), moment, moment)

    def live(self, at: datetime) -> None:
        """One day: files are read, grow, are moved, go away, and come."""
        for path in self._some(20):
            self.files[path].accessed_at = at
        for path in self._some(6):
            held = self.files[path]
            held.size, held.content = int(held.size * 1.1) + 1, f"{held.content}+"
            held.modified_at = held.accessed_at = at
        for path in self._some(2):
            self.files[path.replace("/", "/old/", 1) if path.count("/") > 1 else path + ".bak"] = self.files.pop(path)
        for path in self._some(4):
            del self.files[path]
        self.grow(4 + self.random.randrange(6), at)

    def _some(self, most: int) -> list[str]:
        names = sorted(self.files)
        return self.random.sample(names, min(self.random.randrange(most + 1), max(len(names) - 1, 0)))

    def _any(self) -> str:
        return self.random.choice(sorted(self.files))

    def _new_path(self) -> tuple[str, int]:
        ending, size = self.random.choice(ENDINGS.get(self.share, ENDINGS["home"]))
        folders = [self.random.choice(FOLDERS) for _ in range(self.random.randrange(4))]
        while True:
            name = f"{self.random.choice(WORDS)}_{self.random.randrange(10_000):04}.{ending}"
            path = "/".join([*folders, name])
            if path not in self.files:
                return path, int(size * self.random.lognormvariate(0, 1))

    def _next_inode(self) -> int:
        self._inode += 1
        return self._inode


def generate(
    snapshots_folder: Path,
    *,
    last_day: date,
    days: int = 30,
    shares: Iterable[str] = SHARES,
    files: int = 1500,
    seed: int = 1,
    progress: Progress | None = None,
) -> list[Imported]:
    """Write snapshots of each share for so many days up to `last_day`; the reports, by share and day.

    `files` is how many each share begins with. `progress` is told the number of snapshots so far. Raises
    `BadShareName`, `NotWritable`, `DiskFull`.
    """
    made: list[Imported] = []
    for share in [share_name(each) for each in shares]:
        tree = Tree(share, Random(f"{seed}/{share}"))  # noqa: S311 - made-up files, no secrets
        for back in reversed(range(days)):
            day = last_day - timedelta(days=back)
            at = datetime.combine(day, AT, UTC)
            if tree.files:
                tree.live(at)
            else:
                tree.grow(files, at, longest_ago_days=900)
            made.append(_written(tree, SnapshotFile.at(snapshots_folder, share, day), at))
            if progress:
                progress(len(made))
    return made


def _written(tree: Tree, snapshot: SnapshotFile, at: datetime) -> Imported:
    root = "/srv/" + tree.share
    rows = [_file(root, path, held) for path, held in sorted(tree.files.items())]
    rows += [_folder(root, path, at) for path in sorted(_folders(tree.files))]
    used = sum(held.size for held in tree.files.values())
    told = {"capacity_bytes": CAPACITY_BYTES, "available_bytes": max(CAPACITY_BYTES - used, 0)}
    with writing(snapshot, SCHEMA) as writer:
        writer.write({column: [row[column] for row in rows] for column in SCHEMA.names})
        ended_at = (at + timedelta(minutes=3)).isoformat()
        return writer.publish(root=root, mode="hashed", producer="mock", taken_at=at, ended_at=ended_at, **told)


def _file(root: str, path: str, held: File) -> dict[str, object]:
    digest = hashlib.blake2b(held.content.encode(), digest_size=16).hexdigest()
    return _row(f"{root}/{path}", "f", held) | {"mode": 0o640, "content_hash": digest}


def _folder(root: str, path: str, at: datetime) -> dict[str, object]:
    """A folder as old as the calendar, with an inode that its path gives it."""
    inode = int.from_bytes(hashlib.blake2b(path.encode(), digest_size=4).digest()) + 10**9
    held = File(BLOCK_BYTES, "", 0, inode, datetime(2020, 1, 1, tzinfo=UTC), at)
    return _row(f"{root}/{path}".rstrip("/"), "d", held) | {"mode": 0o755, "content_hash": None}


def _row(path: str, kind: str, held: File) -> dict[str, object]:
    return {
        "path": path,
        "type": kind,
        "size": held.size,
        "size_du": -(-held.size // BLOCK_BYTES) * BLOCK_BYTES,
        "atime": held.accessed_at,
        "mtime": held.modified_at,
        "ctime": held.modified_at,
        "uid": FIRST_UID + held.owner,
        "gid": FIRST_UID,
        "owner": OWNERS[held.owner],
        "group": "staff",
        "dev": 1,
        "ino": held.inode,
        "nlink": 1,
    }


def _folders(paths: Iterable[str]) -> set[str]:
    found = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found
