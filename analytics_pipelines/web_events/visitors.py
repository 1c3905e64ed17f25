"""Who a visitor is when the client does not say: a keyed hash of site, address and agent.

Collected events are hashed under a salt that changes each UTC day, so that nobody can be followed for long.
A log comes years later, when the salt of its days is gone, and must give the same visitors at every import: its
key belongs to the site and never leaves PostgreSQL. No visitor can be followed from one site to another.
"""

import secrets
from datetime import date
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from analytics_pipelines.web_events.event import Sender
from analytics_pipelines.web_events.event_ids import digest
from analytics_pipelines.web_events.tables import VISITOR_SALT

SECRET_BYTES = 16
IPV4_PREFIX = 24
IPV6_PREFIX = 48


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


def salt_of(connection: sa.Connection, day: date) -> bytes:
    """The salt of that UTC day, made by whoever asks first."""
    found = sa.select(VISITOR_SALT.c.salt).where(VISITOR_SALT.c.salt_date == day)
    salt: bytes | None = connection.scalar(found)
    if salt is None:
        made = insert(VISITOR_SALT).values(salt_date=day, salt=secrets.token_bytes(SECRET_BYTES))
        connection.execute(made.on_conflict_do_nothing())
        salt = connection.execute(found).scalar_one()
    return salt
