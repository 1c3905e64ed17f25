"""What each caller sees of a generation: tables under their names, and which of their columns."""

from collections.abc import Mapping
from dataclasses import dataclass

from analytics_pipelines.foundation.generation.description import Generation, TableFiles
from analytics_pipelines.sql_service.allowance import Rights


@dataclass(frozen=True, slots=True)
class Shown:
    """The tables that somebody may name."""

    columns: Mapping[str, tuple[str, ...]]
    """By table, in the table's order."""
    hidden: Mapping[str, tuple[str, ...]]
    """By table, those that are there and not for them."""


def shown_to(rights: Rights, generation: Generation) -> Shown:
    """Admins see all lake tables; analysts no column that tells of persons, and no table that does not say which do."""
    columns: dict[str, tuple[str, ...]] = {}
    hidden: dict[str, tuple[str, ...]] = {}
    for table in generation.tables:
        personal = _personal(rights, table)
        if personal is None:
            continue
        kept = tuple(each.name for each in table.columns if each.name not in personal)
        if kept:
            columns[table.name] = kept
            hidden[table.name] = tuple(personal)
    return Shown(columns, hidden)


def _personal(rights: Rights, table: TableFiles) -> tuple[str, ...] | None:
    return () if rights is Rights.ADMIN else table.personal
