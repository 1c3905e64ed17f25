"""`analytics up` and `analytics dev`: the platform's processes under one parent."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import httpx
import typer

from analytics_pipelines.accounts.bootstrap import first_admin
from analytics_pipelines.cli.output import console
from analytics_pipelines.cli.supervisor import Child, Program, Supervisor
from analytics_pipelines.foundation.addresses import http_url
from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.embedded import EmbeddedServer
from analytics_pipelines.foundation.postgres.urls import database_urls
from analytics_pipelines.foundation.processes import is_port_free
from analytics_pipelines.foundation.settings import Settings, child_environment, load

DEFINITIONS = "analytics_pipelines.definitions"
PORT_WAIT_S = 15.0
READY_WAIT_S = 60.0


def up(
    no_dagster: Annotated[bool, typer.Option("--no-dagster", help="Serve the API and SQL alone.")] = False,
) -> None:
    """Run PostgreSQL, API, SQL service, Dagster UI and daemon until Ctrl-C; what dies is started again."""
    serve(load(schedules_enabled=True), with_dagster=not no_dagster)


def dev() -> None:
    """Run `dagster dev` with its state kept below ANALYTICS_HOME, and PostgreSQL beside it."""
    settings = load()
    must_be_free(settings.dagster_host, settings.dagster_port, "DAGSTER_PORT")
    where = ("-w", "workspace.yaml") if Path("workspace.yaml").is_file() else ("-m", DEFINITIONS)
    address = ("-h", settings.dagster_host, "-p", str(settings.dagster_port))
    command = (script("dagster"), "dev", *where, *address)
    with embedded_server(settings) as server:
        program = Program("dagster dev", command, dagster_environment(settings), settings.home.logs / "dagster-dev.log")
        console.print(f"Dagster UI  {dagster_url(settings)}\nlog         {program.log}\nCtrl-C ends it.")
        Supervisor([program], warn, also=keeper(server)).run()


def serve(settings: Settings, *, with_dagster: bool) -> None:
    """Everything of the platform, until Ctrl-C."""
    programs = [api_program(settings), sql_program(settings), *(dagster_programs(settings) if with_dagster else [])]
    with embedded_server(settings) as server:
        if server is not None:
            tell_first_admin(settings)
        supervise(settings, programs, server)


def tell_first_admin(settings: Settings) -> None:
    """At the first start of all: make an admin, and print how to log in, once."""
    with closing(Database(database_urls(settings).app, name="analytics-cli", settings=settings)) as database:
        made = first_admin(database)
    if made is not None:
        console.print(
            f"log in as  {made.username} with the password {made.password}  (shown this once)", highlight=False
        )


def supervise(settings: Settings, programs: list[Program], server: EmbeddedServer | None) -> None:
    """Start the programs, say where they are once they answer, and keep them alive until Ctrl-C."""
    must_be_free(settings.api_host, settings.api_port, "API_PORT")
    if any(program.name == "dagster-webserver" for program in programs):
        must_be_free(settings.dagster_host, settings.dagster_port, "DAGSTER_PORT")
    supervisor = Supervisor(programs, warn, also=keeper(server))
    supervisor.also = announced(settings, [program.name for program in programs], supervisor.also)
    supervisor.run()
    console.print("[dim]stopped[/]")


@contextmanager
def embedded_server(settings: Settings) -> Iterator[EmbeddedServer | None]:
    """The embedded PostgreSQL, started and migrated, or None where DATABASE_URL names another."""
    if settings.database_url is not None:
        yield None
        return
    server = EmbeddedServer(settings)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def keeper(server: EmbeddedServer | None) -> Callable[[], None]:
    """A function that starts the server again when it has died."""

    def keep() -> None:
        if server is not None and not server.poll():
            warn("postgres ended; starting it again")
            server.start()

    return keep


def announced(settings: Settings, names: list[str], also: Callable[[], None]) -> Callable[[], None]:
    """`also`, and the addresses once, as soon as the API answers."""
    told: list[bool] = []

    def turn() -> None:
        also()
        if not told and answers(api_url(settings) + "/health"):
            told.append(True)
            console.print(addresses(settings, names))

    return turn


def addresses(settings: Settings, names: list[str]) -> str:
    """Where everything is, a line each."""
    lines = ["home       " + api_url(settings) + "/", "API docs   " + api_url(settings) + "/docs"]
    if "dagster-webserver" in names:
        lines.append("Dagster    " + dagster_url(settings) + "/  (up in about 20 s)")
    lines += ["state      " + str(settings.home.path), "logs       " + str(settings.home.logs), "Ctrl-C ends it."]
    return "\n".join(lines)


def api_program(settings: Settings) -> Program:
    """The API's workers under uvicorn."""
    address = ("--host", settings.api_host, "--port", str(settings.api_port), "--workers", str(settings.api_workers))
    manners = ("--no-access-log", "--no-server-header", "--no-proxy-headers", "--timeout-graceful-shutdown", "10")
    command = (sys.executable, "-m", "uvicorn", "analytics_pipelines.app:create_app", "--factory", *address, *manners)
    return Program("api", command, child_environment(settings), settings.home.logs / "api.log")


