"""Which tables are exported: those of `EXPORT_TABLES_FILE`, of `EXPORT_TABLES`, and the product's own."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.product_export.export_file import TableEntry, read_export_file
from analytics_pipelines.product_export.tables import RAW_ITEMS, RAW_USERS
from analytics_pipelines.product_export.wishes import OUT_OF_THE_BOX, Mode, Policy, TableWish

OWN = {wish.name: wish for wish in OUT_OF_THE_BOX}
NEEDED = {table.name.removeprefix("raw_app__"): table.column_names[1:] for table in (RAW_USERS, RAW_ITEMS)}
"""Columns that `core_app__users` and `core_app__items` are made of."""
NO_LONGER_UNIQUE = {Policy.DROP, Policy.TRUNCATE, Policy.GENERALISE}
MOST_CHARACTERS = 50
Fault = tuple[str, str]
"""Key of the file, and what is wrong with it."""


class BadExportTables(SetupError):
    """`EXPORT_TABLES` names something that can not be exported."""


def export_wishes(settings: Settings) -> tuple[TableWish, ...]:
    """Every table that is to be exported: of the file in its order, of `EXPORT_TABLES`, then `users` and `items`.

    The product's own two are left out where another source has tables of its own configured. Of a table that file
    and `EXPORT_TABLES` both name the file's word holds. Raises `BadExportFile` that names table, key and line, or
    `BadExportTables`.
    """
    filed = _of_file(settings)
    chosen = (*filed, *_of_names(settings.export_tables, filed))
    if chosen and settings.source_database_url is not None:
        return chosen
    taken = {wish.name for wish in chosen}
    return (*chosen, *(wish for wish in OUT_OF_THE_BOX if wish.name not in taken))


def _of_file(settings: Settings) -> tuple[TableWish, ...]:
    if settings.export_tables_file is None:
        return ()
    written = read_export_file(settings.export_tables_file.expanduser())
    wishes: dict[str, TableWish] = {}
    for number, entry in enumerate(written.entries):
        wish = _wish(entry)
        for key, told in _faults(wish, entry, wishes):
            raise written.wrong(number, told, key)
        wishes[wish.name] = wish
    return tuple(wishes.values())


def _of_names(names: tuple[str, ...], filed: tuple[TableWish, ...]) -> tuple[TableWish, ...]:
    in_file = {wish.source_name for wish in filed}
    found = {wish.source_name: wish for wish in map(_short, names)}
    wishes = tuple(wish for source, wish in found.items() if source not in in_file)
    counted = Counter(wish.name for wish in (*filed, *wishes))
    if twice := [wish.source_name for wish in wishes if counted[wish.name] > 1]:
        raise BadExportTables(
            "EXPORT_TABLES: " + ", ".join(twice) + " would have one name in the lake with another table.",
            remedy="Put them into EXPORT_TABLES_FILE and give each a `name`.",
        )
    return wishes


def _short(name: str) -> TableWish:
    schema, table = _split(name, "public")
    if not schema or not table:
        raise BadExportTables(f"EXPORT_TABLES: {name!r} is no table.", remedy="Write schema.table, comma-separated.")
    wish = TableWish(schema=schema, table=table, name=_lake_name(schema, table))
    own = OWN.get(wish.name)
    return own if own and own.source_name == wish.source_name else wish


def _wish(entry: TableEntry) -> TableWish:
    """What the entry says; of the product's own tables with what they have anyway."""
    schema, table = (entry.schema_, entry.table) if entry.has_schema else _split(entry.table, entry.schema_)
    wish = TableWish(
        schema=schema,
        table=table,
        name=entry.name or _lake_name(schema, table),
        columns=entry.columns,
        excluded=entry.excluded or (),
        filter=entry.filter,
        key=entry.key,
        mode=entry.mode,
        day_column=entry.day_column,
        full_every_days=entry.full_every_days,
        late_days=entry.late_days,
        drift=entry.drift,
        refuses_unknown_types=entry.refuse_unknown_types,
        types={column: each.lower() for column, each in entry.types.items()},
        masking={column: each.masking for column, each in entry.masking.items()},
        has_whole_file=entry.whole_file,
    )
    own = OWN.get(wish.name)
    return wish if own is None or own.source_name != wish.source_name else _with_own(wish, own, entry)


