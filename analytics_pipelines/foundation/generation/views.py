"""What a generation's tables are in SQL: native ones in their room's file, the others over its Parquet files."""

from collections.abc import Iterable
from pathlib import Path

from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.generation.description import ColumnDescription, Generation, TableFiles
from analytics_pipelines.foundation.sql import Sql, joined, literal, literals, name, names
from analytics_pipelines.foundation.united import united_rows

ATTACH = Sql("ATTACH {file} AS {room} (READ_ONLY)")
VIEW = Sql("CREATE VIEW {view} AS {query}")


def attach_rooms(cursor: DuckDBPyConnection, folder: Path, generation: Generation) -> None:
    """Attach each room's file by the room's name, to be read alone."""
    for room in generation.rooms:
        cursor.execute(ATTACH.fill(file=literal(str(folder / room.path)), room=name(room.room)).text)


def make_view(cursor: DuckDBPyConnection, view: str, query: Sql) -> None:
    """Give a query a name of its own."""
    cursor.execute(VIEW.fill(view=name(view), query=query).text)


def some_columns(query: Sql, columns: Iterable[str]) -> Sql:
    """The rows of a query with these columns alone."""
    return Sql("SELECT {columns} FROM ({query})").fill(columns=names(columns), query=query)


def query_of(folder: Path, table: TableFiles) -> Sql:
    """All rows of a lake table; its room's file has to be attached where it is native."""
    if table.is_native:
        return stored(table.room, table.name, table.columns)
    columns = names(column.name for column in table.columns)
    files = [str(folder / each.path) for each in table.partitions if each.path]
    if files and len(table.forms) > 1:
        forms = [table.forms[each.form] for each in table.partitions if each.path]
        return united_rows([(each.name, each.type) for each in table.columns], list(zip(files, forms, strict=True)))
    if files:
        parquet = Sql("SELECT {columns} FROM read_parquet({files}, hive_partitioning = false)")
        return parquet.fill(columns=columns, files=literals(files))
    return _no_rows(table)


def stored(room: str, table: str, columns: tuple[ColumnDescription, ...]) -> Sql:
    """All rows of a table of a room's file."""
    text = Sql("SELECT {columns} FROM {room}.main.{table}")
    return text.fill(columns=names(column.name for column in columns), room=name(room), table=name(table))


def _no_rows(table: TableFiles) -> Sql:
    empty = Sql("CAST(NULL AS {type}) AS {name}")
    columns = joined(empty.fill(type=Sql(column.type), name=name(column.name)) for column in table.columns)
    return Sql("SELECT {columns} WHERE false").fill(columns=columns)
