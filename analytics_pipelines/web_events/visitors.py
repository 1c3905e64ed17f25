"""Who a visitor is when the client does not say: a keyed hash of site, address and agent.

Collected events are hashed under a salt that changes each UTC day, so that nobody can be followed for long; the hash
under the salt of the day before is kept beside it, so that a visit survives midnight. A log comes years later, when the
salt of its days is gone, and must give the same visitors at every import: its key belongs to the site and never leaves
PostgreSQL. No visitor can be followed from one site to another.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from analytics_pipelines.web_events.event import Sender
from analytics_pipelines.web_events.event_ids import digest

SECRET_BYTES = 16
IPV4_PREFIX = 24
IPV6_PREFIX = 48
DAY = timedelta(days=1)
SALT_LIFE = 3 * DAY
"""From the beginning of a salt's day: that day, and 48 hours more."""


@dataclass(frozen=True)
class Salts:
    """The salts that a process knows by their UTC day."""

    known: Mapping[date, bytes]

    def of(self, day: date) -> bytes:
        """The salt of that day; without one a salt that follows from the latest known, the same in every process."""
        found = self.known.get(day)
        return found if found is not None else self._following(day)

    def before(self, day: date) -> bytes | None:
        """The salt of the day before, None when there was none: then nobody has a hash under it."""
        return self.known.get(day - DAY)

    def _following(self, day: date) -> bytes:
        latest = self.known[max(self.known)] if self.known else UNKNOWN
        return blake2b(day.isoformat().encode(), key=latest, digest_size=SECRET_BYTES).digest()


UNKNOWN = secrets.token_bytes(SECRET_BYTES)
"""What salts follow from in a process that has never heard of any."""


def visitor_of(key: bytes, site_id: str, sender: Sender) -> str:
    """32 hexadecimal digits; the same for the same site, address and agent under the same key."""
    address, agent = sender.address or "", sender.agent or ""
    return digest(site_id.encode(), address.encode(), agent.encode(), key=key)


def network_of(address: str | None) -> str | None:
    """The address without the part that names one machine, e.g. `192.0.2.0/24`; None when it is no address."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else parsed
    if mapped:
        return str(IPv4Network((int(mapped), IPV4_PREFIX), strict=False))
    return str(IPv6Network((int(parsed), IPV6_PREFIX), strict=False))


@lru_cache(10_000)
def stored_address(mode: str, address: str | None) -> str | None:
    """What a site keeps of an address: all of it, its network, or nothing; None when it is no address."""
    if mode == "truncated":
        return network_of(address)
    return plain_address(address) if mode == "full" else None


def plain_address(address: str | None) -> str | None:
    """The address in its usual spelling, IPv4-mapped ones as IPv4; None when it is no address."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return None
    return str((parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None) or parsed)
