"""What a run of the export tells while it works, and what came of it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from analytics_pipelines.foundation.errors import CheckFailed
from analytics_pipelines.foundation.lake import Manifest, Verdict
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.product_export.source.moment import Moment
from analytics_pipelines.product_export.wishes import Mode

BASE, CHANGES = "base", "changes"


class Watch(Protocol):
    """Who wants to know how far a run has come; called from several threads."""

    def begins(self, table: str, estimated_rows: int) -> None:
        """A table is about to be read; the estimate is PostgreSQL's and may be far off."""
        ...

    def advances(self, table: str, rows: int, size_bytes: int) -> None:
        """So many more rows, and bytes of Parquet, were written."""
        ...

    def ends(self, table: str) -> None:
        """All rows of the table are written and compared with the source."""
        ...


class Nobody:
    """A watch that nobody looks at."""

    def begins(self, table: str, estimated_rows: int) -> None:
        """Nothing happens."""

    def advances(self, table: str, rows: int, size_bytes: int) -> None:
        """Nothing happens."""

    def ends(self, table: str) -> None:
        """Nothing happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """One partition that a run made."""

    table: Table
    manifest: Manifest
    mode: Mode
    kind: str
    """`base`: all rows, or all of the day; `changes`: what differs from the partition before."""
    reason: str = ""
    """Why an incremental table was copied as a whole; empty otherwise."""
    deleted: int = 0
    """Rows among them that only say that a key is gone."""
    duration_s: float
    drift: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()

    @property
    def day(self) -> date:
        """The partition."""
        return self.manifest.day

    @property
    def rows(self) -> int:
        """Rows of the partition."""
        return self.manifest.rows

    @property
    def size_bytes(self) -> int:
        """Bytes of its Parquet."""
        return self.manifest.size_bytes


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A partition that was asked for and not touched."""

    table: str
    day: date
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """One run: of which moment, what was made of it, and what was left as it is."""

    moment: Moment | None = None
    """None where there was nothing to make, and the source was not asked."""
    exported: tuple[Exported, ...] = ()
    left_alone: tuple[LeftAlone, ...] = ()
    whole_files: tuple[str, ...] = ()
    """Names of the files that were replaced in `PARQUET_DATA_PATH`."""


@dataclass(frozen=True, slots=True)
class Offence:
    """A table that was refused, and what broke which rule."""

    table: str
    day: date
    verdicts: tuple[Verdict, ...] = field(default_factory=tuple)


class ExportRefused(CheckFailed):
    """What was copied differs from the source or breaks a table's rules; nothing of the run was published."""

    def __init__(self, offences: tuple[Offence, ...]) -> None:
        told = "; ".join(_told(offence) for offence in offences)
        super().__init__("Nothing was published: " + told + ".", remedy="The lake is as it was. Run it again.")
        self.offences = offences


def _told(offence: Offence) -> str:
    broken = [verdict for verdict in offence.verdicts if not verdict.passed]
    rules = "; ".join(verdict.rule + " (" + ", ".join(verdict.offenders) + ")" for verdict in broken)
    return f"{offence.table} of {offence.day}: {rules}"