def sql_program(settings: Settings) -> Program:
    """The broker of the SQL service, which starts its workers itself."""
    command = (sys.executable, "-m", "analytics_pipelines.sql_service.broker")
    return Program("sql", command, child_environment(settings), settings.home.logs / "sql.log")


def dagster_programs(settings: Settings) -> list[Program]:
    """The Dagster UI and the daemon that runs schedules, sensors and the queue."""
    environment = dagster_environment(settings)
    address = ("-h", settings.dagster_host, "-p", str(settings.dagster_port))
    commands = {
        "dagster-webserver": (script("dagster-webserver"), "-m", DEFINITIONS, *address),
        "dagster-daemon": (script("dagster-daemon"), "run", "-m", DEFINITIONS),
    }
    return [
        Program(name, command, environment, settings.home.logs / (name + ".log")) for name, command in commands.items()
    ]


def dagster_environment(settings: Settings) -> dict[str, str]:
    """The environment of Dagster's processes: ours, and where Dagster keeps its state."""
    from analytics_pipelines.dagster_kit.instance import dagster_home  # noqa: PLC0415 - costs 2 s

    return child_environment(settings, DAGSTER_HOME=str(dagster_home(settings)))


def script(name: str) -> str:
    """The console script that was installed beside this Python."""
    return str(Path(sys.executable).with_name(name))


def api_url(settings: Settings) -> str:
    """Where the API can be reached from this machine."""
    return http_url(settings.api_host, settings.api_port)


def dagster_url(settings: Settings) -> str:
    """Where the Dagster UI can be reached from this machine."""
    return http_url(settings.dagster_host, settings.dagster_port)


def answers(url: str) -> bool:
    """Whether a GET is answered with success."""
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.HTTPError:
        return False


def answers_within(url: str, seconds: float, child: Child) -> bool:
    """Wait until the URL is answered; False when the time is over or the child has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and child.is_alive():
        if answers(url):
            return True
        time.sleep(0.1)
    return False


def must_be_free(host: str, port: int, setting: str) -> None:
    """Wait a little for the port, since what was just killed may still hold it; raises `SetupError`."""
    deadline = time.monotonic() + PORT_WAIT_S
    while not is_port_free(host, port):
        if time.monotonic() > deadline:
            raise SetupError(f"Port {port} of {host} is taken.", remedy=f"End what listens there, or set {setting}.")
        time.sleep(0.2)


def warn(message: str) -> None:
    """A line about something that went wrong and is being mended."""
    console.print(f"[yellow]{time.strftime('%H:%M:%S')}[/] {message}")
