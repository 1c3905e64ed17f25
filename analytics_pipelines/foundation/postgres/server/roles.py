"""Roles and the database of the embedded server, brought to the same state at every start."""

import psycopg
from psycopg import Connection

from analytics_pipelines.foundation.postgres.server.credentials import APP, DATABASE, OWNER, Credentials
from analytics_pipelines.foundation.sql import Sql, literal, name

RIGHTS = Sql("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS")


def set_up(superuser: str, credentials: Credentials) -> None:
    """Make or correct both roles and the database; `superuser` is a conninfo of database `postgres`."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        _role(connection, OWNER, credentials.owner)
        _role(connection, APP, credentials.app)
        if not _exists(connection, Sql("SELECT 1 FROM pg_database WHERE datname = {name}"), DATABASE):
            make_database(connection, DATABASE)


def make_database(connection: "Connection[tuple[object, ...]]", database: str, template: str = "template0") -> None:
    """A database of the owner that the app role may use and nobody else may enter.

    Its files are copied as such, which costs half as much as writing each of their pages to the log.
    """
    parts = {"database": name(database), "owner": name(OWNER), "app": name(APP), "template": name(template)}
    for text in (
        "CREATE DATABASE {database} OWNER {owner} TEMPLATE {template} STRATEGY FILE_COPY",
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app}",
    ):
        connection.execute(Sql(text).fill(**parts).text.encode())


def _role(connection: "Connection[tuple[object, ...]]", role: str, password: str) -> None:
    """The verifier is computed here, so that the password stands in no log of the server."""
    is_there = _exists(connection, Sql("SELECT 1 FROM pg_roles WHERE rolname = {name}"), role)
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    change = Sql("ALTER ROLE {role} {rights} PASSWORD {password}" if is_there else _CREATE)
    statement = change.fill(role=name(role), rights=RIGHTS, password=literal(verifier))
    connection.execute(statement.text.encode())


_CREATE = "CREATE ROLE {role} {rights} PASSWORD {password}"


def _exists(connection: "Connection[tuple[object, ...]]", question: Sql, wanted: str) -> bool:
    return connection.execute(question.fill(name=literal(wanted)).text.encode()).fetchone() is not None
