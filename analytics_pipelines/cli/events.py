"""Commands about the event log: replay-failed."""

from datetime import datetime
from typing import Annotated

import typer

from analytics_pipelines.cli.data import as_date
from analytics_pipelines.cli.output import console, counting, table
from analytics_pipelines.cli.platform import opened
from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.postgres.embedded import running_database
from analytics_pipelines.foundation.settings import load
from analytics_pipelines.web_events.event import Reason
from analytics_pipelines.web_events.rejudge import rejudged
from analytics_pipelines.web_events.replay import Choice, replay


def replay_failed(
    *,
    reason: Annotated[Reason | None, typer.Option(help="Only rejects of this reason.")] = None,
    site: Annotated[str | None, typer.Option(help="Only rejects of this site.")] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First UTC day of receipt.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last UTC day of receipt.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Most rejects to try.", min=1)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would become of them.")] = False,
) -> None:
    """Try rejected events again; what can be stored by now is stored once, the rest stays with its reason."""
    settings = load()
    choice = Choice(reason, site, as_date(first), as_date(last), limit)
    with (
        running_database(settings) as urls,
        opened(urls.app, settings) as database,
        counting("replaying") as progress,
    ):
        done = replay(database, rejudged, choice, at=now(), is_dry=dry_run, progress=progress.add)
    told = "would be " if dry_run else ""
    console.print(
        f"{done.tried:,} tried: {done.stored:,} {told}stored, {done.duplicates:,} known already, "
        f"{done.rejected:,} {told}rejected"
    )
    if done.reasons:
        rows = [(each, f"{events:,}") for each, events in done.reasons.most_common()]
        console.print(table("Still rejected", ("reason", "events"), rows, right=("events",)))
