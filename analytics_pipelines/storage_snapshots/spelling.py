"""Names of files as text. A name is bytes; what of it is not UTF-8 is spelt out, so that no two names meet."""

import os
import re

MARK = "\ufffd"
ODD = re.compile("[\udc80-\udcff" + MARK + "]")
SPELT = re.compile((MARK + "([0-9A-F]{2})").encode())


def readable(name: str) -> str:
    """The name, given as Python's file functions spell it, as text that every reader takes.

    Each byte that is not UTF-8 stands as U+FFFD and its two hex digits. A U+FFFD of the name itself is spelt byte by
    byte too, so different names stay different and `raw` finds the way back.
    """
    if name.isascii():
        return name
    return ODD.sub(_spelt, os.fsencode(name).decode("utf-8", "surrogateescape"))


def raw(text: str) -> bytes:
    """The bytes of the name that `readable` spelt so."""
    return SPELT.sub(lambda found: bytes.fromhex(found[1].decode()), text.encode())


def raw_where_it_differs(text: str) -> bytes | None:
    """The bytes, if the text is not simply their UTF-8."""
    return raw(text) if MARK in text else None


def extension(name: str) -> str | None:
    """What follows the last dot, in small letters; None for `Makefile`, `.profile` and `odd.`."""
    stem, _, ending = name.rpartition(".")
    return ending.lower() or None if stem.strip(".") else None


def _spelt(found: re.Match[str]) -> str:
    odd = found[0].encode("utf-8", "surrogateescape")
    return "".join(MARK + format(byte, "02X") for byte in odd)
