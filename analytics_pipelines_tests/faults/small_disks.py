"""File systems of a few MiB, in memory."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PAGE_BYTES = 4096


@contextmanager
def small_disk(folder: Path, size_bytes: int) -> Iterator[Path]:
    """`folder` as a file system of that size; skips the test where mounting one is not allowed."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a tmpfs needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def free_bytes(folder: Path) -> int:
    """What is left of the file system that the folder lies on."""
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize


@contextmanager
def filled(disk: Path, left_bytes: int) -> Iterator[None]:
    """Only so much is left while the block runs."""
    filler = disk / "filler"
    with filler.open("wb") as file:
        file.write(b"\0" * (free_bytes(disk) - left_bytes))
    try:
        yield
    finally:
        filler.unlink()
