"""How much of the service one caller may have, by rights."""

from dataclasses import dataclass
from enum import StrEnum

from analytics_pipelines.foundation.settings import Settings

ADMIN_WEIGHT = 2


class Rights(StrEnum):
    """What a caller sees: analysts no column that tells of persons, admins all. Part of each cached answer's key."""

    ANALYST = "analyst"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the name that statistics and fairness go by (of the account, or of the service token)."""

    name: str
    rights: Rights


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """The bounds of one caller's queries."""

    weight: int
    """Part of the machine among others who wait."""
    most_queries: int
    """Running and waiting at once."""
    most_rows: int
    """Of an answer as JSON; more is cut off and said to be."""
    most_streamed_rows: int
    """Of an answer as Arrow, CSV or Parquet."""
    timeout_s: float
    longest_timeout_s: float
    export_timeout_s: float
    """Of an export, for which nobody waits."""


def allowance_of(rights: Rights, settings: Settings) -> Allowance:
    """What the settings give callers with these rights."""
    is_admin = rights is Rights.ADMIN
    return Allowance(
        weight=ADMIN_WEIGHT if is_admin else 1,
        most_queries=settings.sql_user_queries * (ADMIN_WEIGHT if is_admin else 1),
        most_rows=settings.sql_max_rows,
        most_streamed_rows=settings.sql_max_streamed_rows,
        timeout_s=settings.query_timeout,
        longest_timeout_s=settings.sql_max_timeout_s if is_admin else settings.query_timeout,
        export_timeout_s=settings.sql_max_timeout_s,
    )
