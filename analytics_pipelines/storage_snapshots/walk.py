"""Walks a tree: each name below a folder becomes an `Entry`, whatever it is called and whatever it refuses.

Folders are opened relative to the root, so no path is too long and no link is followed; the folders still to be
visited are a list, so no tree is too deep. Nothing but folders and links is opened, so sockets and pipes are safe.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from analytics_pipelines.storage_snapshots.spelling import raw_where_it_differs, readable

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
LONGEST_STEP = 1000
"""Characters opened at once: at most 4 bytes each, below the kernel's 4,096."""


class Entry(NamedTuple):
    """One name. `parent_path` is None for the root, `status` where it could not be read, `error` if anything failed."""

    path: str
    path_raw: bytes | None
    name: str
    parent_path: str | None
    depth: int
    status: os.stat_result | None
    linkname: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder on the way; `relative` leads there from the root as Python spells it, `path` is its whole text."""

    relative: str
    path: str

    @property
    def path_raw(self) -> bytes | None:
        """Its bytes, where they are not simply the text's."""
        return raw_where_it_differs(self.path)

    @property
    def depth(self) -> int:
        """0 for the root."""
        return self.relative.count("/") + 1 if self.relative else 0


class Walk:
    """One pass over the tree below an absolute path, on the root's file system only.

    Iterate once; a folder's row follows those of the names in it. Afterwards `vanished` is how many names went away
    between being listed and being read, and `other_filesystems` how many mount points were left out, as `du -x` does.
    Raises `OSError` when the root itself can not be opened.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.vanished = 0
        self.other_filesystems = 0
        self._text = readable(root)
        self._descriptor = -1
        self._device = -1

    def __iter__(self) -> Iterator[Entry]:
        self._descriptor = os.open(self.root, FOLDER)
        try:
            self._device = os.fstat(self._descriptor).st_dev
            pending = [""]
            while pending:
                yield from self._visit(self._folder(pending.pop()), pending)
        finally:
            os.close(self._descriptor)

    def _folder(self, relative: str) -> Folder:
        if not relative:
            return Folder("", self._text)
        return Folder(relative, _below(self._text, readable(relative)))

    def _visit(self, folder: Folder, pending: list[str]) -> Iterator[Entry]:
        """Rows of all names in the folder, then its own."""
        error = None
        try:
            with self._reach(folder.relative) as (near, rest):
                status = os.stat(rest, dir_fd=near, follow_symlinks=False)
                if self._is_elsewhere(status):
                    return
                try:
                    yield from self._list(near, rest, folder, pending)
                except OSError as failure:
                    error = told(failure)
        except OSError as failure:
            yield from self._failed(folder, failure)
            return
        yield self._entry(folder, status, error)

    def _list(self, near: int, rest: str, folder: Folder, pending: list[str]) -> Iterator[Entry]:
        with opened(rest, near) as descriptor, os.scandir(descriptor) as names:
            for found in names:
                try:
                    if found.is_dir(follow_symlinks=False):
                        pending.append(_below(folder.relative, found.name) if folder.relative else found.name)
                        continue
                    status = found.stat(follow_symlinks=False)
                except OSError as failure:
                    yield from self._failed(self._child(folder, found.name), failure)
                    continue
                if not self._is_elsewhere(status):
                    yield _leaf(folder, found.name, status, descriptor)

    def _child(self, folder: Folder, name: str) -> Folder:
        return Folder(_below(folder.relative, name) if folder.relative else name, _below(folder.path, readable(name)))

    def _is_elsewhere(self, status: os.stat_result) -> bool:
        is_elsewhere = status.st_dev != self._device
        self.other_filesystems += is_elsewhere
        return is_elsewhere

    def _failed(self, place: Folder, failure: OSError) -> Iterator[Entry]:
        """A row that says why nothing is known of the name, unless it is simply gone."""
        if isinstance(failure, FileNotFoundError):
            self.vanished += 1
        else:
            yield self._entry(place, None, told(failure))

    def _entry(self, place: Folder, status: os.stat_result | None, error: str | None) -> Entry:
        parent, _, name = place.path.rpartition("/")
        parent_path = (parent or "/") if place.relative else None
        return Entry(place.path, place.path_raw, name or "/", parent_path, place.depth, status, None, error)

    @contextmanager
    def _reach(self, relative: str) -> Iterator[tuple[int, str]]:
        """A descriptor, and the way from it, short enough for one call of the system."""
        near, rest = os.dup(self._descriptor), relative or "."
        try:
            while len(rest) > LONGEST_STEP:
                cut = rest.rindex("/", 0, LONGEST_STEP)
                step, rest = rest[:cut], rest[cut + 1 :]
                further = os.open(step, FOLDER, dir_fd=near)
                os.close(near)
                near = further
            yield near, rest
        finally:
            os.close(near)


@contextmanager
def opened(name: str, near: int) -> Iterator[int]:
    """A descriptor of the folder, which must not have become a link."""
    descriptor = os.open(name, FOLDER, dir_fd=near)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def told(failure: OSError) -> str:
    """What the system answered, as `EACCES: Permission denied`."""
    number = failure.errno or 0
    return errno.errorcode.get(number, "E?") + ": " + os.strerror(number)


def _leaf(folder: Folder, name: str, status: os.stat_result, near: int) -> Entry:
    text = readable(name)
    path = _below(folder.path, text)
    linkname, error = _target(name, near) if stat.S_ISLNK(status.st_mode) else (None, None)
    raw = raw_where_it_differs(path)
    return Entry(path, raw, text, folder.path, folder.depth + 1, status, linkname, error)


def _target(name: str, near: int) -> tuple[str | None, str | None]:
    try:
        return readable(os.readlink(name, dir_fd=near)), None
    except OSError as failure:
        return None, told(failure)


def _below(folder: str, name: str) -> str:
    return folder + name if folder.endswith("/") else folder + "/" + name
