"""Commands about DuckDB's extensions: extension install, extension list."""

from typing import Annotated

import typer

from analytics_pipelines.cli.output import console, table
from analytics_pipelines.foundation.settings import load
from analytics_pipelines.sql_service.extensions import Extension, extensions
from analytics_pipelines.sql_service.extensions import install as download

COLUMNS = ("name", "version", "state", "description")


def install(name: Annotated[str, typer.Argument(help="As `analytics extension list` shows it.")]) -> None:
    """Download one of DuckDB's extensions, signed by DuckDB; SQL_EXTENSIONS then lets queries use it."""
    installed = download(load(), name)
    console.print(installed.name + " " + installed.version + ": " + state_of(installed), highlight=False)
    if not installed.is_enabled:
        console.print(
            "Add it to SQL_EXTENSIONS and start the SQL service again; queries can use it then.", highlight=False
        )


def list_extensions() -> None:
    """Show which extensions there are, which are installed, and which queries can use."""
    rows = [(each.name, each.version, state_of(each), each.description) for each in extensions(load())]
    console.print(table("Extensions", COLUMNS, rows))


def state_of(extension: Extension) -> str:
    """In a word or two."""
    if extension.is_built_in:
        return "built in"
    if extension.is_enabled:
        return "enabled"
    if extension.reaches_out:
        return "never enabled"
    return "installed" if extension.is_installed else ""