def _with_own(wish: TableWish, own: TableWish, entry: TableEntry) -> TableWish:
    return replace(
        wish,
        types={**own.types, **wish.types},
        masking={**own.masking, **wish.masking},
        has_whole_file=wish.has_whole_file if "whole_file" in entry.model_fields_set else own.has_whole_file,
    )


def _split(table: str, schema: str) -> tuple[str, str]:
    before, dot, after = table.partition(".")
    return (before, after) if dot else (schema, table)


def _lake_name(schema: str, table: str) -> str:
    """The table's name in lower case; with the schema where the product's own table has it already."""
    own = OWN.get(table)
    name = schema + "_" + table if own and own.schema != schema else table
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:MOST_CHARACTERS] or "table"
    return plain if plain[0].isalpha() else "t_" + plain


def _faults(wish: TableWish, entry: TableEntry, before: dict[str, TableWish]) -> Iterator[Fault]:
    """All that is wrong with a wish whatever the source holds."""
    if not wish.schema or not wish.table:
        yield "table", "write schema.table"
    if wish.name in before:
        taken = before[wish.name].source_name
        yield "name", f"{taken} is called {wish.name} in the lake already; give one of the two another `name`"
    yield from _faults_of_mode(wish, entry)
    yield from _faults_of_columns(wish)
    yield from _faults_of_own(wish)


def _faults_of_mode(wish: TableWish, entry: TableEntry) -> Iterator[Fault]:
    if wish.mode is Mode.APPEND and wish.day_column is None:
        yield "mode", "append needs a `day_column`: the column that tells the day of a row"
    if wish.mode is not Mode.APPEND and wish.day_column is not None:
        yield "day_column", f"only the mode append has one, not {wish.mode.value}"
    for key, mode in (("full_every_days", Mode.INCREMENTAL), ("late_days", Mode.APPEND)):
        if key in entry.own_keys and wish.mode is not mode:
            yield key, f"only the mode {mode.value} has it, not {wish.mode.value}"


def _faults_of_columns(wish: TableWish) -> Iterator[Fault]:
    if wish.columns is not None and wish.excluded:
        yield "excluded", "`columns` says already which are wanted"
    for key, columns in (("columns", wish.columns), ("excluded", wish.excluded), ("key", wish.key)):
        if twice := [column for column, times in Counter(columns or ()).items() if times > 1]:
            yield key, twice[0] + " stands there twice"
    yield from _faults_of_columns_left_out(wish)
    for column in wish.key or ():
        if column in wish.masking and wish.masking[column].policy in NO_LONGER_UNIQUE:
            yield "masking", f"{column} is part of the key, which only keep and hmac leave unique"
    if wish.day_column in wish.masking:
        yield "masking", f"{wish.day_column} tells the day of a row and can not be masked"


def _faults_of_columns_left_out(wish: TableWish) -> Iterator[Fault]:
    day_column = (wish.day_column,) if wish.day_column else ()
    named = {"key": wish.key or (), "types": wish.types, "masking": wish.masking, "day_column": day_column}
    for key, columns in named.items():
        if left_out := [column for column in columns if not _is_read(wish, column)]:
            yield key, left_out[0] + " is not among the exported columns"


def _faults_of_own(wish: TableWish) -> Iterator[Fault]:
    own = OWN.get(wish.name)
    if own is None:
        return
    if own.source_name != wish.source_name:
        yield "name", f"{wish.name} is kept for {own.source_name}; give another `name`"
        return
    if wish.mode is not Mode.FULL:
        yield "mode", f"core_app__{wish.name} is made of whole days; give another `name` for the mode {wish.mode.value}"
    dropped = {column for column, each in wish.masking.items() if each.policy is Policy.DROP}
    if missing := [each for each in NEEDED[wish.name] if each in dropped or not _is_read(wish, each)]:
        yield (
            "masking",
            f"core_app__{wish.name} needs {missing[0]}; mask it otherwise, or give another `name`",
        )


def _is_read(wish: TableWish, column: str) -> bool:
    return column not in wish.excluded and (wish.columns is None or column in wish.columns)
