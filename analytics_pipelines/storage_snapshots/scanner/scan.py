"""Scans a folder into a snapshot: every name below it becomes a row; the snapshot exists once the scan is whole.

Paths are absolute, as text, after following links in the folder's own name: what a client of the API asks for.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from analytics_pipelines.foundation.clock import Clock, now
from analytics_pipelines.foundation.errors import BadInput, Forbidden, NotFound
from analytics_pipelines.storage_snapshots.layout import SnapshotFile, share_name
from analytics_pipelines.storage_snapshots.scanner.crew import Pacing, ScanInterrupted, Take, walked
from analytics_pipelines.storage_snapshots.scanner.publishing import Staged, publish, sealed, staging
from analytics_pipelines.storage_snapshots.scanner.report import ScanReport
from analytics_pipelines.storage_snapshots.scanner.walk import FOLDER
from analytics_pipelines.storage_snapshots.spelling import readable

Progress = Callable[[int], object]
Where = Callable[[], Path]
MOST_WORKERS = 64


def nobody(_entries: int) -> None:
    """Is told of progress and does nothing."""


class NoSuchPath(NotFound):
    """There is nothing at the path that was to be scanned."""


class NotAFolder(BadInput):
    """What was to be scanned is a file or something else that has no names in it."""


class UnreadableRoot(Forbidden):
    """The folder that was to be scanned can not be opened."""


class BadScanOption(BadInput):
    """No scan can run so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to scan: processes (None: one a core), past mount points or not, how fast, with hashes or not."""

    workers: int | None = None
    is_crossing: bool = False
    most_entries_per_second: float | None = None
    is_hashing: bool = False

    @property
    def pacing(self) -> Pacing:
        """What the walk has to know; raises `BadScanOption`."""
        workers = cores() if self.workers is None else self.workers
        if not 1 <= workers <= MOST_WORKERS:
            raise BadScanOption(f"{workers} workers can not scan.", limit=f"1 to {MOST_WORKERS}")
        rate = self.most_entries_per_second
        if rate is not None and not rate >= 1:
            raise BadScanOption(f"{rate} entries a second is no pace.", limit="1 or more")
        return Pacing(workers=workers, is_crossing=self.is_crossing, most_per_second=rate)


@dataclass(frozen=True, slots=True)
class Root:
    """The folder that is scanned: its path as Python spells it, held open, and its file system when it began.

    `device` is the only file system to scan, None for all.
    """

    path: str
    descriptor: int
    device: int | None
    space: os.statvfs_result

    def must_be_there(self) -> None:
        """Raises `ScanInterrupted` unless its path still leads to it."""
        try:
            is_there = os.path.samestat(Path(self.path).stat(), os.fstat(self.descriptor))
        except OSError:
            is_there = False
        if not is_there:
            raise ScanInterrupted(
                "The scanned folder went away or was replaced meanwhile; nothing was kept.",
                remedy="Look whether its disk is still mounted, and scan again.",
            )


METADATA = Options()


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0))


def scan(
    path: Path,
    share: str,
    day: date,
    snapshots_folder: Path,
    *,
    options: Options = METADATA,
    progress: Progress = nobody,
    clock: Clock = now,
) -> ScanReport:
    """Write the snapshot of `share` on `day`, replacing an older one; what the folder held is in the report.

    `progress` is told the number of entries so far. Stays on one file system unless the options say otherwise. Raises
    `BadShareName`, `BadScanOption`, `NoSuchPath`, `NotAFolder`, `UnreadableRoot`, `NotWritable`, `DiskFull`,
    `ScanInterrupted` when a process of it was killed or the folder went away, or `Conflict` when another scan of the
    share runs; after any of them the snapshots are as they were.
    """
    return scan_into(lambda: snapshots_folder, path, share, day, options=options, progress=progress, clock=clock)


def scan_into(
    where: Where,
    path: Path,
    share: str,
    day: date,
    *,
    options: Options = METADATA,
    progress: Progress = nobody,
    clock: Clock = now,
) -> ScanReport:
    """The same, where the snapshots' folder is asked for, in another thread, while the tree is already walked."""
    share_name(share)
    pacing = options.pacing
    true_path = scannable(path)
    with ExitStack() as kept, _opened(true_path, options) as root:
        started_at, counts = clock(), Counter[str]()
        place: Future[tuple[SnapshotFile, Staged]] = Future()

        @contextmanager
        def desk() -> Iterator[Take]:
            snapshot = SnapshotFile.at(where(), share, day)
            staged = kept.enter_context(staging(snapshot))
            place.set_result((snapshot, staged))
            with _desk(staged.parquet, share, day, root, counts) as take:
                yield take

        passed = walked(root.descriptor, pacing, desk(), progress)
        snapshot, staged = place.result()
        progress(counts["entries"])
        counts.update(asdict(passed))
        if options.is_hashing:
            counts.update(_hashed(staged, root, pacing))
        root.must_be_there()
        sha256 = sealed(staged.parquet)
        report = _report(snapshot, root, options, counts, sha256=sha256, times=(started_at, clock()))
        publish(snapshot, staged, report.to_json())
    return report


