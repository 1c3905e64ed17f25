"""Commands about the installation: settings, migrations, tokens."""

from contextlib import AbstractContextManager, closing
from typing import Annotated

import typer

from analytics_pipelines.accounts import tokens
from analytics_pipelines.cli.output import console, table
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.embedded import running_database
from analytics_pipelines.foundation.postgres.migrate import migrate as apply_migrations
from analytics_pipelines.foundation.settings import Settings, load
from analytics_pipelines.foundation.settings_docs import described, env_example, settings_page

Scopes = Annotated[
    list[str], typer.Option("--scope", help="viewer, analyst, admin, metrics:read or product:write; repeatable.")
]
Subject = Annotated[str | None, typer.Option("--for", help="E-mail of the product's user for whom it speaks.")]
ForAccount = Annotated[str | None, typer.Option("--account", help="E-mail or username of the account it acts for.")]


def settings(
    markdown: Annotated[bool, typer.Option("--markdown", help="The text of docs/settings.md.")] = False,
    env: Annotated[bool, typer.Option("--env", help="The text of .env.example.")] = False,
) -> None:
    """Print every setting: name, value in force, default, meaning."""
    if markdown or env:
        typer.echo(settings_page() if markdown else env_example(), nl=False)
        return
    in_force = load()
    rows = [
        (each.name, in_force_text(in_force, each.field), each.default.replace("`", ""), each.unit, each.meaning)
        for each in described()
    ]
    console.print(table("Settings", ("name", "in force", "default", "unit", "meaning"), rows))


def in_force_text(settings: Settings, field: str) -> str:
    """The value in force, secrets masked, empty where nothing is set."""
    value = getattr(settings, field)
    if value is None:
        return ""
    return ",".join(value) if isinstance(value, tuple) else str(value)


def opened(url: str, settings: Settings) -> AbstractContextManager[Database]:
    """The platform's database, closed at the end of the block."""
    return closing(Database(url, name="analytics-cli", settings=settings))


def migrate() -> None:
    """Bring the database's tables up to date; safe to run twice, and by two at once."""
    settings = load()
    with running_database(settings) as urls:
        applied = apply_migrations(urls.owner, urls.app)
    console.print("applied " + ", ".join(applied) if applied else "the database is up to date")


def create_token(
    name: Annotated[str, typer.Option(help="What the token is for; unique.")],
    scope: Scopes,
    expires_days: Annotated[int, typer.Option(help="Days until it expires.", min=1)] = 90,
    subject: Subject = None,
    account: ForAccount = None,
) -> None:
    """Make a service token and print it once; only its hash is kept."""
    settings = load()
    with running_database(settings) as urls, opened(urls.app, settings) as database:
        secret = tokens.create_token(
            database, name=name, scopes=scope, subject=subject, account=account, expires_in_days=expires_days
        )
    console.print(secret, soft_wrap=True, highlight=False)


def list_tokens() -> None:
    """List the tokens with their scopes and dates; the tokens themselves are not kept."""
    settings = load()
    with running_database(settings) as urls, opened(urls.app, settings) as database:
        found = tokens.list_tokens(database)
    rows = [
        (
            each.name,
            ", ".join(each.scopes),
            each.subject or "",
            each.created_at.date(),
            each.expires_at.date(),
            each.revoked_at or "",
        )
        for each in found
    ]
    console.print(table("Service tokens", ("name", "scopes", "for", "created", "expires", "revoked"), rows))


def revoke_token(name: Annotated[str, typer.Argument(help="The token's name.")]) -> None:
    """Make a token useless at once."""
    settings = load()
    with running_database(settings) as urls, opened(urls.app, settings) as database:
        tokens.revoke_token(database, name)
    console.print(f"revoked {name}")
