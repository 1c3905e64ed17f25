"""Hashes of files that may be the same, being of one size: first their beginnings, then the whole of those that agree.

Memory stays bounded: sizes are compared a share of them at a time, and hashes wait in a file beside the snapshot.
"""

import hashlib
import os
import stat
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analytics_pipelines.storage_snapshots.scanner.arrays import Numbers, cut, texts
from analytics_pipelines.storage_snapshots.scanner.crew import Pacing
from analytics_pipelines.storage_snapshots.scanner.parquet import parquet_writer
from analytics_pipelines.storage_snapshots.scanner.rows import FEW_VALUES, TEXT, WRITTEN
from analytics_pipelines.storage_snapshots.scanner.walk import Pace, file_at, told

PREFIX_BYTES = 64 << 10
DIGEST_BYTES = 16
READ_BYTES = 1 << 20
FILES_AT_ONCE = 2_000_000
"""Files whose sizes are compared in one pass: some 100 MB."""
JOBS_AT_ONCE = 2_000
RECORD = np.dtype([("prefix", f"V{DIGEST_BYTES}"), ("content", f"V{DIGEST_BYTES}"), ("has", "u1"), ("failure", "i4")])
HAS_PREFIX, HAS_CONTENT = 1, 2
SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""2^64 over the golden ratio: its multiples are spread evenly, so passes take about as many sizes each."""
CANDIDATE = np.dtype([("size", "i8"), ("dev", "u8"), ("ino", "u8"), ("row", "i8")])
Rows = npt.NDArray[np.int64]


class Job(NamedTuple):
    """A file to read: how its scan described it, and how much of it to read (None: all)."""

    row: int
    relative: str
    identity: tuple[int, int, int, int]
    most_bytes: int | None


class Outcome(NamedTuple):
    """What reading gave: a digest, or what failed, or neither when the file changed or went away meanwhile."""

    row: int
    digest: bytes | None
    failure: int
    read_bytes: int


@dataclass(frozen=True, slots=True)
class Scanned:
    """A snapshot's file that has no hashes yet, and the open folder that it tells of."""

    file: Path
    descriptor: int
    root: bytes

    @property
    def parquet(self) -> pq.ParquetFile:
        """The file, columns of few values as dictionaries."""
        return pq.ParquetFile(self.file, read_dictionary=list(FEW_VALUES))

    @property
    def rows(self) -> int:
        """How many it has."""
        return int(pq.read_metadata(self.file).num_rows)


def add_hashes(scanned: Scanned, hashes: Path, target: Path, pacing: Pacing) -> Counter[str]:
    """Write the snapshot again to `target`, with hashes; `hashes` holds them meanwhile.

    Gives the `hashed_files` (inodes), the `hashed_bytes` read, and how many `errors` were added. Files that changed
    since they were scanned have no hash. Raises `OSError` when the disk is full.
    """
    counts: Counter[str] = Counter()
    records = _reserved(hashes, scanned.rows)
    readers = Readers(scanned, pacing)
    for candidates in _candidates(scanned):
        _hash(candidates, readers, records, counts)
    counts["errors"] += _rewritten(scanned, records, target)
    return counts


def _reserved(file: Path, rows: int) -> Numbers:
    """Space for all hashes, taken now: memory mapped over a full disk would end the process."""
    length = max(rows, 1) * RECORD.itemsize
    with file.open("w+b") as sink:
        os.posix_fallocate(sink.fileno(), 0, length)
    records: Numbers = np.memmap(file, RECORD, "r+", shape=(max(rows, 1),))
    return records


def _candidates(scanned: Scanned) -> Iterator[Numbers]:
    """Names of regular files whose size other inodes have too, by size and inode; a share of the sizes at a time."""
    passes = 1 + scanned.rows // FILES_AT_ONCE
    for number in range(passes):
        found = np.concatenate(list(_regular_files(scanned, number, passes)) or [np.empty(0, CANDIDATE)])
        found.sort(order=("size", "dev", "ino", "row"))
        yield found[_is_shared(found["size"], ~_same_as_before(found, "size", "dev", "ino"))]


