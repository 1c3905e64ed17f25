"""The migrations of all rooms together make exactly the PostgreSQL tables that the rooms declare."""

import importlib
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines_tests.house_rules.repository import PACKAGE, files_of

DECLARED_IN = ("tables.py", "log_tables.py", "models.py")
OBJECTS = {
    "columns": """
SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
    pg_get_expr(adbin, adrelid), col_description(attrelid, attnum)
FROM pg_attribute
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attrelid = ANY (CAST(:tables AS regclass[])) AND attnum > 0 AND NOT attisdropped
""",
    "constraints": """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint
WHERE conrelid = ANY (CAST(:tables AS regclass[])) AND contype <> 'n'
""",
    "indexes": """
SELECT indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid)
FROM pg_index
WHERE indrelid = ANY (CAST(:tables AS regclass[]))
""",
}
"""Autogenerate sees neither check constraints nor identities."""


def declarations() -> Iterator[sa.MetaData]:
    """The PostgreSQL tables of each room."""
    for file in (file for file in files_of(PACKAGE, ".py") if file.name in DECLARED_IN):
        module = importlib.import_module(".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts))
        if isinstance(getattr(module, "METADATA", None), sa.MetaData):
            yield module.METADATA


def together(rooms: list[sa.MetaData]) -> sa.MetaData:
    """The tables of all rooms as one whole, in which a reference from one room to another's table is resolved."""
    whole = sa.MetaData()
    for table in (table for each in rooms for table in each.tables.values()):
        table.to_metadata(whole)
    return whole


ROOMS = list(declarations())
ALL = together(ROOMS)
SCHEMAS = {str(each.schema) for each in ALL.tables.values()}
TABLES = sorted(ALL.tables)
BEFORE_ANYBODY_IS_KNOWN = {"accounts.service_token": "found by its hash, and its scopes say who may list them"}
GUARDS = """
SELECT oid::regclass::text AS name, relrowsecurity AND relforcerowsecurity AS is_guarded,
    EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid) AS has_policies,
    pg_get_userbyid(relowner) <> :app AS is_anothers
FROM pg_class
WHERE oid = ANY (CAST(:tables AS regclass[]))
"""
ROLE = "SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


def is_looked_at(name: str | None, kind: str, _: object) -> bool:
    return kind != "schema" or name in SCHEMAS


def objects(database: Database, kind: str) -> list[tuple[object, ...]]:
    with database.reading() as connection:
        return sorted(map(tuple, connection.execute(sa.text(OBJECTS[kind]), {"tables": TABLES})), key=repr)


@pytest.fixture
def declared_database(postgres_server, settings) -> Iterator[Database]:
    """A database that was made from the declarations alone."""
    name = "declared_" + str(next(postgres_server.numbers))
    found = Database(postgres_server.create(name).owner, name="test", settings=settings)
    try:
        with found.writing() as connection:
            for schema in sorted(SCHEMAS):
                connection.execute(sa.schema.CreateSchema(schema))
            for room in ROOMS:
                room.create_all(connection, tables=[])  # sequences that are no column's
            ALL.create_all(connection)
        yield found
    finally:
        found.close()
        postgres_server.drop(name)


def test_every_room_that_has_tables_in_postgresql_is_looked_at():
    assert {"accounts", "operations", "product", "web_events"} == SCHEMAS


def test_autogenerate_would_change_nothing_in_any_room(owner_database):
    options = {"include_schemas": True, "include_name": is_looked_at, "compare_server_default": True}
    with owner_database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), ALL) == []


def test_constraints_indexes_and_columns_are_made_as_they_are_declared(owner_database, declared_database):
    for kind in OBJECTS:
        assert objects(owner_database, kind) == objects(declared_database, kind), kind


def test_rows_of_users_are_guarded_by_policies_that_the_app_role_can_not_pass_by(database):
    personal = {name for name, table in ALL.tables.items() if table.schema == "accounts" or "user_id" in table.c}
    with database.reading() as connection:
        app, passes_by = connection.execute(sa.text(ROLE)).one()
        values = {"app": app, "tables": sorted(personal - BEFORE_ANYBODY_IS_KNOWN.keys())}
        found = connection.execute(sa.text(GUARDS), values).mappings().all()
    assert not passes_by
    assert {each["name"] for each in found} == personal - BEFORE_ANYBODY_IS_KNOWN.keys()
    assert [each["name"] for each in found if not (each["is_guarded"] and each["has_policies"])] == []
    assert [each["name"] for each in found if not each["is_anothers"]] == []
