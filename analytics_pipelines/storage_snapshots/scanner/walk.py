"""Walks a tree: each name below a folder becomes a row of a `Sheet`, whatever it is called and whatever it refuses.

Folders are opened relative to the root, so no path is too long and no link is followed; the folders still to be
visited are a list, so no tree is too deep. Nothing but folders and links is opened, so sockets and pipes are safe.
Only the standard library is imported, because a process that walks must start in no time. Names are Python's: what
of them is not UTF-8 stands as lone surrogates.
"""

import ctypes
import errno
import os
import re
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, repeat

from analytics_pipelines.storage_snapshots.scanner.sheet import MOST_PATH_CHARACTERS, STATUS_BYTES, Sheet

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
LONGEST_STEP = 1000
"""Characters opened at once: at most 4 bytes each, below the kernel's 4,096."""
WRITTEN_BYTES = 256
"""Of `struct statx` by the kernel: each one over what is left of the one before it, of which we keep less."""
BURST = 1024
"""Names whose status is asked for in one go."""
BURSTS_A_SECOND = 10
"""Under a rate limit: so short that the limit holds over every second."""

AT_EMPTY_PATH = 0x1000
AT_NOWHERE_ELSE = 0x100 | 0x800
"""No link is followed (AT_SYMLINK_NOFOLLOW) and nothing mounted for it (AT_NO_AUTOMOUNT)."""
BASIC_AND_BIRTH = 0xFFF
HIGH_BYTE_OF_MODE = 29
A_LINK = re.compile(rb"[\xa0-\xaf]")
DEVICE = slice(136, 144)
UNREAD = bytes(STATUS_BYTES)

_statx = ctypes.PyDLL(None).statx
_scratch = bytearray(BURST * STATUS_BYTES + WRITTEN_BYTES)
_places = [ctypes.byref(ctypes.c_char.from_buffer(_scratch), row * STATUS_BYTES) for row in range(BURST)]


class RootGone(OSError):
    """The folder that is scanned can not be listed any more."""


