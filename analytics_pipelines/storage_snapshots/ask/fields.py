"""What entries can be filtered and sorted by: the names of the door, what each is, and how rows give it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from analytics_pipelines.foundation.bound import Bound
from analytics_pipelines.foundation.sql import Sql, joined, literal, name
from analytics_pipelines.foundation.tables import ColumnType, Type
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen
from analytics_pipelines.storage_snapshots.ask.entry_json import ENTRY_COLUMNS
from analytics_pipelines.storage_snapshots.tables import AGE_BANDS, ENTRIES, TYPES

DAY_S = 86_400
BANDS = tuple(band for band, _ in AGE_BANDS)
AGES = {"mtime": "modified_at", "atime": "accessed_at"}
PARENT = Sql("CASE WHEN {path} LIKE '/_%' THEN coalesce(nullif(regexp_replace({path}, '/[^/]*$', ''), ''), '/') END")


class Kind(StrEnum):
    """What values of a field are."""

    TEXT = "text"
    INTEGER = "integer"
    BYTES = "bytes"
    BITS = "bits"
    DAYS = "days"
    TIME = "time"
    FLAG = "flag"


PYTHON: Mapping[Kind, type] = {
    Kind.TEXT: str,
    Kind.INTEGER: int,
    Kind.BYTES: int,
    Kind.BITS: int,
    Kind.DAYS: float,
    Kind.TIME: datetime,
    Kind.FLAG: bool,
}


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that entries have; `one_of` where only few texts are possible."""

    name: str
    kind: Kind
    one_of: tuple[str, ...] = ()


def _kind(shown: str, column: str) -> Kind:
    if shown in {"size", "size_du"}:
        return Kind.BYTES
    if shown == "mode":
        return Kind.BITS
    declared = next(each.type for each in ENTRIES.columns if each.name == column)
    kinds: dict[ColumnType, Kind] = {Type.TEXT: Kind.TEXT, Type.TIMESTAMP: Kind.TIME}
    return kinds.get(declared, Kind.INTEGER)


FIELDS: Mapping[str, Field] = {
    each.name: each
    for each in (
        *(
            Field(shown, _kind(shown, column), TYPES if shown == "type" else ())
            for shown, column in ENTRY_COLUMNS.items()
            if shown != "date"
        ),
        Field("parent", Kind.TEXT),
        Field("hash", Kind.TEXT),
        Field("has_error", Kind.FLAG),
        *(Field(time + "_age", Kind.DAYS) for time in AGES),
        *(Field(time + "_band", Kind.TEXT, BANDS) for time in AGES),
    )
}
"""By name. Ages are days before the snapshot's own time, bands those of the folders' sums."""


def expression(field: Field, these: Chosen, bound: Bound) -> Sql:
    """The field's value in a row of entries of these snapshots."""
    match field.name:
        case "parent":
            return PARENT.fill(path=name("path"))
        case "hash":
            return name("content_hash")
        case "has_error":
            return Sql("(error IS NOT NULL)")
    time, _, measure = field.name.partition("_")
    if measure == "age" and time in AGES:
        return _age(AGES[time], these, bound)
    if measure == "band" and time in AGES:
        return _band(_age(AGES[time], these, bound))
    return name(ENTRY_COLUMNS[field.name])


def _age(column: str, these: Chosen, bound: Bound) -> Sql:
    taken = Sql("WHEN share = {share} AND snapshot_date = {day} THEN {taken_at}")
    cases = joined(
        (
            taken.fill(share=bound.bind(each.share), day=bound.bind(each.day), taken_at=bound.bind(each.taken_at))
            for each in these.snapshots
        ),
        " ",
    )
    text = Sql("((epoch(CASE {cases} END) - epoch({column})) / {day_s})")
    return text.fill(cases=cases, column=name(column), day_s=Sql(str(float(DAY_S))))


def _band(age: Sql) -> Sql:
    upper = Sql("WHEN {age} < {days} THEN {band}")
    cases = joined(
        (upper.fill(age=age, days=Sql(str(days)), band=literal(band)) for band, days in AGE_BANDS if days is not None),
        " ",
    )
    return Sql("(CASE WHEN {age} IS NULL THEN 'unknown' {cases} ELSE 'older' END)").fill(age=age, cases=cases)
