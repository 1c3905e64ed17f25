"""What a table of the source is made of, asked of PostgreSQL's catalog within the run's snapshot."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import psycopg
from psycopg.rows import dict_row

from analytics_pipelines.foundation.errors import NotFound, SetupError
from analytics_pipelines.foundation.postgres.failures import RightMissing
from analytics_pipelines.foundation.sql import Sql, from_file, name
from analytics_pipelines.product_export.source.described import Kind, Leaf, SourceColumn, SourceTable
from analytics_pipelines.product_export.wishes import Policy, TableWish

CHOSEN = "Correct the table's entry in the export's configuration."
UNPOPULATED = "Run REFRESH MATERIALIZED VIEW at the source."
HOLDING = Sql("SELECT FROM {table} LIMIT 0")
"""Takes ACCESS SHARE on the table and all its parts until the transaction ends, and checks the right to read."""
MAY_ENTER = Sql("GRANT USAGE ON SCHEMA {schema} TO {role};")
MAY_READ = Sql("GRANT SELECT ON {table} TO {role};")
KINDS = {"S": "a sequence", "i": "an index", "I": "an index", "c": "a composite type", "t": "a TOAST table"}

Row = Mapping[str, Any]


class MissingTable(NotFound):
    """The source has no such table or view."""


class MissingColumn(NotFound):
    """The table has no such column."""


class UnsuitableSource(SetupError):
    """What has that name can not be exported."""


def describe(connection: psycopg.Connection[Any], wish: TableWish) -> SourceTable:
    """The table that is wished for, with all its columns; it can not be altered until the transaction ends.

    Raises `MissingTable`, `MissingColumn`, `RightMissing` (also where row security hides rows) and `UnsuitableSource`.
    """
    relation = _relation(connection, wish)
    columns = _rows(connection, "relation_columns", oid=relation["oid"])
    _check_columns(columns, wish)
    _check_rights(relation, columns, wish)
    _hold(connection, wish, Kind(relation["kind"]))
    leaves = _rows(connection, "relation_leaves", oid=relation["oid"])
    described = tuple(SourceColumn(**{part: row[part] for part in row if part != "may_read"}) for row in columns)
    kind = Kind(relation["kind"])
    return SourceTable(
        schema=wish.schema,
        table=wish.table,
        oid=relation["oid"],
        kind=kind,
        columns=described,
        key=() if kind is Kind.TABLE and len(leaves) > 1 else _key(connection, relation["oid"], described),
        leaves=_leaves(leaves),
        estimated_rows=round(sum(leaf["estimated_rows"] for leaf in leaves)),
        size_bytes=sum(leaf["size_bytes"] for leaf in leaves),
    )


def qualified(schema: str, table: str) -> Sql:
    """The table as statements name it."""
    return Sql("{schema}.{table}").fill(schema=name(schema), table=name(table))


def _rows(connection: psycopg.Connection[Any], query: str, **values: object) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(from_file(__package__, query).text.encode(), values or None).fetchall()


def _relation(connection: psycopg.Connection[Any], wish: TableWish) -> Row:
    found = _rows(connection, "relation", schema=wish.schema, table=wish.table)
    if not found:
        raise MissingTable("The source has no table " + wish.source_name + ".", remedy=_meant(connection, wish))
    kind = found[0]["kind"]
    if kind not in set(Kind):
        told = KINDS.get(kind, "no table")
        raise UnsuitableSource(wish.source_name + " is " + told + ", which has no rows to export.", remedy=CHOSEN)
    return found[0]


def _meant(connection: psycopg.Connection[Any], wish: TableWish) -> str:
    """What to do about a table that is not there; names those that are spelt like it."""
    known = [row["schema"] + "." + row["name"] for row in _rows(connection, "relation_names")]
    same_name = [each for each in known if each.split(".", 1)[1] == wish.table]
    return _did_you_mean(same_name or get_close_matches(wish.source_name, known, n=3))


def _did_you_mean(names: Iterable[str]) -> str:
    near = ", ".join(names)
    return "Did you mean " + near + "? " + CHOSEN if near else CHOSEN


def _check_columns(columns: list[dict[str, Any]], wish: TableWish) -> None:
    """Whether all columns that the wish names are there."""
    known = [column["name"] for column in columns]
    named = {
        "columns": wish.columns or (),
        "excluded": wish.excluded,
        "key": wish.key or (),
        "day_column": (wish.day_column,) if wish.day_column else (),
        "types": tuple(wish.types),
        "masking": tuple(wish.masking),
    }
    for where, asked in named.items():
        for missing in (each for each in asked if each not in known):
            raise MissingColumn(
                wish.source_name + " has no column " + missing + ", which " + where + " names.",
                remedy=_did_you_mean(get_close_matches(missing, known)),
            )
    if not known:
        raise UnsuitableSource(wish.source_name + " has no columns.", remedy=CHOSEN)


def _check_rights(relation: Row, columns: list[dict[str, Any]], wish: TableWish) -> None:
    role, table = str(relation["role"]), wish.source_name
    if not relation["may_enter"]:
        grant = MAY_ENTER.fill(schema=name(wish.schema), role=name(role))
        raise RightMissing(role + " may not look into the schema " + wish.schema + ".", remedy="Run " + grant.text)
    unread = {*wish.excluded, *(each for each, masking in wish.masking.items() if masking.policy is Policy.DROP)}
    exported = {*(wish.columns or [column["name"] for column in columns])} - unread
    read = {*exported, *(wish.key or ()), wish.day_column}
    hidden = [each["name"] for each in columns if not each["may_read"] and each["name"] in read]
    if hidden:
        whole = not relation["may_read"] and len(hidden) == len(columns)
        grant = MAY_READ.fill(table=qualified(wish.schema, wish.table), role=name(role))
        raise RightMissing(
            role + " may not read " + (table if whole else table + " (" + ", ".join(hidden) + ")") + ".",
            remedy="Run " + grant.text + ("" if whole else " Or leave these columns out by `excluded`."),
        )
    if relation["is_row_secured"]:
        raise RightMissing(
            "Row security hides rows of " + table + " from " + role + ".",
            remedy="Export as a role with BYPASSRLS, or export a view that chooses the rows.",
        )


def _hold(connection: psycopg.Connection[Any], wish: TableWish, kind: Kind) -> None:
    """Keep the table as it is until the transaction ends."""
    try:
        connection.execute(HOLDING.fill(table=qualified(wish.schema, wish.table)).text.encode())
    except psycopg.errors.UndefinedTable:
        raise MissingTable(wish.source_name + " was dropped just now.", remedy="Run the export again.") from None
    except psycopg.errors.InsufficientPrivilege:
        detail = "The role may not read what the view " + wish.source_name + " reads."
        raise RightMissing(detail, remedy="Grant SELECT on the tables below it.") from None
    except psycopg.errors.ObjectNotInPrerequisiteState:
        if kind is not Kind.MATERIALIZED_VIEW:
            raise
        raise UnsuitableSource(wish.source_name + " has not been filled yet.", remedy=UNPOPULATED) from None


def _key(connection: psycopg.Connection[Any], oid: int, columns: tuple[SourceColumn, ...]) -> tuple[str, ...]:
    never_null = {column.name for column in columns if not column.is_nullable}
    candidates = (tuple(row["columns"]) for row in _rows(connection, "relation_keys", oid=oid))
    return next((key for key in candidates if never_null.issuperset(key)), ())


def _leaves(leaves: list[dict[str, Any]]) -> tuple[Leaf, ...]:
    """The heaps, if each can be read by itself; else none, and the table is read in one piece through its parent."""
    if not all(leaf["is_readable"] for leaf in leaves):
        return ()
    parts = ("schema", "table", "oid", "pages")
    return tuple(Leaf(**{part: leaf[part] for part in parts}) for leaf in leaves)
