"""Paths as people and programs write them, in the one spelling that the tables have."""

import hashlib

from analytics_pipelines.foundation.errors import BadInput

ROOT = "/"
KEY_BYTES = 8


class BadPath(BadInput):
    """The text can be no path of a snapshot."""


def normal_path(path: str) -> str:
    """The path with one slash before each name and none at the end; `/` alone is the root.

    The first slash may be left out, one at the end is ignored. Raises `BadPath` for `.`, `..`, NUL, lone surrogates
    and empty names, which no snapshot holds and other programs would resolve.
    """
    inner = path.removeprefix("/").removesuffix("/")
    if not inner:
        if path in {"", ROOT}:
            return ROOT
        raise _refused("has an empty name between slashes")
    parts = inner.split("/")
    if "" in parts:
        raise _refused("has an empty name between slashes")
    if "." in parts or ".." in parts:
        raise _refused("holds '.' or '..'")
    if "\x00" in inner:
        raise _refused("holds a NUL")
    if any("\ud800" <= character <= "\udfff" for character in inner):
        raise _refused("is no Unicode text")
    return ROOT + inner


def path_key(path: str) -> int:
    """What the tables' column `path_key` holds for a path in its normal spelling."""
    digest = hashlib.md5(path.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[KEY_BYTES:], "little") >> 1


def _refused(what: str) -> BadPath:
    return BadPath("The path " + what + ".", remedy="Give it as the snapshot has it, e.g. /srv/data.")
