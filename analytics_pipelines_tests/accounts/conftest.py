"""One database for all tests of accounts, emptied before each; passwords that cost next to nothing."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

from analytics_pipelines.accounts import passwords
from analytics_pipelines.accounts.tables import SERVICE_TOKEN, USERS
from analytics_pipelines.accounts.users import Role, User, create_admin, register
from analytics_pipelines.foundation.postgres.acting import Duty, on_duty
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.http_kit.rate_limits import Limiter
from analytics_pipelines_tests.conftest import TEMPLATE, PostgresServer, settings_in

CHEAP = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1), BcryptHasher(rounds=4)))
PASSWORD = "correct horse battery"


@pytest.fixture
def throttle() -> Limiter:
    """The limiter as one worker has it."""
    return Limiter()


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> PasswordHash:
    monkeypatch.setattr(passwords, "HASHES", CHEAP)
    return CHEAP


@pytest.fixture(scope="session")
def accounts_database(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A migrated database as the app role."""
    name = "accounts_" + str(next(postgres_server.numbers))
    settings = settings_in(tmp_path_factory.mktemp("accounts"))
    found = Database(postgres_server.create(name, TEMPLATE).app, name="test", settings=settings)
    yield found
    found.close()
    postgres_server.drop(name)


@pytest.fixture
def database(accounts_database: Database) -> Database:
    """The same without users and tokens."""
    with accounts_database.writing() as connection:
        on_duty(connection, Duty.MANAGE_USERS)
        connection.execute(sa.delete(USERS))
        connection.execute(sa.delete(SERVICE_TOKEN))
    return accounts_database


def made(database: Database, username: str = "ada", role: Role = Role.ANALYST, password: str = PASSWORD) -> User:
    """A user of that name, `<name>@example.com`."""
    email = username + "@example.com"
    if role is Role.ADMIN:
        return create_admin(database, email=email, username=username, password=password)
    return register(database, email=email, username=username, password=password, role=role)


@pytest.fixture
def ada(database: Database) -> User:
    return made(database)


@pytest.fixture
def bob(database: Database) -> User:
    return made(database, "bob", Role.VIEWER)
