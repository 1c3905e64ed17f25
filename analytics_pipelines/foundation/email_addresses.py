"""The one form in which we keep e-mail addresses of our own, so that those of two rooms can be compared."""

import re
import unicodedata

from analytics_pipelines.foundation.errors import BadInput

MOST_CHARACTERS = 254
SHAPE = re.compile(r"[^@\s]+@[^@\s]+")


class BadEmail(BadInput):
    """What was given is no e-mail address."""


def normal(address: str) -> str:
    """The address without blanks around it, in lower case, its letters composed (NFC); raises `BadEmail`.

    Only what every address has is asked for, one `@` within printable text: the rest is known to its mail server
    alone (RFC 5321, section 2.3.11).
    """
    found = unicodedata.normalize("NFC", address.strip().lower())
    if not (SHAPE.fullmatch(found) and found.isprintable() and len(found) <= MOST_CHARACTERS):
        raise BadEmail(
            "This is no e-mail address.",
            limit="name@domain of at most " + str(MOST_CHARACTERS) + " printable characters",
        )
    return found