class Walk:
    """Walks parts of the tree below an open folder; a folder's row follows those of the names in it.

    `hand_over` is given each full sheet and gives an empty one. `pending` are the folders still to be visited, as ways
    from the root. Afterwards `vanished` is how many names went away between being listed and being read, and
    `other_filesystems` how many folders on other file systems were left out, as `du -x` does, unless
    `is_crossing`. Raises `RootGone` when the root itself can not be listed.
    """

    def __init__(
        self,
        root: int,
        hand_over: Callable[[Sheet], Sheet],
        sheet: Sheet,
        *,
        is_crossing: bool = False,
        most_per_second: float | None = None,
    ) -> None:
        self.root = root
        self.pending: list[str] = []
        self.seen = 0
        self.vanished = 0
        self.other_filesystems = 0
        self._sheet = sheet
        self._hand_over = hand_over
        self._is_crossing = is_crossing
        self._pace = Pace(most_per_second)
        self._device = _status_of(root)[DEVICE]

    def visit(self) -> None:
        """Take one folder from `pending`: rows of all names in it but folders, then its own."""
        relative = self.pending.pop()
        try:
            descriptor = opened(relative, self.root)
        except OSError as failure:
            self._unopened(relative, failure)
            return
        try:
            status = _status_of(descriptor)
            if status[DEVICE] != self._device and not self._is_crossing:
                self.other_filesystems += 1
                return
            error = self._listed(descriptor, relative)
        finally:
            os.close(descriptor)
        if error and not relative:
            raise RootGone(error)
        self._own_row(relative, status, error)

    def finish(self) -> None:
        """Hand over the sheet that is not full."""
        if self._sheet.rows:
            self._sheet = self._hand_over(self._sheet)

    def _listed(self, descriptor: int, relative: str) -> str | None:
        """Rows of the names in the folder, folders among them pending; the error that ended it."""
        most = self._burst(relative)
        try:
            listing = os.scandir(descriptor)
        except OSError as failure:
            return told(failure)
        error = None
        with listing:
            while not error:
                found: list[os.DirEntry[str]] = []
                try:
                    found.extend(islice(listing, most))  # what came before an error is kept
                except OSError as failure:
                    error = told(failure)
                if not found:
                    break
                self._sort(descriptor, relative, found)
        return error

    def _sort(self, descriptor: int, relative: str, found: Sequence[os.DirEntry[str]]) -> None:
        """Rows of files, folders pending."""
        try:
            names = [entry.name for entry in found if not entry.is_dir(follow_symlinks=False)]
            folders = (
                [entry.name for entry in found if entry.is_dir(follow_symlinks=False)]
                if len(names) < len(found)
                else ()
            )
        except OSError:
            names, folders = sorted_singly(found)
        if folders:
            prefix = relative + "/" if relative else ""
            self.pending.extend([prefix + name for name in folders])
        if names:
            self._read(descriptor, relative, names)

    def _burst(self, relative: str) -> int:
        if len(relative) < LONGEST_STEP and self._pace.burst == BURST:
            return BURST
        by_length = MOST_PATH_CHARACTERS // (len(relative) + 256)
        return max(1, min(BURST, by_length, self._pace.burst))

    def _read(self, descriptor: int, relative: str, names: Sequence[str]) -> None:
        """Rows of these names of the folder."""
        text = encoded("/".join(names))
        failures = list(
            map(_statx, repeat(descriptor), text.split(b"/"), repeat(AT_NOWHERE_ELSE), repeat(BASIC_AND_BIRTH), _places)
        )
        if any(failures):
            self._read_singly(descriptor, relative, names)
            return
        end = len(names) * STATUS_BYTES
        first = self._add(relative, len(names), _scratch[:end], text + b"/")
        for link in A_LINK.finditer(_scratch[HIGH_BYTE_OF_MODE:end:STATUS_BYTES]):
            self._read_link(descriptor, names[link.start()], first + link.start())

    def _read_singly(self, descriptor: int, relative: str, names: Sequence[str]) -> None:
        """The same where one of them refused: what is gone is counted, what fails is a row that says why."""
        for name in names:
            try:
                status = packed(os.stat(name, dir_fd=descriptor, follow_symlinks=False))
            except OSError as failure:
                self._failed(relative, name, failure)
                continue
            row = self._add(relative, 1, status, encoded(name) + b"/")
            if A_LINK.match(status, HIGH_BYTE_OF_MODE):
                self._read_link(descriptor, name, row)

    def _read_link(self, descriptor: int, name: str, row: int) -> None:
        try:
            self._sheet.links.append((row, os.readlink(name, dir_fd=descriptor)))
        except OSError as failure:
            self._sheet.errors.append((row, told(failure)))

    def _unopened(self, relative: str, failure: OSError) -> None:
        """A folder that can not be opened: its row with the error, unless it is simply gone."""
        if not relative:
            raise RootGone(told(failure))
        try:
            status = status_at(relative, self.root)
        except OSError as worse:
            parent, _, name = relative.rpartition("/")
            self._failed(parent, name, worse)
            return
        if packed_device(status) == self._device or self._is_crossing:
            self._own_row(relative, packed(status), told(failure))
        else:
            self.other_filesystems += 1

    def _failed(self, parent: str, name: str, failure: OSError) -> None:
        if isinstance(failure, FileNotFoundError):
            self.vanished += 1
        else:
            row = self._add(parent, 1, UNREAD, encoded(name) + b"/")
            self._sheet.errors.append((row, told(failure)))

    def _own_row(self, relative: str, status: bytes | bytearray, error: str | None) -> None:
        parent, _, name = relative.rpartition("/")
        row = self._add(parent if relative else None, 1, status, encoded(name) + b"/")
        if error:
            self._sheet.errors.append((row, error))

    def _add(self, folder: str | None, rows: int, statuses: bytes | bytearray, names: bytes) -> int:
        characters = len(names) + rows * (len(folder or "") + 1)
        if not self._sheet.has_room(rows, len(names), characters):
            self._sheet = self._hand_over(self._sheet)
        self.seen += rows
        if self._pace.is_limited:
            self._pace.wait(rows)
        return self._sheet.add(folder, rows, statuses, names, characters)


