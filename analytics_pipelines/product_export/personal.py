"""Columns that look as if they told who somebody is; by their names and types, never by their content."""

import re
from collections.abc import Mapping

from analytics_pipelines.product_export.source.described import SourceColumn

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
ADDRESS_TYPES = {"inet", "cidr", "macaddr", "macaddr8"}
TELLS_NOTHING = {"bool", "interval", "float4", "float8", "timetz", "time"}
DAY_TYPES = {"date", "timestamp", "timestamptz"}
ABOUT = {
    *("count", "hash", "verified", "confirmed", "enabled", "template", "type", "kind", "status", "id", "provider"),
    *("domain", "sent", "opened", "validated", "format", "version", "length", "size", "limit"),
}
"""Words after which a column is about such a thing and is none: `email_template`, `phone_count`."""

KINDS: Mapping[str, tuple[str, ...]] = {
    "an e-mail address": ("email", "e mail", "mail address", "emailaddress"),
    "a telephone number": ("phone", "telephone", "mobile", "cellphone", "fax", "msisdn"),
    "a person's name": (
        *("first name", "last name", "full name", "given name", "family name", "middle name", "maiden name"),
        *("firstname", "lastname", "fullname", "surname", "forename", "nickname", "display name"),
        *("person name", "customer name", "contact name", "employee name", "user name", "username", "login"),
    ),
    "an address": ("street", "address", "postcode", "postal code", "zip", "zip code", "zipcode"),
    "a network address": ("ip", "ip address", "ipaddress", "ipv4", "ipv6", "remote addr", "mac address"),
    "a device or browser": ("user agent", "useragent", "device id", "idfa", "gaid", "imei", "imsi"),
    "a date of birth": ("birth", "birthday", "birthdate", "dob", "born"),
    "an official number": (
        *("ssn", "social security", "passport", "national id", "tax id", "tax number", "vat number"),
        *("driver license", "driving licence", "license plate", "insurance number"),
    ),
    "a bank account or card": ("iban", "bic", "card number", "credit card", "account number", "cvv", "cvc"),
    "a secret": ("password", "passwd", "pwd", "secret", "api key", "token", "pin", "otp"),
    "a place": ("latitude", "longitude", "geolocation", "gps"),
    "a sensitive trait": ("gender", "sex", "religion", "ethnicity", "nationality", "diagnosis", "blood type"),
}
_NUMBERS = {"a telephone number", "an official number", "a bank account or card", "a secret", "a place"}


def looks_personal(column: SourceColumn) -> str | None:
    """What the column seems to hold, e.g. `an e-mail address`; None where nothing points to a person.

    A guess, meant to be answered by a policy (`keep` is one): names in other languages are not known.
    """
    return sounds_personal(column.name, column.type_name)


def sounds_personal(name: str, type_name: str) -> str | None:
    """The same of a name and PostgreSQL's short name of a type, e.g. `int8`."""
    if type_name in ADDRESS_TYPES:
        return "a network address"
    kind = _kind_of([word.lower() for word in WORD.findall(name)])
    return kind if kind and _can_hold(type_name, kind) else None


def _kind_of(words: list[str]) -> str | None:
    told = " ".join(words)
    for kind, phrases in KINDS.items():
        for phrase in phrases:
            found = re.search(r"(?:^| )" + phrase + r"(?:e?s)?(?: (?P<after>.*))?$", told)
            harmless = ABOUT - {"hash"} if kind == "a secret" else ABOUT
            if found and not harmless & set((found["after"] or "").split()):
                return kind
    return None


def _can_hold(type_name: str, kind: str) -> bool:
    """Whether values of the type can be such a thing: a boolean tells no address, a time no telephone number."""
    if kind == "a place":
        return True
    if type_name in TELLS_NOTHING:
        return False
    if type_name in DAY_TYPES:
        return kind == "a date of birth"
    is_number = type_name in {"int2", "int4", "int8", "numeric", "oid", "money"}
    return not is_number or kind in _NUMBERS
