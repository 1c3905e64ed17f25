"""The command line itself: which commands there are, and what an error looks like."""

import logging
import sys
from collections.abc import Mapping
from importlib import import_module

import typer

from analytics_pipelines.foundation.errors import AnalyticsError

COMMANDS: Mapping[str, str] = {
    "demo": "demo.command:demo",
    "up": "processes:up",
    "dev": "processes:dev",
    "scan": "data:scan",
    "generate-snapshots": "snapshots:generate_snapshots",
    "import-ncdu": "snapshots:import_ncdu",
    "export-ncdu": "snapshots:export_ncdu",
    "import-git": "snapshots:import_git",
    "import-log": "data:import_log",
    "replay-failed": "events:replay_failed",
    "export": "export:export",
    "plan run": "plan:run",
    "sql": "sql:sql",
    "query": "sql:query",
    "catalog": "catalog:catalog",
    "extension install": "extension:install",
    "extension list": "extension:list_extensions",
    "materialize": "data:materialize",
    "erase-visitor": "erase:erase_visitor",
    "migrate": "platform:migrate",
    "settings": "platform:settings",
    "create-admin": "users:create_admin",
    "user list": "users:list_users",
    "user role": "users:change_role",
    "user disable": "users:disable",
    "user enable": "users:enable",
    "user password": "users:change_password",
    "token create": "platform:create_token",
    "token list": "platform:list_tokens",
    "token revoke": "platform:revoke_token",
    "site list": "sites:list_sites",
    "site create": "sites:create_site",
    "site change": "sites:change_site",
    "site show": "sites:show_site",
}
"""What is said after `analytics`, and where it is: module below `cli`, and function."""
GROUPS: Mapping[str, str] = {
    "plan": "Plans over files and tables of the lake.",
    "extension": "Extensions of DuckDB that queries may use.",
    "user": "People who log in.",
    "token": "Service tokens for clients of the API.",
    "site": "Sites that events belong to.",
}


LOGS_NOTHING = frozenset({"scan"})


def quietly(context: typer.Context) -> None:
    """Self-hosted analytics on Dagster: files, product tables and web events over one Parquet lake."""
    if context.invoked_subcommand not in LOGS_NOTHING:
        import structlog  # noqa: PLC0415 - costs 0.15 s, which a scan of a small tree would feel

        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def command_line(wanted: str | None = None) -> typer.Typer:
    """All commands; or the wanted one alone, or group of them, because what the others import takes two seconds.

    A word that is no command gives all of them, which then say so.
    """
    app = typer.Typer(
        name="analytics", no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="markdown"
    )
    app.callback()(quietly)
    groups = {"": app}
    chosen = [words for words in COMMANDS if words.split()[0] == wanted] or list(COMMANDS)
    for words in chosen:
        group, _, command = words.rpartition(" ")
        if group not in groups:
            groups[group] = typer.Typer(help=GROUPS[group], no_args_is_help=True)
            app.add_typer(groups[group], name=group)
        module, _, function = COMMANDS[words].partition(":")
        groups[group].command(command)(getattr(import_module("analytics_pipelines.cli." + module), function))
    return app


def main() -> None:
    """Run a command; a typed error is one line and status 1, Ctrl-C is status 130."""
    try:
        command_line(sys.argv[1] if len(sys.argv) > 1 else None)()
    except AnalyticsError as error:
        from analytics_pipelines.cli.output import fail  # noqa: PLC0415 - rich costs 0.1 s, which a scan does without

        fail(error)
    except KeyboardInterrupt:
        from analytics_pipelines.cli.output import console  # noqa: PLC0415 - as above

        console.print("[dim]stopped[/]")
        sys.exit(130)


if __name__ == "__main__":
    main()
