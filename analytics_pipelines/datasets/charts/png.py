"""A specification of ours as PNG; nothing is fetched, and what could be fetched is refused."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import orjson

from analytics_pipelines.foundation.errors import BadInput, LimitExceeded

SCALE = 1.5
MOST_BYTES = 4_000_000
FETCHING = {"url", "href"}


class FetchingChart(BadInput):
    """The specification names something outside of itself."""

    title: ClassVar[str] = "The chart may fetch nothing"


class ChartTooLarge(LimitExceeded):
    """The specification is larger than what is drawn here."""

    title: ClassVar[str] = "The chart is too large"


def png_of(specification: Mapping[str, Any]) -> bytes:
    """The picture, 1.5 pixels a unit. Raises `FetchingChart` and `ChartTooLarge`."""
    import vl_convert  # noqa: PLC0415 - it is large, and most requests draw nothing

    if any(_names_something_outside(part) for part in _parts(specification)):
        raise FetchingChart("The chart names a URL.", remedy="Give its data inline.")
    written = orjson.dumps(specification)
    if len(written) > MOST_BYTES:
        raise ChartTooLarge("The chart holds too much to be drawn.", limit=f"{MOST_BYTES:,} bytes")
    png: bytes = vl_convert.vegalite_to_png(written.decode(), scale=SCALE, allowed_base_urls=[])
    return png


def _parts(value: object) -> Iterator[Mapping[str, Any]]:
    """All objects of the specification, however deep."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Mapping):
            yield each
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)


def _names_something_outside(part: Mapping[str, Any]) -> bool:
    return bool(FETCHING & part.keys()) or part.get("mark") == "image" or part.get("type") == "image"
