"""One line of an access log in Combined or Common format (Apache, nginx): taken apart, or malformed."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.web_events.event import MOST_EVENT_BYTES

LINE = re.compile(
    r"(?P<address>\S+) \S+ \S+(?: [^\[]*?)? \[(?P<at>[^\]]+)\] "
    r'"(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d{3}) (?P<bytes>\d{1,18}|-)'
    r'(?: "(?P<referrer>(?:[^"\\]|\\.)*)" "(?P<agent>(?:[^"\\]|\\.)*)"(?: .*)?)?$'
)
TIME = re.compile(r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$")
NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS = {name: number for number, name in enumerate(NAMES, 1)}
FIRST_YEAR = 1990
PAGE_STATUSES = (200, 304)
ASSETS = re.compile(
    r"\.(css|m?js|map|json|xml|rss|atom|txt|pdf|png|jpe?g|gif|svg|ico|webp|avif|bmp|woff2?|ttf|otf|eot"
    r"|mp[34]|webm|og[gv]|wav|avi|mov|zip|t?gz|bz2|xz|tar|rar|7z|jar|exe|dmg|iso)$",
    re.IGNORECASE,
)


class MalformedLine(BadInput):
    """The line is not of the format; the detail says what is wrong with it."""

    title = "The log line is malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One request as the server logged it; `-` has become None, `at` is UTC."""

    address: str
    at: datetime
    method: str | None
    target: str | None
    protocol: str | None
    status: int
    size_bytes: int | None
    referrer: str | None
    agent: str | None

    @property
    def is_pageview(self) -> bool:
        """A page that was read: GET, 200 or 304, and not a picture, script, feed or download by its ending."""
        path = (self.target or "").partition("?")[0]
        return self.method == "GET" and self.status in PAGE_STATUSES and not ASSETS.search(path)


def parse_line(line: bytes, latest: datetime) -> Hit:
    """The hit in one line without its line end, none later than `latest`. Raises `MalformedLine`."""
    if len(line) > MOST_EVENT_BYTES:
        raise MalformedLine("longer than " + str(MOST_EVENT_BYTES) + " bytes")
    if b"\x00" in line:
        raise MalformedLine("holds NUL")
    found = LINE.match(line.decode(errors="backslashreplace"))
    if not found:
        raise MalformedLine("not in Combined or Common format")
    method, target, protocol = _request(found["request"])
    return Hit(
        address=found["address"],
        at=_time(found["at"], latest),
        method=method,
        target=target,
        protocol=protocol,
        status=int(found["status"]),
        size_bytes=None if found["bytes"] == "-" else int(found["bytes"]),
        referrer=_present(found["referrer"]),
        agent=_present(found["agent"]),
    )


def _time(text: str, latest: datetime) -> datetime:
    found = TIME.match(text)
    if not found or found[2] not in MONTHS:
        raise MalformedLine("has no time like 17/May/2015:10:05:03 +0000")
    offset = timedelta(hours=int(found[8]), minutes=int(found[9])) * (-1 if found[7] == "-" else 1)
    day, year, hour, minute, second = (int(found[part]) for part in (1, 3, 4, 5, 6))
    try:
        local = datetime(year, MONTHS[found[2]], day, hour, minute, second, tzinfo=timezone(offset))
        at = local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise MalformedLine("has a time that does not exist") from None
    if year < FIRST_YEAR or at > latest:
        raise MalformedLine("has a time before " + str(FIRST_YEAR) + " or in the future")
    return at


def _request(text: str) -> tuple[str | None, str | None, str | None]:
    """Method, target, protocol; what clients send instead of HTTP is kept as the target."""
    method, _, rest = text.partition(" ")
    target, _, protocol = rest.rpartition(" ")
    if method.isalpha() and method.isupper() and target and protocol.startswith("HTTP/"):
        return method, target, protocol
    return None, _present(text), None


def _present(text: str | None) -> str | None:
    """The text with its quotes unescaped; None for `-` and for nothing."""
    return None if text in (None, "", "-") else text.replace('\\"', '"')
