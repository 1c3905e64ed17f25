"""Exports: answers written to a file, kept for a while for the one who asked.

Each has a folder `<export id>/` of the operator alone: `export.json` says what it is and how far it is, `data.parquet`
or `data.csv` is there once it succeeded. The API makes records and hands out files; the broker tells what becomes of
them. Every change is written aside, synced and renamed, under one lock for all processes.
"""

import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
from pydantic import TypeAdapter, ValidationError

from analytics_pipelines.foundation.clock import Clock, now
from analytics_pipelines.foundation.errors import AnalyticsError, NotFound
from analytics_pipelines.foundation.files import disk_errors, locked, sync_folder, write_whole
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.sql_service.errors import DuckDBResourceError, QueryCancelled, QueryFailed, told_of
from analytics_pipelines.sql_service.messages import Done, Format

RECORD = "export.json"
LOCK = "exports.lock"
STAGING = "staging"
MOST_OF_ONE = 100
"""Exports that one caller may keep, waiting ones among them."""
HALF_MADE = timedelta(minutes=10)
"""After so long a folder without a record is rubbish."""
LOCK_WAIT_S = 30.0
OWNER_ONLY, OWNER_ONLY_FOLDER = 0o600, 0o700
ID = re.compile(r"[0-9a-f]{32}")
EXPIRY_REMEDY = "Delete exports that are no longer needed, or raise SQL_EXPORTS_MAX_BYTES."
STARTED_AGAIN = "The SQL service was started again before the export was finished."


class ExportState(StrEnum):
    """How far an export is; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = frozenset({ExportState.QUEUED, ExportState.RUNNING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One export as its record tells it."""

    export_id: str
    owner: str
    sql: str
    format: Format
    state: ExportState
    created_at: datetime
    expires_at: datetime
    """When the sweep may have it."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    rows: int = 0
    size_bytes: int = 0
    """Of the file; while it runs, what is written by now."""
    columns: tuple[tuple[str, str], ...] = ()
    """Names and DuckDB's types."""
    error: dict[str, Any] | None = None
    """As `told_of` tells it."""

    @property
    def file_name(self) -> str:
        """Of the data within the export's folder."""
        return "data." + self.format.value

    @property
    def is_finished(self) -> bool:
        """Whether nothing will change any more."""
        return self.state not in UNFINISHED


RECORDS: TypeAdapter[Export] = TypeAdapter(Export)


class ExportNotFound(NotFound):
    """There is no export of that id, or it is not the caller's."""


class ExportNotReady(NotFound):
    """The export has no file: it is not finished, or did not succeed."""


