"""Ids that we give: UUIDv7 for events without one, hashes for what must get the same id again."""

import secrets
from datetime import datetime
from hashlib import blake2b

RANDOM_BITS = 74
ID_BYTES = 16


def uuid7(at: datetime) -> str:
    """A UUID of version 7 (RFC 9562, section 5.7): milliseconds of `at`, then 74 random bits."""
    millis = int(at.timestamp() * 1000) & (2**48 - 1)
    random = secrets.randbits(RANDOM_BITS)
    high = millis << 16 | 0x7 << 12 | random >> 62
    low = 0b10 << 62 | random & (2**62 - 1)
    digits = format(high << 64 | low, "032x")
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def digest(*parts: bytes, key: bytes = b"") -> str:
    """Keyed BLAKE2b of the parts, 32 hexadecimal digits; lengths go in too, so that no two lists collide."""
    state = blake2b(key=key, digest_size=ID_BYTES)
    for part in parts:
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.hexdigest()
