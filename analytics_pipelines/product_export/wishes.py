"""What is asked to be exported: tables of the source, their form in the lake, and how each is brought there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Mode(StrEnum):
    """How a day's partition comes about."""

    FULL = "full"
    """All rows, as they are when the export runs."""
    INCREMENTAL = "incremental"
    """Rows that changed since the day before, and keys that went; all rows every `full_every_days` days."""
    APPEND = "append"
    """Rows whose `day_column` lies in the UTC day; for tables that only grow."""


class Drift(StrEnum):
    """What becomes of columns that differ from those of the partition before."""

    EVOLVE = "evolve"
    """They are exported as they are now, and the difference is told."""
    FREEZE = "freeze"
    """New columns are left out and told; dropped or changed ones fail."""
    FAIL = "fail"
    """Any difference fails the export before anything is read."""


class Policy(StrEnum):
    """What becomes of a personal column."""

    KEEP = "keep"
    DROP = "drop"
    HMAC = "hmac"
    """HMAC-SHA-256 of its text under `EXPORT_HMAC_KEY`, hexadecimal: equal values stay equal, nobody can guess them."""
    TRUNCATE = "truncate"
    """The first `characters` of its text."""
    GENERALISE = "generalise"
    """Times and days cut to `to` (year, month, day, hour); numbers rounded down to a multiple of `to`."""


@dataclass(frozen=True, slots=True)
class Masking:
    """The policy of one column, with what it needs."""

    policy: Policy
    characters: int | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableWish:
    """One table or view of the source and what is wanted of it."""

    schema: str
    table: str
    name: str
    """In the lake: `raw_app__<name>`."""
    columns: tuple[str, ...] | None = None
    """Only these, in this order; None for all."""
    excluded: tuple[str, ...] = ()
    filter: str | None = None
    """A condition in the source's SQL; rows that do not meet it are not exported."""
    key: tuple[str, ...] | None = None
    """What tells rows apart; None for the primary key, if there is one."""
    mode: Mode = Mode.FULL
    day_column: str | None = None
    full_every_days: int = 7
    late_days: int = 2
    """Of `append`: days before the one asked for that are made anew, for rows that came late."""
    drift: Drift = Drift.EVOLVE
    refuses_unknown_types: bool = False
    types: Mapping[str, str] = field(default_factory=dict)
    """Column to lake type (`text`, `bigint`, `double`…) where the usual one is not wanted."""
    masking: Mapping[str, Masking] = field(default_factory=dict)
    has_whole_file: bool = False
    """Whether `<name>_analytics.parquet` is kept in `PARQUET_DATA_PATH` too."""

    @property
    def lake_name(self) -> str:
        """The table of the lake."""
        return "raw_app__" + self.name

    @property
    def source_name(self) -> str:
        """The table as people name it at the source."""
        return self.schema + "." + self.table


OUT_OF_THE_BOX: tuple[TableWish, ...] = tuple(
    TableWish(schema="product", table=table, name=table, types=types, masking=masking, has_whole_file=True)
    for table, types, masking in (
        ("users", {"id": "bigint"}, {"email": Masking(Policy.KEEP), "full_name": Masking(Policy.KEEP)}),
        ("items", {"id": "bigint", "owner_id": "bigint"}, {}),
    )
)
"""The product's own tables, with the types that the lake has had since the first version."""
