"""`generation.json`: what a generation holds, with paths relative to its folder, so that the folder can move."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.foundation.united import Schema

FILE_NAME = "generation.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDescription:
    """A column as its table declares it."""

    name: str
    type: str
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionFile:
    """One day of a table; `path` is None for a native table, whose rows are in the room's DuckDB file."""

    day: date
    rows: int
    size_bytes: int
    """Of the Parquet file."""
    sha256: str
    path: str | None = None
    form: int = 0
    """Of a table with `forms`: which of them the file has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFiles:
    """One table: what it is and where each of its days lies."""

    name: str
    room: str
    grain: str
    partition: str
    version: str
    is_native: bool
    columns: tuple[ColumnDescription, ...]
    partitions: tuple[PartitionFile, ...]
    forms: tuple[Schema, ...] = ()
    """Columns and types of the files, where days differ in them; empty where all are as `columns` says."""
    personal: tuple[str, ...] | None = None
    """Columns that tell of persons; None in generations of versions that did not say."""

    @property
    def rows(self) -> int:
        """Rows of all days."""
        return sum(each.rows for each in self.partitions)

    @property
    def size_bytes(self) -> int:
        """Size of all days' Parquet."""
        return sum(each.size_bytes for each in self.partitions)

    @property
    def first_day(self) -> date | None:
        """The oldest day, None without any."""
        return self.partitions[0].day if self.partitions else None

    @property
    def last_day(self) -> date | None:
        """The newest day, None without any."""
        return self.partitions[-1].day if self.partitions else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HotTableRows:
    """A hot table: it has no days and no Parquet, all its rows are in the room's DuckDB file."""

    name: str
    room: str
    grain: str
    made_for: str
    """What its rows are taken from, e.g. the newest snapshot of each share."""
    version: str
    columns: tuple[ColumnDescription, ...]
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFile:
    """A room's DuckDB file of native and hot tables, and the hash of all that it was made of."""

    room: str
    path: str
    inputs_sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One generation; `inputs_sha256` is the hash that its id begins."""

    id: str
    inputs_sha256: str
    engine: str
    built_at: datetime
    rooms: tuple[RoomFile, ...]
    tables: tuple[TableFiles, ...]
    hot: tuple[HotTableRows, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names under which a lease reads it: lake tables, then hot tables."""
        return tuple(each.name for each in self.tables) + tuple(each.name for each in self.hot)

    def room_file(self, room: str) -> RoomFile | None:
        """The native file of a room; None for a room without native and hot tables."""
        return next((each for each in self.rooms if each.room == room), None)

    def to_json(self) -> bytes:
        """The text of `generation.json`, with the sums that its readers would compute."""
        content = asdict(self)
        for table, shown in zip(self.tables, content["tables"], strict=True):
            shown.update(
                rows=table.rows, size_bytes=table.size_bytes, first_day=table.first_day, last_day=table.last_day
            )
            if not table.forms:
                _forget_forms(shown)
        return json.dumps(content, default=_as_text, indent=1).encode() + b"\n"


def described_columns(table: Table) -> tuple[ColumnDescription, ...]:
    """The columns of a declaration."""
    return tuple(
        ColumnDescription(name=each.name, type=each.type.value, unit=each.unit, meaning=each.meaning)
        for each in table.columns
    )


def read_generation(folder: Path) -> Generation:
    """What a published generation holds; raises `FileNotFoundError` when it was swept."""
    content: dict[str, Any] = json.loads((folder / FILE_NAME).read_bytes())
    return Generation(
        id=content["id"],
        inputs_sha256=content["inputs_sha256"],
        engine=content["engine"],
        built_at=datetime.fromisoformat(content["built_at"]),
        rooms=tuple(RoomFile(**each) for each in content["rooms"]),
        tables=tuple(_table(each) for each in content["tables"]),
        hot=tuple(_hot(each) for each in content.get("hot", ())),
    )


def _forget_forms(shown: dict[str, Any]) -> None:
    """Say nothing of forms where there is one; processes of the version before know none."""
    del shown["forms"]
    for partition in shown["partitions"]:
        del partition["form"]


def _table(content: dict[str, Any]) -> TableFiles:
    return TableFiles(
        name=content["name"],
        room=content["room"],
        grain=content["grain"],
        partition=content["partition"],
        version=content["version"],
        is_native=content["is_native"],
        columns=tuple(ColumnDescription(**each) for each in content["columns"]),
        partitions=tuple(_partition(each) for each in content["partitions"]),
        forms=tuple(tuple((column, kind) for column, kind in form) for form in content.get("forms", ())),
        personal=None if (personal := content.get("personal")) is None else tuple(personal),
    )


def _hot(content: dict[str, Any]) -> HotTableRows:
    return HotTableRows(**{**content, "columns": tuple(ColumnDescription(**each) for each in content["columns"])})


def _partition(content: dict[str, Any]) -> PartitionFile:
    return PartitionFile(**{**content, "day": date.fromisoformat(content["day"])})


def _as_text(value: date | datetime) -> str:
    return value.isoformat()
