"""The demo's commands in order; every piece of work is a room's."""

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from analytics_pipelines.cli import processes
from analytics_pipelines.cli.demo import plans, report, sql, traffic, visitors
from analytics_pipelines.cli.demo.account import account
from analytics_pipelines.cli.demo.folder import demo_folder
from analytics_pipelines.cli.demo.steps import Steps
from analytics_pipelines.cli.output import console, counting
from analytics_pipelines.cli.platform import opened
from analytics_pipelines.cli.supervisor import Child
from analytics_pipelines.foundation.clock import now, today
from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.embedded import running_database
from analytics_pipelines.foundation.processes import any_free_port, is_port_free
from analytics_pipelines.foundation.settings import Settings, load
from analytics_pipelines.operations.wish import Bounds
from analytics_pipelines.product_export.seed import seed
from analytics_pipelines.storage_snapshots.scanner.report import ScanReport
from analytics_pipelines.storage_snapshots.scanner.scan import scan
from analytics_pipelines.web_events.fence import Touched, advance, forget, touched
from analytics_pipelines.web_events.import_log import import_log
from analytics_pipelines.web_events.stretches import stretches

SHARE = "demo"
OWN_SHARE = "demo-files"
SITE = "demo"
LOG_SITE = "demo-log"


@dataclass(slots=True)
class Demo:
    """What the steps share."""

    settings: Settings
    steps: Steps
    database: Database

    @property
    def folder(self) -> Path:
        """Where the demo keeps its own log."""
        return self.settings.home.path / "demo"


def demo(
    path: Annotated[Path | None, typer.Option(help="Tree to scan; this Python's installation when absent.")] = None,
    log: Annotated[Path | None, typer.Option(help="Access log to import; else the demo makes one.")] = None,
    site: Annotated[str, typer.Option(help="Site that the lines of --log belong to.")] = LOG_SITE,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="End after the summary.")] = False,
) -> None:
    """Do the main job on this machine's own data: scan, collect, export, materialize, publish, ask; then serve."""
    settings = prepared(load())
    steps = Steps()
    with ExitStack() as stack:
        with steps.step("PostgreSQL"):
            urls = stack.enter_context(running_database(settings))
        database = stack.enter_context(opened(urls.app, settings))
        do_the_job(Demo(settings, steps, database), path or Path(sys.base_prefix), log, site)
    if not no_serve:
        processes.serve(settings, with_dagster=True)


def prepared(settings: Settings) -> Settings:
    """The settings with ports that are free, an access log for the demo to import, and schedules for serving."""
    return load(
        api_port=free_port("API", settings.api_host, settings.api_port),
        dagster_port=free_port("Dagster UI", settings.dagster_host, settings.dagster_port),
        access_log_path=settings.access_log_path or settings.home.logs / "access.log",
        schedules_enabled=True,
    )


def free_port(what: str, host: str, port: int) -> int:
    """The port, or another one, which is told, when something listens there."""
    if is_port_free(host, port):
        return port
    other = any_free_port(host)
    console.print(f"[dim]port {port} is taken, the {what} of the demo listens on {other}[/]")
    return other


def do_the_job(demo: Demo, path: Path, log: Path | None, site: str) -> None:
    """All steps from source to answer, then the summary and `demo.json`."""
    api = Child(processes.api_program(demo.settings))
    sql_service = Child(processes.sql_program(demo.settings))
    try:
        with demo.steps.step("API and SQL service"):
            sql_service.start()
            start_api(demo, api)
        scan_twice(demo, path)
        with demo.steps.step("product users and items") as step:
            added = seed(demo.database, today=today())
            step.outcome = f"{added.users:,} users and {added.items:,} items added"
        bring_in_a_log(demo, log, site)
        generation = materialize(demo)
        with demo.steps.step("ask the API"):
            answers = report.ask(processes.api_url(demo.settings), generation, demo.settings.query_timeout)
        with account(processes.api_url(demo.settings)) as client:
            with demo.steps.step("register, upload, run plans"):
                answers |= plans.ask_plans(client)
            with demo.steps.step("run SQL"):
                answers |= sql.ask_sql(client, generation, str(today()), SHARE)
    finally:
        api.stop()
        sql_service.stop()
    figures = report.figures_of(demo.settings)
    report.show(demo.settings, figures, answers)
    console.print(f"\n{report.write(demo.settings, figures, answers, demo.steps.seconds)}", highlight=False)


