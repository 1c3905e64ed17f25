"""The moment of the source that a run copies: PostgreSQL's snapshot with all that tells it from another server's."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One snapshot; kept in manifests, so that the next run knows what it has seen."""

    snapshot: str
    """`pg_current_snapshot()`: xmin:xmax:xip_list, transaction numbers of 64 bits."""
    system_identifier: str
    """Of the cluster; another one's transaction numbers mean nothing here."""
    database_oid: int
    timeline: int
    server_version: int
    """E.g. 180004."""
    taken_at: datetime

    @property
    def xmin(self) -> int:
        """Every transaction below has ended."""
        return int(self.snapshot.split(":")[0])

    @property
    def xmax(self) -> int:
        """No transaction from here on had begun."""
        return int(self.snapshot.split(":")[1])

    def as_json(self) -> dict[str, Any]:
        """As a manifest keeps it."""
        return asdict(self) | {"taken_at": self.taken_at.isoformat()}

    @staticmethod
    def of_json(kept: Mapping[str, Any]) -> "Moment":
        """What `as_json` gave."""
        return Moment(**{**kept, "taken_at": datetime.fromisoformat(kept["taken_at"])})
