"""The command line itself: which commands there are, and what an error looks like."""

import logging
import sys

import structlog
import typer

from analytics_pipelines.cli import data, erase, events, platform, processes, sites
from analytics_pipelines.cli.demo import command as demo
from analytics_pipelines.cli.output import console, fail
from analytics_pipelines.foundation.errors import AnalyticsError

app = typer.Typer(
    name="analytics",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
token = typer.Typer(help="Service tokens for clients of the API.", no_args_is_help=True)
app.add_typer(token, name="token")
site = typer.Typer(help="Sites that events belong to.", no_args_is_help=True)
app.add_typer(site, name="site")


@app.callback()
def quietly() -> None:
    """Self-hosted analytics on Dagster: files, product tables and web events over one Parquet lake."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


app.command("demo")(demo.demo)
app.command("up")(processes.up)
app.command("dev")(processes.dev)
app.command("scan")(data.scan)
app.command("import-log")(data.import_log)
app.command("replay-failed")(events.replay_failed)
app.command("materialize")(data.materialize)
app.command("erase-visitor")(erase.erase_visitor)
app.command("migrate")(platform.migrate)
app.command("settings")(platform.settings)
token.command("create")(platform.create_token)
token.command("list")(platform.list_tokens)
token.command("revoke")(platform.revoke_token)
site.command("list")(sites.list_sites)
site.command("create")(sites.create_site)
site.command("change")(sites.change_site)
site.command("show")(sites.show_site)


def main() -> None:
    """Run a command; a typed error is one line and status 1, Ctrl-C is status 130."""
    try:
        app()
    except AnalyticsError as error:
        fail(error)
    except KeyboardInterrupt:
        console.print("[dim]stopped[/]")
        sys.exit(130)


if __name__ == "__main__":
    main()
