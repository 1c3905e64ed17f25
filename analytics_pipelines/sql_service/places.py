"""Where the SQL service keeps its socket, its locks and its files."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from analytics_pipelines.foundation.home import Home

SOCKET = "broker.sock"


@dataclass(frozen=True, slots=True)
class Places:
    """Absolute paths; `folder` is readable by the operator alone."""

    folder: Path

    @staticmethod
    def of(home: Home) -> "Places":
        """Those of a home."""
        return Places(home.path / "sql")

    @property
    def socket(self) -> Path:
        """Where the broker listens; see `short_path`."""
        return self.folder / SOCKET

    @property
    def lock(self) -> Path:
        """Held by the broker, so that there is one."""
        return self.folder / "broker.lock"

    @property
    def spill(self) -> Path:
        """A folder for each worker, for what its memory does not hold."""
        return self.folder / "spill"

    @property
    def exports(self) -> Path:
        """`<export id>/`: what it is, and its file once it is made."""
        return self.folder / "exports"

    @property
    def extensions(self) -> Path:
        """Extensions that the operator installed."""
        return self.folder / "extensions"

    @contextmanager
    def short_path(self) -> Iterator[str]:
        """The socket's path in few characters, however deep the home lies: addresses have room for 107.

        Raises `FileNotFoundError` when the folder is not there.
        """
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield f"/proc/self/fd/{folder}/{SOCKET}"
        finally:
            os.close(folder)
