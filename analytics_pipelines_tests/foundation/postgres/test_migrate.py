"""Migrations: each once, whoever comes together; then rows for the app role and no more."""

import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from analytics_pipelines.foundation.postgres import migrate as migrating
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.failures import NotMigrated, RightMissing
from analytics_pipelines.foundation.postgres.migrate import migrate, migration_folders
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines_tests.conftest import PostgresServer

FIRST = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "notes_0001", None, ("notes",), None
def upgrade():
    op.execute("CREATE SCHEMA IF NOT EXISTS notes")
    op.execute("CREATE TABLE notes.note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, said text)")
"""
SECOND = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "notes_0002", "notes_0001", None, None
def upgrade():
    op.execute("CREATE SEQUENCE notes.counter")
    op.execute("{statement}")
"""


@pytest.fixture
def empty(postgres_server: PostgresServer) -> DatabaseUrls:
    """A database without a migration applied."""
    name = "empty_" + str(next(postgres_server.numbers))
    yield postgres_server.create(name)
    postgres_server.drop(name)


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A room's migrations in a folder whose name is hard to write into a configuration file."""
    folder = tmp_path / "50 % of: ü" / "migrations"
    folder.mkdir(parents=True)
    (folder / "0001_note.py").write_text(FIRST)
    (folder / "0002_counter.py").write_text(SECOND.format(statement="SELECT 1"))
    monkeypatch.setattr(migrating, "migration_folders", lambda: [folder])
    return folder


def test_every_room_is_migrated_once(empty: DatabaseUrls) -> None:
    revisions = {
        "_".join([folder.parent.name, file.name[:4]]) for folder in migration_folders() for file in folder.glob("0*.py")
    }
    assert set(migrate(empty.owner, empty.app)) == revisions
    assert migrate(empty.owner, empty.app) == []


def test_two_that_migrate_together_apply_each_revision_once(empty: DatabaseUrls, notes: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        applied = [pool.submit(migrate, empty.owner, empty.app) for _ in range(4)]
        assert sorted(map(len, (each.result() for each in applied))) == [0, 0, 0, 2]


def test_revisions_come_back_in_the_order_in_which_they_were_applied(empty: DatabaseUrls, notes: Path) -> None:
    assert migrate(empty.owner, empty.app) == ["notes_0001", "notes_0002"]


def test_a_failing_migration_leaves_nothing_behind(empty: DatabaseUrls, notes: Path, settings: Settings) -> None:
    (notes / "0002_counter.py").write_text(SECOND.format(statement="SELECT broken"))
    with pytest.raises(ProgrammingError, match="broken"):
        migrate(empty.owner, empty.app)
    (notes / "0002_counter.py").write_text(SECOND.format(statement="SELECT 2"))
    assert migrate(empty.owner, empty.app) == ["notes_0001", "notes_0002"]


def test_who_may_not_change_the_schema_is_told_whose_task_it_is(empty: DatabaseUrls) -> None:
    with pytest.raises(RightMissing, match="DATABASE_OWNER_URL"):
        migrate(empty.app, empty.app)


def test_a_database_that_was_never_migrated_says_so(empty: DatabaseUrls, settings: Settings) -> None:
    with (
        closing(Database(empty.app, name="test", settings=settings)) as database,
        pytest.raises(NotMigrated, match="analytics migrate"),
        database.reading() as connection,
    ):
        connection.execute(text("SELECT * FROM web_events.event_log"))


def test_a_house_without_migrations_is_migrated_too(empty: DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrating, "migration_folders", list)
    assert migrate(empty.owner, empty.app) == []


def test_logging_stays_as_it_was(empty: DatabaseUrls, notes: Path) -> None:
    before = logging.getLogger().handlers[:], logging.getLogger().level, logging.getLogger("alembic").handlers[:]
    migrate(empty.owner, empty.app)
    assert (logging.getLogger().handlers, logging.getLogger().level, logging.getLogger("alembic").handlers) == before


@pytest.fixture
def app(empty: DatabaseUrls, notes: Path, settings: Settings) -> Database:
    """The app role's connection after the notes' migrations."""
    migrate(empty.owner, empty.app)
    database = Database(empty.app, name="test", settings=settings)
    yield database
    database.close()


def test_the_app_role_reads_and_writes_rows(app: Database) -> None:
    with app.writing() as connection:
        connection.execute(text("INSERT INTO notes.note (said) VALUES ('a'), ('b')"))
        connection.execute(text("UPDATE notes.note SET said = 'c' WHERE said = 'b'"))
        connection.execute(text("DELETE FROM notes.note WHERE said = 'a'"))
        connection.execute(text("SELECT nextval('notes.counter')"))
        connection.execute(text("CREATE TEMPORARY TABLE batch (id int)"))
        assert connection.execute(text("SELECT said FROM notes.note")).scalars().all() == ["c"]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE notes.mine (id int)",
        "CREATE TABLE public.mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "ALTER TABLE notes.note ADD COLUMN more int",
        "ALTER TABLE notes.note DISABLE ROW LEVEL SECURITY",
        "TRUNCATE notes.note",
        "DROP TABLE notes.note",
        "DELETE FROM migrations.applied",
        "SET ROLE analytics_owner",
        "ALTER ROLE analytics_app SUPERUSER",
        "ALTER ROLE analytics_app BYPASSRLS",
        "COPY notes.note TO PROGRAM 'cat'",
        "SELECT pg_read_file('postgresql.conf')",
    ],
)
def test_the_app_role_can_not(app: Database, statement: str) -> None:
    with pytest.raises(RightMissing), app.writing() as connection:
        connection.execute(text(statement))


def test_rows_of_others_stay_hidden_from_the_app_role(app: Database, empty: DatabaseUrls, settings: Settings) -> None:
    owner = Database(empty.owner, name="test", settings=settings)
    with owner.writing() as connection:
        connection.execute(text("INSERT INTO notes.note (said) VALUES ('hidden'), ('shown')"))
        connection.execute(text("ALTER TABLE notes.note ENABLE ROW LEVEL SECURITY"))
        connection.execute(text("CREATE POLICY shown ON notes.note USING (said = 'shown')"))
    owner.close()
    with app.reading() as connection:
        assert connection.execute(text("SELECT said FROM notes.note")).scalars().all() == ["shown"]


def test_no_role_of_ours_is_a_superuser(database: Database) -> None:
    query = text(
        "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'analytics%' AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)"
    )
    with database.reading() as connection:
        assert connection.execute(query).scalar() == 0


def test_where_one_role_does_both_nothing_is_granted(empty: DatabaseUrls, notes: Path) -> None:
    assert migrate(empty.owner, empty.owner) == ["notes_0001", "notes_0002"]
