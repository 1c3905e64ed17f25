"""How a table's columns differ from those of the partition before, and what becomes of it by the table's policy."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from analytics_pipelines.foundation.errors import CheckFailed
from analytics_pipelines.product_export.plan import ExportColumn, TablePlan
from analytics_pipelines.product_export.source.described import SourceColumn
from analytics_pipelines.product_export.wishes import Drift, Policy

WIDER: Mapping[str, frozenset[str]] = {
    "smallint": frozenset({"integer", "bigint", "numeric"}),
    "integer": frozenset({"bigint", "numeric"}),
    "bigint": frozenset({"numeric"}),
    "real": frozenset({"double precision"}),
    "character varying": frozenset({"text", "character varying"}),
    "date": frozenset({"timestamp without time zone", "timestamp with time zone"}),
}
"""Types, without their lengths, that hold every value of another."""


class SchemaDrifted(CheckFailed):
    """The source's columns are others than before, and the table's policy does not allow that."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A column of another type than before."""

    name: str
    before: str
    now: str
    is_in_lake: bool
    """Whether its form in the lake changes too; `varchar(10)` and `varchar(20)` are text both."""

    @property
    def told(self) -> str:
        """One line for people."""
        is_wider = _plain(self.now) in WIDER.get(_plain(self.before), ()) and not _sizes(self.now)
        way = "was widened" if is_wider or _is_longer(self) else "was changed"
        return f"{self.name} {way} from {self.before} to {self.now}"


@dataclass(frozen=True, slots=True)
class Drifted:
    """What differs from the partition before."""

    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    """Before and now; in the lake they are two columns."""
    changed: tuple[Changed, ...] = ()
    configured: tuple[str, ...] = ()
    """What we do otherwise with columns that are as they were; no policy forbids it."""

    def __bool__(self) -> bool:
        return bool(self.of_source or self.configured)

    @property
    def of_source(self) -> tuple[str, ...]:
        """What the source does otherwise, a line for each column."""
        return (
            *(f"{column} was added" for column in self.added),
            *(f"{column} was dropped" for column in self.dropped),
            *(f"{before} is called {now} now" for before, now in self.renamed),
            *(change.told for change in self.changed),
        )

    @property
    def told(self) -> tuple[str, ...]:
        """All of it, a line for each column."""
        return (*self.of_source, *self.configured)


def compared(before: Mapping[str, Any], plan: TablePlan) -> Drifted:
    """How the plan differs from `before`, the `source` of the manifest of the newest partition."""
    old = {each["name"]: each for each in before["columns"]}
    new = {each.source.name: each for each in plan.columns}
    at_source = {column.name for column in plan.source.columns}
    gone = [column for column in old if column not in new]
    missing = [column for column in gone if column not in at_source]
    added = [column for column in new if column not in old]
    renamed = _renamed([old[column] for column in missing], [new[column].source for column in added])
    both = [(old[column], new[column]) for column in new if column in old]
    both += [(old[was], new[now]) for was, now in renamed]
    return Drifted(
        added=tuple(_without(added, (now for _, now in renamed))),
        dropped=tuple(_without(missing, (was for was, _ in renamed))),
        renamed=renamed,
        changed=tuple(
            Changed(now.source.name, was["declared"], now.source.declared, was["lake"] != now.lake.type.value)
            for was, now in both
            if was["declared"] != now.source.declared
        ),
        configured=(
            *(f"{column} is left out now" for column in gone if column in at_source),
            *(told for was, now in both if (told := _configured(was, now, plan))),
        ),
    )


def settled(plan: TablePlan, drifted: Drifted) -> TablePlan:
    """The plan as the table's policy has it: as it is, or without new columns.

    Raises `SchemaDrifted` that names table, columns and policy.
    """
    policy = plan.wish.drift
    if policy is Drift.EVOLVE or not drifted.of_source:
        return plan
    changed = any(change.is_in_lake for change in drifted.changed)
    breaks = bool(drifted.dropped or drifted.renamed or changed) or bool({*drifted.added} & {*plan.key})
    if policy is Drift.FAIL or breaks:
        raise SchemaDrifted(
            f"{plan.wish.source_name} is not what it was, and its drift policy is {policy.value}: "
            + "; ".join(drifted.of_source)
            + ".",
            remedy='Give it `drift = "evolve"`, if only for the next export.',
        )
    return _without_added(plan, {*drifted.added})


def _renamed(missing: Iterable[Mapping[str, Any]], added: Iterable[SourceColumn]) -> tuple[tuple[str, str], ...]:
    """Pairs of a column that is missing and one that was added, of one number, which a column keeps for good."""
    now = {column.number: column.name for column in added if column.number}
    return tuple((was["name"], now[was["number"]]) for was in missing if was.get("number") in now)


def _configured(was: Mapping[str, Any], now: ExportColumn, plan: TablePlan) -> str:
    """What the export does otherwise with a column whose type is as it was."""
    column = now.source.name
    masking = plan.wish.masking.get(column)
    policy = masking.policy.value if masking else ""
    if (was["masking"] or Policy.KEEP.value) != (policy or Policy.KEEP.value):
        return f"{column} was masked by {was['masking'] or 'keep'}, now by {policy or 'keep'}"
    if was["declared"] != now.source.declared:
        return ""
    if was["lake"] != now.lake.type.value:
        return f"{column} was {was['lake']} in the lake and is {now.lake.type.value}"
    return f"{column}: {was['note'] or 'exact'} before, now {now.note or 'exact'}" if was["note"] != now.note else ""


def _without_added(plan: TablePlan, added: set[str]) -> TablePlan:
    left_out = {each.lake.name for each in plan.columns if each.source.name in added}
    table = replace(plan.table, columns=tuple(each for each in plan.table.columns if each.name not in left_out))
    columns = tuple(each for each in plan.columns if each.source.name not in added)
    return replace(plan, columns=columns, table=table)


def _without(columns: Iterable[str], others: Iterable[str]) -> list[str]:
    taken = {*others}
    return [column for column in columns if column not in taken]


def _plain(declared: str) -> str:
    return declared.split("(", 1)[0].strip()


def _is_longer(change: Changed) -> bool:
    """Whether both are one type with a length or precision, of which the second is nowhere less."""
    before, now = _sizes(change.before), _sizes(change.now)
    if _plain(change.before) != _plain(change.now) or len(before) > len(now) > 0:
        return False
    if not now:
        return bool(before)
    scale_before, scale_now = (*before, 0)[1], (*now, 0)[1]
    return bool(before) and scale_now >= scale_before and now[0] - scale_now >= before[0] - scale_before


def _sizes(declared: str) -> tuple[int, ...]:
    inside = declared.partition("(")[2].partition(")")[0]
    return tuple(int(size) for size in inside.split(",")) if inside.replace(",", "").isdigit() else ()