class Pace:
    """Holds a walk to at most so many entries a second; time that went by unused is no credit.

    `burst` is how many entries may be read at once.
    """

    def __init__(self, most_per_second: float | None) -> None:
        self.is_limited = most_per_second is not None
        self.burst = BURST if most_per_second is None else min(BURST, int(most_per_second / BURSTS_A_SECOND))
        self._most = most_per_second or 0.0
        self._due_s = time.monotonic()

    def wait(self, entries: int) -> None:
        """Sleep until so many more are allowed."""
        now_s = time.monotonic()
        if self._due_s > now_s:
            time.sleep(self._due_s - now_s)
        self._due_s = max(self._due_s, now_s) + entries / self._most


def opened(relative: str, root: int) -> int:
    """A descriptor of the folder, which must not have become a link; for the caller to close."""
    if len(relative) <= LONGEST_STEP:
        return os.open(relative or ".", FOLDER, dir_fd=root)
    *steps, last = _steps(relative)
    near = _reached(steps, root)
    try:
        return os.open(last, FOLDER, dir_fd=near)
    finally:
        os.close(near)


def file_at(relative: str, root: int) -> int:
    """A descriptor of the file for reading, which is not waited for; its time of reading stays, where that may be."""
    *steps, last = _steps(relative)
    near = _reached(steps, root)
    try:
        return os.open(last, FILE | os.O_NOATIME, dir_fd=near)
    except PermissionError:
        return os.open(last, FILE, dir_fd=near)
    finally:
        os.close(near)


def status_at(relative: str, root: int) -> os.stat_result:
    """The status of a name, reached however long its way is."""
    *steps, last = _steps(relative)
    near = _reached(steps, root)
    try:
        return os.stat(last, dir_fd=near, follow_symlinks=False)
    finally:
        os.close(near)


def _reached(steps: Sequence[str], root: int) -> int:
    near = os.dup(root)
    for step in steps:
        try:
            further = os.open(step, FOLDER, dir_fd=near)
        finally:
            os.close(near)
        near = further
    return near


def _steps(relative: str) -> Iterator[str]:
    """The way in parts that are each short enough for one call of the system."""
    while len(relative) > LONGEST_STEP:
        cut = relative.rindex("/", 0, LONGEST_STEP)
        yield relative[:cut]
        relative = relative[cut + 1 :]
    yield relative


def sorted_singly(found: Sequence[os.DirEntry[str]]) -> tuple[list[str], list[str]]:
    """Names of files and of folders; what can not be asked is treated as a file, whose status then says why."""
    kinds: tuple[list[str], list[str]] = ([], [])
    for entry in found:
        try:
            is_folder = entry.is_dir(follow_symlinks=False)
        except OSError:
            is_folder = False
        kinds[is_folder].append(entry.name)
    return kinds


def told(failure: OSError) -> str:
    """What the system answered, as `EACCES: Permission denied`."""
    number = failure.errno or 0
    return errno.errorcode.get(number, "E?") + ": " + os.strerror(number)


def encoded(name: str) -> bytes:
    """The bytes of a name, whatever they are."""
    return name.encode("utf-8", "surrogateescape")


def packed(status: os.stat_result) -> bytes:
    """What Python tells of a file, laid out as the kernel's `statx`; the time of birth is not among it."""
    times = (divmod(at, 10**9) for at in (status.st_atime_ns, 0, status.st_ctime_ns, status.st_mtime_ns))
    return struct.pack(
        "=IIQIIIHxxQQQQ" + "qIxxxx" * 4 + "IIII",
        BASIC_AND_BIRTH & ~0x800,
        0,
        0,
        status.st_nlink,
        status.st_uid,
        status.st_gid,
        status.st_mode,
        status.st_ino,
        status.st_size,
        status.st_blocks,
        0,
        *(part for time_parts in times for part in time_parts),
        0,
        0,
        os.major(status.st_dev),
        os.minor(status.st_dev),
    )


def packed_device(status: os.stat_result) -> bytes:
    """The file system's number as the kernel's `statx` has it."""
    return struct.pack("=II", os.major(status.st_dev), os.minor(status.st_dev))


def _status_of(descriptor: int) -> bytes:
    """The status of an open folder."""
    if _statx(descriptor, b"", AT_NOWHERE_ELSE | AT_EMPTY_PATH, BASIC_AND_BIRTH, _places[0]):
        return packed(os.fstat(descriptor))
    return bytes(_scratch[:STATUS_BYTES])
