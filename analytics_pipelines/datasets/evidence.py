"""What is known of a column before anybody asks of it: its kind, and the evidence for it."""

from dataclasses import dataclass
from enum import StrEnum

Extreme = int | float | str | bool | None


class ColumnKind(StrEnum):
    """What plans may do with a column; also what clients see as its type."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TEXT = "text"
    OTHER = "other"

    @property
    def is_numeric(self) -> bool:
        """Whether one can calculate with it."""
        return self in {ColumnKind.INTEGER, ColumnKind.NUMBER}

    @property
    def is_temporal(self) -> bool:
        """Whether it places a row in time."""
        return self in {ColumnKind.DATE, ColumnKind.TIMESTAMP}


KINDS = {
    "BOOLEAN": ColumnKind.BOOLEAN,
    "DATE": ColumnKind.DATE,
    "VARCHAR": ColumnKind.TEXT,
    "DOUBLE": ColumnKind.NUMBER,
    "FLOAT": ColumnKind.NUMBER,
    "TIMESTAMP": ColumnKind.TIMESTAMP,
    "TIMESTAMP WITH TIME ZONE": ColumnKind.TIMESTAMP,
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"), ColumnKind.INTEGER),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"), ColumnKind.INTEGER),
}


def kind_of(duckdb_type: str) -> ColumnKind:
    """The kind of a column of that type, as DuckDB spells it."""
    if duckdb_type.startswith("DECIMAL"):
        return ColumnKind.NUMBER
    return KINDS.get(duckdb_type, ColumnKind.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnEvidence:
    """One column of an upload, counted over all of its rows; extremes, examples and moments leave nulls out."""

    name: str
    kind: ColumnKind
    type: str
    """As DuckDB spells it; what the Parquet holds."""
    nulls: int
    distinct: int
    least: Extreme = None
    """Numbers as they are; days and times in ISO 8601; text cut to 100 characters."""
    most: Extreme = None
    examples: tuple[str, ...] = ()
    mean: float | None = None
    form: str | None = None
    """How values were written where that had to be recognised: `%d.%m.%Y`, `1.234,5`…"""
    reason: str = ""
    """Why the column has this kind and not a narrower one: "3 of 1,000 values are no numbers, first in line 17"."""
    spacing_s: float | None = None
    """Median distance between successive different times, in seconds."""
    gaps: int | None = None
    """Places where successive times lie more than 1.5 times `spacing_s` apart."""
    collinear_with: tuple[str, ...] = ()
    """Other numeric columns of which this one is nearly a multiple (|r| above 0.98)."""