def start_api(demo: Demo, api: Child) -> None:
    """Start the API and wait until it answers; raises `Unavailable` with the place of its log."""
    api.start()
    if not processes.answers_within(processes.api_url(demo.settings) + "/health", processes.READY_WAIT_S, api):
        raise Unavailable("The API did not start.", remedy=f"Its log is {api.program.log}.")


def scan_twice(demo: Demo, path: Path) -> None:
    """One snapshot dated yesterday, a small change in the demo's own folder, one snapshot dated today."""
    yesterday = today() - timedelta(days=1)
    with demo_folder(path.resolve(), demo.folder) as own:
        shares = {SHARE: path} if own.is_inside else {SHARE: path, OWN_SHARE: own.path}
        for day, change in ((yesterday, own.first_state), (today(), own.second_state)):
            change()
            with demo.steps.step(f"scan {path} as of {day}", quiet=True) as step, counting("scanning") as progress:
                reports = [
                    scan(folder, share, day, demo.settings.snapshots_folder, progress=progress.reach)
                    for share, folder in shares.items()
                ]
                step.outcome = scanned(reports)


def scanned(reports: list[ScanReport]) -> str:
    """How many entries, and how many a second."""
    entries = sum(each.entries for each in reports)
    return f"{entries:,} entries, {entries / max(sum(each.duration_s for each in reports), 0.001):,.0f} a second"


def bring_in_a_log(demo: Demo, log: Path | None, site: str) -> None:
    """Import the log given, or drive visitors at `/collect` and import the access log that this made."""
    if log is None:
        with demo.steps.step("visitors at POST /collect", quiet=True) as step:
            sent = visitors.requests(SITE, now())
            with counting("sending", len(sent)) as progress:
                outcomes = traffic.drive(processes.api_url(demo.settings), sent, progress.add)
            step.outcome = ", ".join(f"{number:,} {outcome}" for outcome, number in sorted(outcomes.items()))
        access_log = demo.settings.access_log_path
        assert access_log is not None  # noqa: S101 - `prepared` has set it
        kept = demo.folder / f"access-{today()}.log"
        log = traffic.keep_log(access_log, kept, demo.settings.home.staging)
    with demo.steps.step(f"import {log.name} as {site}", quiet=True) as step, counting("importing") as progress:
        outcome = import_log(demo.database, log, site, progress=progress.add)
        step.outcome = f"{outcome.stored:,} stored, {outcome.duplicates:,} known, {outcome.malformed:,} malformed"


def materialize(demo: Demo) -> str:
    """One run for each asset group and range of days touched, then the generation; its id."""
    from analytics_pipelines.cli.materialize import Runs, made_of  # noqa: PLC0415 - Dagster costs 2 s

    yesterday = today() - timedelta(days=1)
    seen, days = touched_days(demo)
    ranges: dict[str, list[tuple[date, date]]] = {
        "storage_snapshots": [(yesterday, today())],
        "product_export": [(today(), today())],
        "web_events": days,
    }
    runs = Runs(demo.settings, demo.database)
    for group, days in ranges.items():
        with demo.steps.step(f"materialize {group}") as step:
            made = [each for first, last in days for each in made_of(runs.group(group, first, last))]
            step.outcome = f"{sum(each.rows for each in made):,} rows in {len({each.asset for each in made})} tables"
    forget(demo.database, seen)
    with demo.steps.step("publish a generation") as step:
        step.outcome = runs.publish()
    return step.outcome


def touched_days(demo: Demo) -> tuple[list[Touched], list[tuple[date, date]]]:
    """What the events stored so far touched, and the stretches of days that are to be made anew for it."""
    late_event_days = demo.settings.late_event_days
    advance(demo.database, now(), late_event_days=late_event_days)
    seen = touched(demo.database)
    bounds = Bounds.of(demo.settings, today())
    found = stretches(seen, seen, late_event_days=late_event_days, within=(bounds.first, bounds.last))
    return [day for each in found for day in each.touched], [(each.first, each.last) for each in found]
