"""What a request says that its plan is about."""

from dataclasses import dataclass
from typing import Any

from analytics_pipelines.foundation.errors import BadInput

MOST_CHARACTERS = 200
REMEDY = 'Send {"session_id": …, "plan": …} for an upload, {"table": …, "plan": …} for a table of the lake.'


class NothingNamed(BadInput):
    """The request does not say what its plan is about."""


class TwoNamed(BadInput):
    """The request names an upload and a table."""


@dataclass(frozen=True, slots=True)
class Named:
    """Either of both."""

    session_id: str | None
    table: str | None


def named(sent: Any) -> Named:
    """The upload or the table; raises `NothingNamed`, `TwoNamed`."""
    session_id, table = (_text(sent, key) for key in ("session_id", "table"))
    if session_id is None and table is None:
        raise NothingNamed("The request names neither an upload nor a table.", remedy=REMEDY)
    if session_id is not None and table is not None:
        raise TwoNamed("The request names an upload and a table.", remedy=REMEDY)
    return Named(session_id, table)


def _text(sent: Any, key: str) -> str | None:
    found = sent.get(key) if isinstance(sent, dict) else None
    if found is None:
        return None
    if not isinstance(found, str) or len(found) > MOST_CHARACTERS:
        limit = "a text of at most " + str(MOST_CHARACTERS) + " characters"
        raise NothingNamed(f"{key} is no name.", limit=limit, remedy=REMEDY)
    return found