class Exports:
    """All exports of a home; several processes may use the same folder."""

    def __init__(self, folder: Path, settings: Settings, clock: Clock = now) -> None:
        self._folder = folder
        self._most_bytes = settings.sql_exports_max_bytes
        self._kept_for = timedelta(hours=settings.sql_export_ttl_hours)
        self._clock = clock

    def create(self, owner: str, sql: str, fmt: Format) -> Export:
        """A new one that waits to be run; raises `DuckDBResourceError` where there is no room, `DiskFull`."""
        made_at = self._clock()
        export = Export(
            export_id=uuid4().hex,
            owner=owner,
            sql=sql,
            format=fmt,
            state=ExportState.QUEUED,
            created_at=made_at,
            expires_at=made_at + self._kept_for,
        )
        with self._changing():
            self._make_room_for(owner)
            _private_folder(self._folder / export.export_id)
            self._write(export)
        return export

    def begun(self, export_id: str) -> bool:
        """It runs from now on; False when nobody wants it any more, so that it is not to be run."""
        with self._changing():
            export = self._read(export_id)
            if export is None or export.is_finished:
                return False
            self._write(replace(export, state=ExportState.RUNNING, started_at=self._clock()))
        return True

    def progressed(self, export_id: str, written_bytes: int) -> bool:
        """So much of its file is written; False when nobody wants it any more."""
        with self._changing():
            export = self._read(export_id)
            if export is None or export.is_finished:
                return False
            self._write(replace(export, size_bytes=written_bytes))
        return True

    def finished(self, export_id: str, file: Path, done: Done) -> bool:
        """Take the file, which has to lie on the same file system, into the export's folder.

        False when nobody wants it any more, or it can not be kept (then the record says why); the file is gone anyway.
        """
        try:
            with self._changing():
                export = self._read(export_id)
                if export is None or export.is_finished:
                    return False
                return self._taken(export, file, done)
        finally:
            _remove(file)

    def failed(self, export_id: str, error: AnalyticsError) -> None:
        """It ended without a file; one that was cancelled is said to be."""
        with self._changing():
            export = self._read(export_id)
            if export is not None and not export.is_finished:
                self._write(self._ended(export, error))

    def abandoned(self) -> int:
        """Say of all that wait or run that they failed, as the broker does when it starts; gives how many."""
        with self._changing():
            lost = [export for export in self._all() if not export.is_finished]
            for export in lost:
                self._write(self._ended(export, QueryFailed(STARTED_AGAIN, remedy="Ask for it again.")))
        return len(lost)

    def of(self, owner: str) -> list[Export]:
        """The owner's, newest first."""
        found = [export for export in self._all() if export.owner == owner]
        return sorted(found, key=lambda export: (export.created_at, export.export_id), reverse=True)

    def named(self, export_id: str, owner: str) -> Export:
        """One of the owner's; raises `ExportNotFound`, of what has expired too."""
        export = self._read(export_id)
        if export is None or export.owner != owner or self._has_expired(export):
            raise ExportNotFound("There is no export of that id.", remedy="GET /api/v1/duckdb/exports lists yours.")
        return export

    def file_of(self, export: Export) -> Path:
        """Where its data lies; raises `ExportNotReady`."""
        file = self._folder / export.export_id / export.file_name
        if export.state is not ExportState.SUCCEEDED or not file.is_file():
            raise ExportNotReady(
                "The export has no file; it is " + export.state.value + ".",
                remedy="Ask for it again once its state is succeeded.",
            )
        return file

    def remove(self, export_id: str, owner: str) -> Export:
        """Remove one of the owner's with its file, also while it runs; raises `ExportNotFound`."""
        export = self.named(export_id, owner)
        with self._changing():
            self._discard(self._folder / export_id)
        return export

    def forget_all(self) -> int:
        """Remove everybody's, since they hold rows that are to be nowhere; one that runs may be about to.

        Gives how many.
        """
        if not self._folder.is_dir():
            return 0
        with self._changing():
            gone = self._all()
            for export in gone:
                self._discard(self._folder / export.export_id)
        return len(gone)

    def sweep(self) -> int:
        """Remove what has expired or was left half-made; gives how many folders."""
        if not self._folder.is_dir():
            return 0
        with self._changing():
            shutil.rmtree(self._staging, ignore_errors=True)
            gone = [folder for folder in self._folders() if self._is_rubbish(folder)]
            for folder in gone:
                self._discard(folder)
        return len(gone)

    @property
    def total_bytes(self) -> int:
        """What all finished files take."""
        return sum(export.size_bytes for export in self._all() if export.is_finished)

    def _taken(self, export: Export, file: Path, done: Done) -> bool:
        target = self._folder / export.export_id / export.file_name
        try:
            # Whoever wrote the file may be a stranger's process: nobody but us can change what the new name means.
            file.rename(target)
            size_bytes = _made_ours(target)
            self._leave_room(size_bytes)
        except (DuckDBResourceError, QueryFailed, OSError) as error:
            _remove(target)
            told = error if isinstance(error, AnalyticsError) else QueryFailed("The export's file could not be kept.")
            self._write(self._ended(export, told))
            return False
        ended_at = self._clock()
        kept = replace(export, state=ExportState.SUCCEEDED, rows=done.rows, size_bytes=size_bytes, columns=done.columns)
        self._write(replace(kept, finished_at=ended_at, expires_at=ended_at + self._kept_for))
        return True

    def _ended(self, export: Export, error: AnalyticsError) -> Export:
        state = ExportState.CANCELLED if isinstance(error, QueryCancelled) else ExportState.FAILED
        return replace(export, state=state, finished_at=self._clock(), size_bytes=0, error=told_of(error))

    def _make_room_for(self, owner: str) -> None:
        """Remove what has expired; raises `DuckDBResourceError` when that does not suffice."""
        for export in self._all():
            if self._has_expired(export):
                self._discard(self._folder / export.export_id)
        if len(self.of(owner)) >= MOST_OF_ONE:
            limit = str(MOST_OF_ONE) + " exports a caller"
            raise DuckDBResourceError("You keep too many exports.", limit=limit, remedy="Delete some of them.")
        self._leave_room(1)

    def _leave_room(self, size_bytes: int) -> None:
        if self.total_bytes + size_bytes > self._most_bytes:
            limit = format(self._most_bytes, ",") + " bytes for all exports"
            raise DuckDBResourceError("There is no room for the export.", limit=limit, remedy=EXPIRY_REMEDY)

    def _has_expired(self, export: Export) -> bool:
        return export.is_finished and self._clock() >= export.expires_at

    def _is_rubbish(self, folder: Path) -> bool:
        export = self._read(folder.name)
        if export is not None:
            return self._has_expired(export)
        with suppress(FileNotFoundError):
            return self._clock().timestamp() - folder.stat().st_mtime > HALF_MADE.total_seconds()
        return False

    def _discard(self, folder: Path) -> None:
        """The record first: without it, half of a folder is nobody's export."""
        (folder / RECORD).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)

    @property
    def _staging(self) -> Path:
        return self._folder / STAGING

    @contextmanager
    def _changing(self) -> Iterator[None]:
        _private_folder(self._folder)
        with disk_errors(), locked(self._folder / LOCK, wait_s=LOCK_WAIT_S):
            yield

    def _folders(self) -> Iterator[Path]:
        if self._folder.is_dir():
            yield from (each for each in sorted(self._folder.iterdir()) if ID.fullmatch(each.name))

    def _all(self) -> list[Export]:
        return [export for folder in self._folders() if (export := self._read(folder.name)) is not None]

    def _read(self, export_id: str) -> Export | None:
        """What the record says; None without one, and of anything that is no id."""
        if not ID.fullmatch(export_id):
            return None
        try:
            return RECORDS.validate_json((self._folder / export_id / RECORD).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def _write(self, export: Export) -> None:
        _private_folder(self._staging)
        content = orjson.dumps(export)
        write_whole(self._folder / export.export_id / RECORD, content, staging=self._staging, mode=OWNER_ONLY)


def _remove(path: Path) -> None:
    """Whatever a stranger's process may have made there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _private_folder(path: Path) -> None:
    """Make it, for us alone whatever the umask, and sync its name."""
    if path.is_dir():
        return
    if not path.parent.is_dir():
        _private_folder(path.parent)
    path.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)
    path.chmod(OWNER_ONLY_FOLDER)
    sync_folder(path.parent)


def _made_ours(file: Path) -> int:
    """Have the file belong to us alone, and synced; gives its bytes.

    Raises `QueryFailed` of anything but a plain file that has this one name: a link could show what is not the
    caller's.
    """
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise QueryFailed("The export's file is no plain file.")
        if os.geteuid() == 0:
            os.fchown(descriptor, 0, 0)
        os.fchmod(descriptor, OWNER_ONLY)
        os.fsync(descriptor)
        return found.st_size
    finally:
        os.close(descriptor)
