"""Roles and rights of the embedded server, the same after every start."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import Connection

from analytics_pipelines.foundation.postgres.server.credentials import APP, OWNER
from analytics_pipelines.foundation.postgres.server.roles import set_up
from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines_tests.conftest import PostgresServer

RIGHTS = (
    "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolcanlogin "
    "FROM pg_roles WHERE rolname LIKE 'analytics%' ORDER BY rolname"
)


@pytest.fixture
def superuser(postgres_server: PostgresServer) -> Iterator["Connection[tuple[object, ...]]"]:
    with psycopg.connect(postgres_server.superuser(), autocommit=True) as connection:
        yield connection


def test_no_role_of_ours_has_more_than_a_log_in(
    postgres_server: PostgresServer, superuser: "Connection[tuple[object, ...]]"
) -> None:
    superuser.execute("ALTER ROLE analytics_app CREATEDB")
    superuser.execute("ALTER ROLE analytics_owner BYPASSRLS")
    set_up(postgres_server.superuser(), postgres_server.credentials)
    nothing = (False, False, False, False, False, True)
    assert superuser.execute(RIGHTS).fetchall() == [(APP, *nothing), (OWNER, *nothing)]


def test_passwords_follow_the_credentials(
    postgres_server: PostgresServer, superuser: "Connection[tuple[object, ...]]"
) -> None:
    superuser.execute("ALTER ROLE analytics_app PASSWORD 'another'")
    app = conninfo(postgres_server.urls("analytics").app)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(app)
    set_up(postgres_server.superuser(), postgres_server.credentials)
    psycopg.connect(app).close()


def test_passwords_are_stored_as_verifiers_only(superuser: "Connection[tuple[object, ...]]") -> None:
    stored = superuser.execute("SELECT rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL").fetchall()
    assert len(stored) == 3
    assert all(str(password).startswith("SCRAM-SHA-256$") for (password,) in stored)


def test_who_is_not_named_may_not_enter_the_database(superuser: "Connection[tuple[object, ...]]") -> None:
    superuser.execute("CREATE ROLE stranger")
    question = "SELECT has_database_privilege('stranger', 'analytics', 'CONNECT')"
    assert superuser.execute(question).fetchone() == (False,)
    superuser.execute("DROP ROLE stranger")
