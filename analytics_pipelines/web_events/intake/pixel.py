"""An event in the parameters of an address, as the pixel sends it."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from analytics_pipelines.web_events.event import Rejected
from analytics_pipelines.web_events.intake.read_event import Given
from analytics_pipelines.web_events.intake.read_json import must_be_storable, read_carefully

UTM = "utm_"
GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
"""One transparent pixel, 43 bytes."""


def pixel_event(query: bytes, page: str | None) -> Given:
    """The event with the names of `POST /collect`; `utm_*` becomes its campaign, `page` its url where none is given.

    Values that begin like a JSON object are read as one; all others are text.
    """
    pairs = dict(parse_qsl(query.decode("utf-8", "replace"), keep_blank_values=True))
    content: dict[str, object] = {name: _value(text) for name, text in pairs.items() if not name.startswith(UTM)}
    campaign = {name.removeprefix(UTM): text for name, text in pairs.items() if name.startswith(UTM) and text}
    if campaign:
        content["attribution"] = _with_campaign(content.get("attribution"), campaign)
    if page and not content.get("url"):
        content["url"] = page
    try:
        must_be_storable(content)
    except Rejected as rejected:
        return Given(content, rejected=rejected)
    return Given(content)


def _with_campaign(attribution: object, campaign: Mapping[str, str]) -> dict[str, object]:
    given = attribution if isinstance(attribution, dict) else {}
    params = given.get("utmParams")
    return {**given, "utmParams": {**(params if isinstance(params, dict) else {}), **campaign}}


def _value(text: str) -> object:
    """What looks like JSON and is none, or none of ours, stays text."""
    if not text.startswith("{"):
        return text
    try:
        return read_carefully(text.encode())
    except Rejected:
        return text
