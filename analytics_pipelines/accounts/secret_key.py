"""The key that access tokens are signed with: the setting, or a private file that is made once."""

import os
import secrets
import stat
from pathlib import Path
from uuid import uuid4

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.files import disk_errors, make_folders, sync_folder, write_synced
from analytics_pipelines.foundation.settings import LEAST_KEY_CHARACTERS, Settings

PRIVATE = 0o600
OTHERS = stat.S_IRWXG | stat.S_IRWXO
DRAWN_BYTES = 48
ANOTHER = "Delete it, and the next start makes another; everybody logs in anew."


class KeyUnusable(SetupError):
    """The file of the key can be read by others, or holds no key."""


def secret_key(settings: Settings) -> str:
    """The key, 32 characters or more; the first of all processes makes the file where it is needed.

    Raises `KeyUnusable`, or `DiskFull`.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    path = settings.home.secret_key
    try:
        return _read(path)
    except FileNotFoundError:
        with disk_errors():
            _make(path)
        return _read(path)


def _read(path: Path) -> str:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & OTHERS:
            raise KeyUnusable(
                "Others can read secret_key in ANALYTICS_HOME.",
                limit="the owner alone (0600)",
                remedy="If nobody has read it, take their rights away. " + ANOTHER,
            )
        key = file.read().decode("ascii", "replace").strip()
    if len(key) < LEAST_KEY_CHARACTERS:
        raise KeyUnusable("secret_key in ANALYTICS_HOME holds no key.", remedy=ANOTHER)
    return key


def _make(path: Path) -> None:
    """A link is made only where nothing is: of two who come at once, both read what the first has linked."""
    make_folders(path.parent)
    staged = path.with_name(path.name + "." + uuid4().hex)
    try:
        write_synced(staged, secrets.token_urlsafe(DRAWN_BYTES).encode(), mode=PRIVATE)
        os.link(staged, path)
        sync_folder(path.parent)
    except FileExistsError:
        return
    finally:
        staged.unlink(missing_ok=True)
