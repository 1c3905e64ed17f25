"""Who sent a request, when proxies of ours stand between: their headers are believed, nobody else's.

The peer of the connection is the sender unless it is a trusted proxy. Then the chain that the proxies wrote is read
from the right, which is their end of it, up to the first address that is none of theirs; what stands further to the
left anybody may have written. `X-Forwarded-For` wins over `Forwarded` (RFC 7239), and both over `X-Real-IP`: a proxy
that writes only a later one has to remove the earlier ones.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import ASGIApp, Receive, Scope, Send

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
RawHeaders = Iterable[tuple[bytes, bytes]]

FORWARDED_FOR, FORWARDED, REAL_IP = b"x-forwarded-for", b"forwarded", b"x-real-ip"
WITH_PORT = re.compile(r"(?P<host>[^\[\]:]+)(?::[0-9]{1,5})?|\[(?P<bracketed>[^\[\]]+)\](?::[0-9]{1,5})?")
QUOTED_OR_SEPARATOR = re.compile(r'"(?:[^"\\]|\\.)*"|[,;]')
FOR = re.compile(r'\s*for\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^\s";,]+))\s*', re.IGNORECASE)


class ClientAddresses:
    """ASGI middleware, the outermost: puts the sender's address where the server had put the peer's."""

    def __init__(self, app: ASGIApp, trusted: Sequence[str]) -> None:
        self.app = app
        self.trusted = networks(trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, for the logs and the routes with the sender's address; its port is not known then."""
        peer = scope.get("client")
        if scope["type"] == "http" and peer:
            address = client_address(peer[0], scope["headers"], self.trusted)
            if address != peer[0]:
                scope = {**scope, "client": (address, 0)}
        await self.app(scope, receive, send)


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """The networks named; raises `ValueError`."""
    return tuple(ip_network(text, strict=False) for text in texts)


def client_address(peer: str, headers: RawHeaders, trusted: Sequence[Network]) -> str:
    """The sender's address in its usual spelling, or the peer as it is when it is no trusted proxy."""
    found = parsed(peer)
    if found is None or not _is_trusted(found, trusted):
        return peer
    for hop in chain(headers):
        address = parsed(hop)
        if address is None:
            break
        found = address
        if not _is_trusted(found, trusted):
            break
    return str(found)


def chain(headers: RawHeaders) -> Iterator[str]:
    """The addresses that proxies wrote, the nearest first, from the first kind of header that is there."""
    given: dict[bytes, list[str]] = {FORWARDED_FOR: [], FORWARDED: [], REAL_IP: []}
    for name, value in headers:
        if name in given:
            given[name].append(value.decode("latin-1"))
    if given[FORWARDED_FOR]:
        return reversed(",".join(given[FORWARDED_FOR]).split(","))
    if given[FORWARDED]:
        return reversed(forwarded_for(",".join(given[FORWARDED])))
    return reversed(given[REAL_IP][-1:])


def forwarded_for(value: str) -> list[str]:
    """The `for` of each element of a `Forwarded` header, in order; empty text where an element has none."""
    nodes, node, begin = [], "", 0
    for found in [*QUOTED_OR_SEPARATOR.finditer(value), None]:
        if found and found[0] not in {",", ";"}:
            continue
        pair = FOR.fullmatch(value, begin, found.start() if found else len(value))
        if pair:
            node = pair["token"] or re.sub(r"\\(.)", r"\1", pair["quoted"])
        if found is None or found[0] == ",":
            nodes.append(node)
            node = ""
        begin = found.end() if found else begin
    return nodes


def parsed(node: str) -> Address | None:
    """The address of `192.0.2.7:80`, `[2001:db8::1]:80` or a bare one, IPv4-mapped as IPv4; None for anything else."""
    text = node.strip()
    if text.count(":") < 2 or text.startswith("["):  # noqa: PLR2004 - a bare IPv6 address has two colons at least
        split = WITH_PORT.fullmatch(text)
        if split is None:
            return None
        text = split["host"] or split["bracketed"]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)
