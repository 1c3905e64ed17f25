"""The command that shows which tables there are: catalog."""

from typing import Annotated

import typer

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.cli.output import console, table
from analytics_pipelines.dashboard.words import human_bytes
from analytics_pipelines.foundation.errors import NotFound
from analytics_pipelines.foundation.generation import GenerationFolders
from analytics_pipelines.foundation.generation.description import read_generation
from analytics_pipelines.foundation.settings import Settings, load
from analytics_pipelines.sql_service.catalog import CatalogTable, catalog_page, declared, published
from analytics_pipelines.sql_service.gate.names import near_table

TABLE_COLUMNS = ("table", "room", "one row is", "rows", "size", "days", "first day", "last day")
COLUMN_COLUMNS = ("column", "type", "unit", "personal", "meaning")


class NoSuchTable(NotFound):
    """No table of that name is declared or published."""


def catalog(
    name: Annotated[str | None, typer.Argument(metavar="TABLE", help="Show the columns of this one.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="The text of docs/catalog.md.")] = False,
) -> None:
    """Show every table with its rows and days, or one with its columns."""
    if markdown:
        typer.echo(catalog_page(TABLES), nl=False)
        return
    found = _found(load())
    if name is None:
        console.print(table("Tables", TABLE_COLUMNS, [_cells(each) for each in found.values()], right=("rows", "size")))
        return
    if name not in found:
        meant = near_table(name, tuple(found))
        raise NoSuchTable(f"There is no table {name!r}.", remedy=meant + "`analytics catalog` lists them.")
    _show_columns(found[name])


def _found(settings: Settings) -> dict[str, CatalogTable]:
    """Declared tables, as they are published where they are, and those that exports have added."""
    folders = GenerationFolders.of(settings.home)
    current = folders.current_id()
    served = published(read_generation(folders.folder(current))) if current else []
    return {each.name: each for each in (*declared(TABLES), *served)}


def _cells(each: CatalogTable) -> tuple[str, ...]:
    days = each.partitions
    size = human_bytes(each.size_bytes) if days.count else ""
    first, last = (str(day) if day else "" for day in (days.first_date, days.last_date))
    return each.name, each.room, each.grain, f"{each.rows:,}", size, str(days.count), first, last


def _show_columns(each: CatalogTable) -> None:
    console.print(f"{each.name}: {each.grain}; partition: {each.partition}.", highlight=False, markup=False)
    rows = [(of.name, of.type, of.unit, "yes" if of.is_personal else "", of.meaning) for of in each.columns]
    console.print(table("", COLUMN_COLUMNS, rows))
