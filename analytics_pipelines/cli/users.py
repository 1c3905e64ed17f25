"""Commands about the people who log in."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from analytics_pipelines.accounts import own_account, passwords, users
from analytics_pipelines.accounts.users import Role
from analytics_pipelines.cli.output import console, table
from analytics_pipelines.cli.platform import opened
from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.embedded import running_database
from analytics_pipelines.foundation.settings import load

Who = Annotated[str, typer.Argument(help="E-mail or username.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


@contextmanager
def _database() -> Iterator[Database]:
    settings = load()
    with running_database(settings) as urls, opened(urls.app, settings) as database:
        yield database


def create_admin(
    email: Annotated[str, typer.Option(help="E-mail, unique.")],
    username: Annotated[str, typer.Option(help="Letters, digits, dots, hyphens, underscores; unique in any case.")],
    *,
    password_stdin: FromStdin = False,
) -> None:
    """Make an admin; asks for the password, or draws one and prints it once."""
    password, is_drawn = _password(from_stdin=password_stdin)
    with _database() as database:
        made = users.create_admin(database, email=email, username=username, password=password)
    _tell(f"made the admin {made.username}", password, is_drawn=is_drawn)


def list_users() -> None:
    """List the accounts with their roles and dates."""
    with _database() as database:
        found = users.list_users(database)
    rows = [
        (
            each.email,
            each.username,
            each.role.value,
            "yes" if each.is_active else "no",
            each.created_at.date(),
            each.last_login_at.date() if each.last_login_at else "",
        )
        for each in found
    ]
    console.print(table("Accounts", ("e-mail", "username", "role", "active", "created", "last log-in"), rows))


def change_role(who: Who, role: Annotated[Role, typer.Argument(help="What the account may do from now on.")]) -> None:
    """Give an account another role; it counts at once."""
    with _database() as database:
        changed = users.change_role(database, who, role)
    console.print(f"{changed.username} is {changed.role.value} now", highlight=False)


def disable(who: Who) -> None:
    """Shut an account out at once, with its access tokens and the service tokens that act for it."""
    with _database() as database:
        changed = users.set_active(database, who, is_active=False)
    console.print(f"{changed.username} is shut out", highlight=False)


def enable(who: Who) -> None:
    """Let an account in again."""
    with _database() as database:
        changed = users.set_active(database, who, is_active=True)
    console.print(f"{changed.username} is let in", highlight=False)


def change_password(who: Who, *, password_stdin: FromStdin = False) -> None:
    """Give an account another password, as for who has forgotten it; ends its access tokens."""
    password, is_drawn = _password(from_stdin=password_stdin)
    with _database() as database:
        found = users.find_user(database, who)
        passwords.check(password, email=found.email, username=found.username)
        own_account.replace_password(database, found.id, passwords.hash_of(password), now())
    _tell(f"{found.username} has another password", password, is_drawn=is_drawn)


def _password(*, from_stdin: bool) -> tuple[str, bool]:
    """A password, and whether it was drawn because nobody gave one."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    asked = "Password (empty: one is drawn)"
    given = typer.prompt(asked, default="", show_default=False, hide_input=True) if sys.stdin.isatty() else ""
    if not given:
        return passwords.drawn(), True
    again = typer.prompt("The same again", default="", show_default=False, hide_input=True)
    if again != given:
        raise passwords.BadPassword("The passwords differ.", remedy="Type the same one twice.")
    return given, False


def _tell(done: str, password: str, *, is_drawn: bool) -> None:
    console.print(done, highlight=False)
    if is_drawn:
        console.print("password: " + password, soft_wrap=True, highlight=False, markup=False)
