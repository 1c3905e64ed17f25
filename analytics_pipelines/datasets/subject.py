"""What a plan is about: an upload of the caller's, or a table of the lake; how it is read, and what is known of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from analytics_pipelines.datasets.evidence import ColumnEvidence, ColumnKind

VIEW = "subject"
"""The name by which every compiled question reads the rows."""


class SubjectKind(StrEnum):
    """Where the rows come from."""

    UPLOAD = "upload"
    TABLE = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectColumn:
    """A column that plans may name."""

    name: str
    type: str
    kind: ColumnKind
    evidence: ColumnEvidence | None = None
    """Of uploads only."""
    is_personal: bool = False
    """Who is no admin may count its values, nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a process that knows nothing else reads the rows: databases to attach by name, and a SELECT."""

    query: str
    attached: Mapping[str, str] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    """Files and folders that all this is in: nothing else can be read there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The rows of one dataset as they are now."""

    name: str
    kind: SubjectKind
    columns: tuple[SubjectColumn, ...]
    row_count: int | None
    """None where only reading would tell."""
    fingerprint: str
    """SHA-256 of the upload's Parquet; of a table, its generation and name."""
    generation: str | None = None

    def column(self, name: str) -> SubjectColumn | None:
        """The column of that name, spelt exactly so."""
        return next((each for each in self.columns if each.name == name), None)