def _regular_files(scanned: Scanned, number: int, passes: int) -> Iterator[Numbers]:
    """Those of the sizes whose turn it is, a row group at a time."""
    parquet, first = scanned.parquet, 0
    for group in range(parquet.num_row_groups):
        table = parquet.read_row_group(group, columns=["type", "size", "dev", "ino"])
        is_regular = pc.and_(pc.equal(table["type"].cast(TEXT), "f"), pc.greater(table["size"], 0))
        rows = first + np.flatnonzero(pc.fill_null(is_regular, fill_value=False).to_numpy())
        found = np.empty(len(rows), CANDIDATE)
        found["row"] = rows
        for column in ("size", "dev", "ino"):
            found[column] = table[column].take(pa.array(rows - first)).to_numpy()
        turn = (found["size"].astype(np.uint64) * SPREAD) >> np.uint64(32)
        yield found[turn % np.uint64(passes) == number]
        first += table.num_rows


def _same_as_before(found: Numbers, *columns: str) -> npt.NDArray[np.bool_]:
    """Whether each row agrees with the one before it in these columns."""
    same = np.zeros(len(found), np.bool_)
    if len(found):
        same[1:] = np.logical_and.reduce([found[column][1:] == found[column][:-1] for column in columns])
    return same


def _is_shared(keys: Numbers, is_new: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whether each row's key has at least two new ones among its rows; equal keys stand together."""
    begins = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.empty(0, np.int64)
    group = np.cumsum(np.isin(np.arange(len(keys)), begins)) - 1
    is_shared: npt.NDArray[np.bool_] = (np.bincount(group, is_new, len(begins)) > 1)[group]
    return is_shared


def _hash(names: Numbers, readers: "Readers", records: Numbers, counts: Counter[str]) -> None:
    """Both hashes of these files; an inode is read under its first name, and all its names are told."""
    is_first = ~_same_as_before(names, "size", "dev", "ino")
    leader = names["row"][np.flatnonzero(is_first)][np.cumsum(is_first) - 1]
    firsts = names[is_first]
    counts["hashed_files"] += len(firsts)
    _note(readers.read(np.sort(firsts["row"]), PREFIX_BYTES), records, "prefix", counts)
    agreeing = _agreeing(firsts, records)
    small = agreeing["row"][agreeing["size"] <= PREFIX_BYTES]
    records["content"][small] = records["prefix"][small]
    records["has"][small] |= HAS_CONTENT
    _note(readers.read(np.sort(agreeing["row"][agreeing["size"] > PREFIX_BYTES]), None), records, "content", counts)
    records[names["row"]] = records[leader]


def _agreeing(firsts: Numbers, records: Numbers) -> Numbers:
    """Those whose size and prefix others have too."""
    read = firsts[records["has"][firsts["row"]] & HAS_PREFIX > 0]
    halves = np.ascontiguousarray(records["prefix"][read["row"]]).view("u8").reshape(-1, 2)
    order = np.lexsort((halves[:, 1], halves[:, 0], read["size"]))
    read, halves = read[order], halves[order]
    keys = np.cumsum(
        np.concatenate(([True], (read["size"][1:] != read["size"][:-1]) | (halves[1:] != halves[:-1]).any(axis=1)))
        if len(read)
        else np.empty(0, np.bool_)
    )
    agreeing: Numbers = read[_is_shared(keys, np.ones(len(read), np.bool_))]
    return agreeing


def _note(outcomes: Iterable[Outcome], records: Numbers, column: str, counts: Counter[str]) -> None:
    flag = HAS_PREFIX if column == "prefix" else HAS_CONTENT
    for outcome in outcomes:
        counts["hashed_bytes"] += outcome.read_bytes
        if outcome.digest is not None:
            records[column][outcome.row] = np.void(outcome.digest)
            records["has"][outcome.row] |= flag
        elif column == "content":
            records["has"][outcome.row] = 0
        records["failure"][outcome.row] |= outcome.failure


class Readers:
    """Reads files of a snapshot in several threads (hashing leaves Python's lock alone), as fast as the scan may."""

    def __init__(self, scanned: Scanned, pacing: Pacing) -> None:
        self._scanned = scanned
        self._threads = pacing.workers
        self._pace = Pace(pacing.most_per_second)
        self._turn = threading.Lock()

    def read(self, rows: Rows, most_bytes: int | None) -> Iterator[Outcome]:
        """Digests of the files of these rows, which are in order."""
        with ThreadPoolExecutor(self._threads, "hashes") as threads:
            jobs = self._jobs(rows, most_bytes)
            while some := list(islice(jobs, JOBS_AT_ONCE)):
                yield from threads.map(self._outcome, some)

    def _jobs(self, rows: Rows, most_bytes: int | None) -> Iterator[Job]:
        parquet, first = self._scanned.parquet, 0
        within = len(self._scanned.root.rstrip(b"/")) + 1
        for group in range(parquet.num_row_groups):
            after = first + parquet.metadata.row_group(group).num_rows
            wanted = rows[np.searchsorted(rows, first) : np.searchsorted(rows, after)]
            if len(wanted):
                columns = ["path", "path_raw", "size", "dev", "ino", "mtime"]
                table = parquet.read_row_group(group, columns=columns).take(pa.array(wanted - first))
                table = table.set_column(5, "mtime", table["mtime"].cast(pa.int64()))
                for row, path, raw, *identity in zip(wanted.tolist(), *(c.to_pylist() for c in table), strict=True):
                    yield Job(row, os.fsdecode((raw or path.encode())[within:]), tuple(identity), most_bytes)
            first = after

    def _outcome(self, job: Job) -> Outcome:
        if self._pace.is_limited:
            with self._turn:
                self._pace.wait(1)
        try:
            descriptor = file_at(job.relative, self._scanned.descriptor)
        except OSError as failure:
            is_gone = isinstance(failure, FileNotFoundError)
            return Outcome(job.row, None, 0 if is_gone else failure.errno or 0, 0)
        try:
            return _digest(descriptor, job)
        except OSError as failure:
            return Outcome(job.row, None, failure.errno or 0, 0)
        finally:
            os.close(descriptor)


def _digest(descriptor: int, job: Job) -> Outcome:
    """The digest of an open file, unless it is not what the scan described, before or afterwards."""
    if _identity(descriptor) != job.identity:
        return Outcome(job.row, None, 0, 0)
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES, usedforsecurity=False)
    left = job.identity[0] if job.most_bytes is None else job.most_bytes
    read_bytes = 0
    while left and (block := os.read(descriptor, min(READ_BYTES, left))):
        digest.update(block)
        left -= len(block)
        read_bytes += len(block)
    is_same = _identity(descriptor) == job.identity
    return Outcome(job.row, digest.digest() if is_same else None, 0, read_bytes)


