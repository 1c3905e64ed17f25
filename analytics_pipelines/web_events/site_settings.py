"""What the settings of a site may be; each is checked here, whoever gives it."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TypeGuard
from zoneinfo import available_timezones

from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.web_events.event import MOST_CHARACTERS
from analytics_pipelines.web_events.log_tables import ADDRESS_MODES

MOST_NAME_CHARACTERS = 200
MOST_GAP_S = 86_399
"""A day less a second: with a longer pause the two-day rule of visits would not hold."""
MOST_RETENTION_DAYS = 36_500
MOST_LISTED = 100
MOST_ORIGIN_CHARACTERS = 300
ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
DEFAULT_PORTS = {"http": "80", "https": "443"}
NO_PLACES = {"localtime", "Factory"}
"""Names in the system's list that mean another zone on every machine, or none."""


class BadSiteId(BadInput):
    """The site's id is empty, too long, or can be no part of a URL or of a path."""

    @classmethod
    def of_a_site(cls) -> "BadSiteId":
        """The error in words."""
        return cls(
            "A site's id is printable text without / and \\, and neither . nor .. alone.",
            limit="1 to " + str(MOST_CHARACTERS["site_id"]) + " characters",
        )


class BadSetting(BadInput):
    """A setting of a site has a value that it can not have."""


def is_site_id(text: str) -> bool:
    """Whether the text can be the id of a site."""
    has_length = 0 < len(text) <= MOST_CHARACTERS["site_id"]
    return has_length and text.isprintable() and not {"/", "\\"} & set(text) and text not in {".", ".."}


def checked(settings: Mapping[str, object]) -> dict[str, object]:
    """The settings as they are stored. Raises `BadSetting` that names the first wrong one."""
    unknown = settings.keys() - SETTINGS.keys()
    if unknown:
        raise BadSetting("A site has no " + ", ".join(sorted(unknown)) + ".", remedy="It has " + ", ".join(SETTINGS))
    return {name: SETTINGS[name](value) for name, value in settings.items()}


def _name(value: object) -> str:
    if _is_line(value, MOST_NAME_CHARACTERS) and value.strip() == value:
        return value
    raise BadSetting("A site's name is printable text without blanks around it.", limit=_up_to(MOST_NAME_CHARACTERS))


def _timezone(value: object) -> str:
    if isinstance(value, str) and value in _zones():
        return value
    raise BadSetting("The time zone is not known.", remedy="Give an IANA name like Europe/Berlin.")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - NO_PLACES)


def _gap_limit_s(value: object) -> int:
    if _is_whole(value) and 1 <= value <= MOST_GAP_S:
        return value
    raise BadSetting("gap_limit_s is a whole number of seconds under a day.", limit="1 to " + str(MOST_GAP_S))


def _retention_days(value: object) -> int | None:
    if value is None or (_is_whole(value) and 1 <= value <= MOST_RETENTION_DAYS):
        return value
    limit = "1 to " + str(MOST_RETENTION_DAYS)
    raise BadSetting("retention_days is a whole number of days, or null for as many as the clean-up asks.", limit=limit)


def _address_mode(value: object) -> str:
    if value in ADDRESS_MODES:
        return str(value)
    raise BadSetting("address_mode is one of " + ", ".join(ADDRESS_MODES) + ".")


def _honours_opt_out(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise BadSetting("honours_opt_out is true or false.")


def _allowed_origins(value: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_origin(each) for each in _listed("allowed_origins", value)))


def _origin(value: object) -> str:
    """An origin as browsers write it: in small letters, without the scheme's own port."""
    text = value.lower() if isinstance(value, str) else ""
    if text == "*":
        return text
    if len(text) > MOST_ORIGIN_CHARACTERS or not ORIGIN.fullmatch(text):
        limit = _up_to(MOST_ORIGIN_CHARACTERS)
        raise BadSetting("An origin is * or scheme://host[:port], without a path.", limit=limit)
    port = DEFAULT_PORTS.get(text.partition("://")[0])
    return text.removesuffix(":" + port) if port else text


def _conversion_events(value: object) -> tuple[str, ...]:
    events = _listed("conversion_events", value)
    for each in events:
        if not _is_line(each, MOST_CHARACTERS["event_type"]):
            limit = _up_to(MOST_CHARACTERS["event_type"])
            raise BadSetting("A conversion event is the type of an event: printable text.", limit=limit)
    return tuple(dict.fromkeys(str(each) for each in events))


def _listed(setting: str, value: object) -> list[object]:
    if isinstance(value, list | tuple) and len(value) <= MOST_LISTED:
        return list(value)
    raise BadSetting(setting + " is a list.", limit=str(MOST_LISTED) + " entries")


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_line(value: object, most: int) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= most and value.isprintable()


def _up_to(characters: int) -> str:
    return "1 to " + str(characters) + " characters"


SETTINGS: dict[str, Callable[[object], object]] = {
    "name": _name,
    "timezone": _timezone,
    "gap_limit_s": _gap_limit_s,
    "allowed_origins": _allowed_origins,
    "retention_days": _retention_days,
    "address_mode": _address_mode,
    "honours_opt_out": _honours_opt_out,
    "conversion_events": _conversion_events,
}
"""Every setting that can be given, and what checks it."""
