"""Where a server of ours can be reached, from what it listens on."""

EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, never listened on
HERE = "127.0.0.1"


def http_url(listens_on: str, port: int, *, reached_as: str | None = None) -> str:
    """`http://host:port` without a slash; `reached_as` is the caller's name for a server that listens everywhere."""
    host = (reached_as or HERE) if listens_on in EVERYWHERE else listens_on
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
