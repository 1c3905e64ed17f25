"""Bodies as they were before compression, never more of them than is allowed."""

import zlib

from analytics_pipelines.web_events.event import Reason, Rejected

MOST_BODY_BYTES = 2**20
"""Of a batch, and of anything else that is read at all."""
PLAIN = frozenset({"", "identity"})
GZIP = frozenset({"gzip", "x-gzip"})
WITH_GZIP_HEADER = zlib.MAX_WBITS | 16
MOST_MEMBERS = 100
"""Of one gzip file; each costs a copy of what follows it."""


def too_large(most_bytes: int = MOST_BODY_BYTES) -> Rejected:
    """The rejection of a body over its limit."""
    return Rejected(Reason.TOO_LARGE, "The body is too large.", limit=str(most_bytes) + " bytes")


def decoded(body: bytes, encoding: str, most_bytes: int = MOST_BODY_BYTES) -> bytes:
    """The body as its `Content-Encoding` says. Raises `Rejected`."""
    named = encoding.strip().lower()
    if named in PLAIN:
        return body
    if named in GZIP:
        return inflated(body, most_bytes)
    raise Rejected(Reason.BROKEN_JSON, "The Content-Encoding is not known; send gzip, or the body as it is.")


def inflated(body: bytes, most_bytes: int = MOST_BODY_BYTES) -> bytes:
    """What was packed with gzip, in one member or several; stops at the limit. Raises `Rejected`."""
    pieces: list[bytes] = []
    room = most_bytes
    for _ in range(MOST_MEMBERS):
        unpacker = zlib.decompressobj(WITH_GZIP_HEADER)
        try:
            pieces.append(unpacker.decompress(body, room + 1))
        except zlib.error:
            raise _broken() from None
        room -= len(pieces[-1])
        if room < 0:
            raise too_large(most_bytes)
        if not unpacker.eof:
            raise _broken()
        body = unpacker.unused_data.lstrip(b"\x00")
        if not body:
            return b"".join(pieces)
    raise _broken()


def _broken() -> Rejected:
    return Rejected(Reason.BROKEN_JSON, "The body is not valid gzip.")
