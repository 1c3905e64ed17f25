"""Where a visitor came from: source, medium, campaign, and the default channel group of Google Analytics 4.

Told from campaign parameters, click ids and the referrer's host, in this order. The channels and their order are
those of https://support.google.com/analytics/answer/9756891 with the assistants' channel of May 2026.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl

from analytics_pipelines.web_events.enrich.referrers import known_referrer, plain_host

MOST_REMEMBERED = 100_000
MOST_CHARACTERS = 255
DIRECT = "direct"
CLICKS = {
    "gclid": ("google", "cpc"),
    "gbraid": ("google", "cpc"),
    "wbraid": ("google", "cpc"),
    "dclid": ("google", "display"),
    "msclkid": ("bing", "cpc"),
    "yclid": ("yandex", "cpc"),
    "ttclid": ("tiktok", "paid_social"),
    "twclid": ("twitter", "paid_social"),
    "li_fat_id": ("linkedin", "paid_social"),
    "rdt_cid": ("reddit", "paid_social"),
    "sccid": ("snapchat", "paid_social"),
    "epik": ("pinterest", "paid_social"),
    "fbclid": ("facebook", "social"),
}
"""Parameters that advertisers' networks add to a link, the surest first; Facebook's stands on every link from there."""
PAID = re.compile(r".*cp.*|ppc|retargeting|paid.*")
SHOPPING_CAMPAIGN = re.compile(r".*(([^a-df-z]|^)shop|shopping).*")
NO_MEDIUM = ("", "(none)", "(not set)")
DISPLAY = ("display", "banner", "expandable", "interstitial", "cpm")
SOCIAL = ("social", "social-network", "social-media", "sm", "social network", "social media")
EMAIL = ("email", "e-mail", "e_mail", "e mail")
ASSISTANT = "ai-assistant"
REFERRAL = "referral"
PAID_KINDS = {"search": "Paid Search", "social": "Paid Social", "video": "Paid Video"}


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a visitor came; medium and campaign are None where nothing tells them."""

    source: str
    medium: str | None
    campaign: str | None
    channel: str


@lru_cache(MOST_REMEMBERED)
def describe_arrival(utm: str, utm_query: str, clicks: str, referrer_host: str, is_internal: bool) -> Arrival:
    """How a visitor came; empty texts stand for what is not there.

    `utm` is a JSON object of the client's campaign parameters, `utm_query` those of the address, `clicks` the names
    of click ids in it with commas between; a referrer `is_internal` that is a page of the same site.
    """
    given = _from_query(utm_query) | _from_payload(utm)
    source, medium = given.get("source"), given.get("medium")
    if source is None:
        source, implied = _implied(clicks, "" if is_internal else referrer_host)
        medium = medium or implied
    elif medium is None:
        medium = _implied_by_source(source, clicks)
    campaign = given.get("campaign")
    return Arrival(source, medium, campaign, channel_of(source, medium, campaign))


def channel_of(source: str, medium: str | None, campaign: str | None) -> str:
    """The default channel group: the first rule that holds, in the documented order."""
    from_where, how, what = source.lower(), (medium or "").lower(), (campaign or "").lower()
    if from_where in {DIRECT, "(direct)"} and how in NO_MEDIUM:
        return "Direct"
    if "cross-network" in what:
        return "Cross-network"
    known = known_referrer(from_where)
    kind = known.kind if known else ""
    is_shopping = kind == "shopping" or bool(SHOPPING_CAMPAIGN.fullmatch(what))
    return _paid(kind, how, is_shopping=is_shopping) or _earned(from_where, kind, how, is_shopping=is_shopping)


def _paid(kind: str, how: str, *, is_shopping: bool) -> str | None:
    if PAID.fullmatch(how):
        if is_shopping:
            return "Paid Shopping"
        if kind in PAID_KINDS:
            return PAID_KINDS[kind]
    if how in DISPLAY:
        return "Display"
    return "Paid Other" if PAID.fullmatch(how) else None


def _earned(from_where: str, kind: str, how: str, *, is_shopping: bool) -> str:
    rules = (
        ("AI Assistant", how == ASSISTANT),
        ("Organic Shopping", is_shopping),
        ("Organic Social", kind == "social" or how in SOCIAL),
        ("Organic Video", kind == "video" or "video" in how),
        ("Organic Search", kind == "search" or how == "organic"),
        ("Referral", how in {REFERRAL, "app", "link"}),
        ("Email", from_where in EMAIL or how in EMAIL),
        ("Affiliates", how == "affiliate"),
        ("Audio", how == "audio"),
        ("SMS", "sms" in {from_where, how}),
        ("Mobile Push Notifications", _is_push(from_where, how)),
    )
    return next((channel for channel, holds in rules if holds), "Unassigned")


def _is_push(from_where: str, how: str) -> bool:
    return how.endswith("push") or "mobile" in how or "notification" in how or from_where == "firebase"


def _implied(clicks: str, referrer_host: str) -> tuple[str, str | None]:
    """Source and medium where no campaign names the source."""
    for click, implied in CLICKS.items():
        if click in clicks.split(","):
            return implied
    if not referrer_host:
        return DIRECT, None
    known = known_referrer(referrer_host)
    if known is None:
        return plain_host(referrer_host), REFERRAL
    return known.name, {"search": "organic", "assistant": ASSISTANT}.get(known.kind, REFERRAL)


def _implied_by_source(source: str, clicks: str) -> str | None:
    """The medium where a campaign names the source alone: a click id tells, and assistants name no more."""
    known = known_referrer(source)
    for click, (name, medium) in CLICKS.items():
        if click in clicks.split(",") and known is not None and known.name == name:
            return medium
    return ASSISTANT if known is not None and known.kind == "assistant" else None


def _from_payload(utm: str) -> dict[str, str]:
    """The client's parameters, spelt with or without `utm_`."""
    try:
        content = json.loads(utm) if utm else {}
    except ValueError:
        return {}
    if not isinstance(content, dict):
        return {}
    return _named({str(name): value for name, value in content.items() if isinstance(value, str | int | float)})


def _from_query(query: str) -> dict[str, str]:
    try:
        return _named(dict(reversed(parse_qsl(query, max_num_fields=100))))
    except ValueError:
        return {}


def _named(given: Mapping[str, object]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ("source", "medium", "campaign"):
        for spelling in (name, "utm_" + name):
            text = _line(str(given.get(spelling, "")))
            if text:
                found[name] = text
    return found


def _line(text: str) -> str:
    """Printable text on one line; addresses can hold escapes of anything."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:MOST_CHARACTERS]