def _identity(descriptor: int) -> tuple[int, int, int, int]:
    status = os.fstat(descriptor)
    size = status.st_size if stat.S_ISREG(status.st_mode) else -1
    return size, status.st_dev, status.st_ino, status.st_mtime_ns // 1000


def _rewritten(scanned: Scanned, records: Numbers, target: Path) -> int:
    """The snapshot again, with the hashes; how many rows got an error."""
    parquet, first, errors = scanned.parquet, 0, 0
    with parquet_writer(target) as writer:
        for group in range(parquet.num_row_groups):
            table = parquet.read_row_group(group)
            noted = records[first : first + table.num_rows]
            columns = {
                "prefix_hash": hexed(noted["prefix"], noted["has"] & HAS_PREFIX > 0),
                "content_hash": hexed(noted["content"], noted["has"] & HAS_CONTENT > 0),
                "error": pc.coalesce(table["error"].combine_chunks(), failures(noted["failure"])),
            }
            errors += table["error"].null_count - columns["error"].null_count
            for name, column in columns.items():
                table = table.set_column(WRITTEN.get_field_index(name), name, column)
            writer.write_table(table.cast(WRITTEN), row_group_size=max(table.num_rows, 1))
            first += table.num_rows
    return errors


def hexed(digests: Numbers, known: npt.NDArray[np.bool_]) -> pa.Array:
    """Digests as text, null where there is none."""
    letters = np.frombuffer(digests[known].tobytes().hex().encode(), np.uint8)
    offsets = np.zeros(len(known) + 1, np.int32)
    np.cumsum(known * (2 * DIGEST_BYTES), out=offsets[1:])
    return cut(letters, offsets, TEXT, known)


def failures(numbers: Numbers) -> pa.Array:
    """What each error number means, null for 0."""
    words: dict[int, str | None] = {number: told(OSError(number, "")) for number in np.unique(numbers).tolist()}
    words[0] = None
    return texts([words[number] for number in numbers.tolist()], TEXT)