def _hashed(staged: Staged, root: Root, pacing: Pacing) -> Counter[str]:
    """The rows again with hashes of files that may be the same."""
    from analytics_pipelines.storage_snapshots.scanner.hashing import Scanned, add_hashes  # noqa: PLC0415 - pyarrow costs 0.4 s

    scanned = Scanned(staged.parquet, root.descriptor, os.fsencode(root.path))
    counts = add_hashes(scanned, staged.hashes, staged.hashed, pacing)
    staged.hashed.replace(staged.parquet)
    return counts


def _report(
    snapshot: SnapshotFile,
    root: Root,
    options: Options,
    counts: Counter[str],
    *,
    sha256: str,
    times: tuple[datetime, datetime],
) -> ScanReport:
    from analytics_pipelines.storage_snapshots.scanner.rows import SCHEMA  # noqa: PLC0415 - as above

    return ScanReport(
        share=snapshot.share,
        day=snapshot.day,
        root=readable(root.path),
        mode="hashed" if options.is_hashing else "metadata",
        workers=options.pacing.workers,
        entries=counts["entries"],
        files=counts["f"],
        directories=counts["d"],
        others=counts["entries"] - counts["f"] - counts["d"],
        errors=counts["errors"],
        vanished=counts["vanished"],
        other_filesystems=counts["other_filesystems"],
        size_bytes=counts["size"],
        allocated_bytes=counts["size_du"],
        hashed_files=counts["hashed_files"],
        hashed_bytes=counts["hashed_bytes"],
        capacity_bytes=root.space.f_blocks * root.space.f_frsize,
        available_bytes=root.space.f_bavail * root.space.f_frsize,
        columns=tuple(SCHEMA.names),
        started_at=times[0],
        ended_at=times[1],
        sha256=sha256,
        file=snapshot.parquet,
    )


def scannable(path: Path) -> str:
    """The absolute path without links in it; raises `NoSuchPath`, `NotAFolder` or `UnreadableRoot`."""
    try:
        root = os.path.realpath(path, strict=True)
        os.close(os.open(root, os.O_RDONLY | os.O_DIRECTORY))
        return root
    except FileNotFoundError:
        raise NoSuchPath(f"There is no {_shown(path)}.", remedy="Name a folder that exists.") from None
    except NotADirectoryError:
        raise NotAFolder(f"{_shown(path)} is not a folder.", remedy="Name the folder that holds it.") from None
    except OSError as error:
        raise UnreadableRoot(
            f"{_shown(path)} can not be opened: {error.strerror}.",
            remedy="Run the scan as a user who may read it, or have the disk checked.",
        ) from None


@contextmanager
def _opened(root: str, options: Options) -> Iterator[Root]:
    """The folder, held open, so that its name may come to mean another one and nobody is misled."""
    descriptor = os.open(root, FOLDER)
    try:
        device = None if options.is_crossing else os.fstat(descriptor).st_dev
        yield Root(root, descriptor, device, os.fstatvfs(descriptor))
    finally:
        os.close(descriptor)


@contextmanager
def _desk(file: Path, share: str, day: date, root: Root, counts: Counter[str]) -> Iterator[Take]:
    """Takes sheets as rows of the file; sums them up by name of type or column."""
    from analytics_pipelines.storage_snapshots.scanner.parquet import counting_pen  # noqa: PLC0415 - see below
    from analytics_pipelines.storage_snapshots.scanner.rows import Tabulator  # noqa: PLC0415 - pyarrow comes while others walk

    tabulator = Tabulator(share, day, root.path, root.device)
    with counting_pen(file, counts) as write:
        yield lambda sheet: write(tabulator.batch(sheet))
    counts["other_filesystems"] += tabulator.other_filesystems


def _shown(path: Path) -> str:
    return readable(str(path))
