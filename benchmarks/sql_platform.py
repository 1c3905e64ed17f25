"""What the benchmark of the SQL service runs on: a published generation, the service over it, DuckDB beside it."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import httpx
import psutil
import pyarrow as pa
from duckdb import DuckDBPyConnection

from analytics_pipelines.accounts.tokens import create_token
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.generation import GenerationFolders
from analytics_pipelines.foundation.generation.description import read_generation
from analytics_pipelines.foundation.generation.views import attach_rooms, make_view, query_of
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.embedded import running_database
from analytics_pipelines.foundation.settings import Settings, child_environment
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.web_events.tables import CORE_EVENTS
from benchmarks.load import HOST
from benchmarks.server import served
from benchmarks.sql_events import store_events
from benchmarks.sql_lag import APP, PATH
from benchmarks.sql_wire import OK, QUERY_PATH
from benchmarks.tpch.rows import generated, publish, renamed, store
from benchmarks.tpch.tables import LINEITEM

PREFIX = "/api/v1/duckdb"
BROKER = "analytics_pipelines.sql_service.broker"
BIG = renamed(LINEITEM, "lineitem_sf1", native=False)
"""Six million rows, as Parquet; the other tables, of scale 0.1, are in the room's DuckDB file."""
BIG_SCALE, SCALE = 1.0, 0.1
EVENT_DAYS, EVENTS_A_DAY = 5, 200_000
READY_S = 120.0
ACCEPTED = 202


def make_generation(settings: Settings, folder: Path) -> None:
    """Publish TPC-H and a million events."""
    with closing(Lake.at(settings.home, DuckLimits.of(settings)).duck) as duck:
        lake = Lake(settings.home, duck)
        tables = publish(lake, generated(folder / "small", scale=SCALE))
        big = generated(folder / "big", scale=BIG_SCALE, tables=[LINEITEM]) / "lineitem.parquet"
        store(lake, BIG, big)
        big.unlink()
        store_events(lake, days=EVENT_DAYS, rows_a_day=EVENTS_A_DAY)
        build_generation(settings, lake, [*tables, BIG, CORE_EVENTS], hot=())


@contextmanager
def in_process(settings: Settings) -> Iterator[DuckDBPyConnection]:
    """DuckDB in this process over the same files, with the threads of one worker and the memory of all."""
    folders = GenerationFolders.of(settings.home)
    folder = folders.folder(folders.current_id() or "")
    generation = read_generation(folder)
    limits = DuckLimits.of(settings)
    config: dict[str, Any] = {"threads": limits.threads, "memory_limit": f"{limits.memory_bytes}B"}
    with duckdb.connect(config=config) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        attach_rooms(connection, folder, generation)
        for table in generation.tables:
            make_view(connection, table.name, query_of(folder, table))
        yield connection


@dataclass(frozen=True, slots=True)
class Service:
    """The running service and a client that asks one thing at a time."""

    port: int
    token: str
    broker: psutil.Process
    connection: http.client.HTTPConnection

    def query(self, sql: str, parameters: list[Any]) -> dict[str, Any]:
        """The answer as JSON; raises `RuntimeError` of an error."""
        answer: dict[str, Any] = json.loads(self._sent(QUERY_PATH, {"query": sql, "params": parameters}).read())
        return answer

    def table(self, sql: str, parameters: list[Any]) -> pa.Table:
        """The answer as Arrow, read as it comes."""
        reply = self._sent(QUERY_PATH, {"query": sql, "params": parameters, "fetch_mode": "arrow"})
        found = pa.ipc.open_stream(reply).read_all()
        reply.read()
        return found

    def export(self, sql: str, parameters: list[Any]) -> dict[str, Any]:
        """What is told of an export once it is there; raises `RuntimeError` when it fails."""
        asked = {"query": sql, "params": parameters, "format": "parquet", "timeout_s": READY_S}
        told: dict[str, Any] = json.loads(self._sent(PREFIX + "/exports", asked).read())
        while told["state"] in {"queued", "running"}:
            time.sleep(0.02)
            told = self.get(PREFIX + "/exports/" + told["export_id"])
        if told["state"] != "succeeded":
            raise RuntimeError(str(told))
        self._asked("DELETE", PREFIX + "/exports/" + told["export_id"]).read()
        return told

    def get(self, path: str) -> dict[str, Any]:
        """JSON of a path."""
        told: dict[str, Any] = json.loads(self._asked("GET", path).read())
        return told

    def late(self) -> dict[str, float]:
        """Lateness of the API's loop since it was last asked, in milliseconds."""
        return self.get(PATH)

    def _sent(self, path: str, body: dict[str, Any]) -> http.client.HTTPResponse:
        reply = self._asked("POST", path, json.dumps(body))
        if reply.status not in {OK, ACCEPTED}:
            raise RuntimeError(f"{reply.status}: {reply.read().decode()}")
        return reply

    def _asked(self, method: str, path: str, body: str | None = None) -> http.client.HTTPResponse:
        """Over the kept connection, or a new one where the server has closed it meanwhile."""
        headers = {"Authorization": "Bearer " + self.token, "Content-Type": "application/json"}
        try:
            self.connection.request(method, path, body, headers)
            return self.connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            self.connection.close()
            self.connection.request(method, path, body, headers)
            return self.connection.getresponse()


@contextmanager
def running_service(settings: Settings) -> Iterator[Service]:
    """PostgreSQL, broker and one worker of the API, ready to be asked."""
    with running_database(settings) as urls:
        with closing(Database(urls.app, name="bench", settings=settings)) as database:
            token = create_token(database, name="bench", scopes=["admin"])
        environment = child_environment(settings, LOG_LEVEL="WARNING")
        broker = subprocess.Popen([sys.executable, "-m", BROKER], env=environment)
        with (
            _ended(broker),
            served(environment, _is_ready, app=APP) as port,
            closing(http.client.HTTPConnection(HOST, port, timeout=READY_S)) as connection,
        ):
            yield Service(port, token, psutil.Process(broker.pid), connection)


@contextmanager
def _ended(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _is_ready(url: str) -> bool:
    """Whether all workers are there."""
    reply = httpx.get(url + PREFIX + "/health", timeout=5)
    if not reply.is_success:
        return False
    pool = reply.json()["connection_pool"]
    return bool(pool["total_connections"] == pool["max_connections"])


def family(broker: psutil.Process) -> dict[str, list[psutil.Process]]:
    """The broker, the process that workers are forked from, and the workers."""
    zygotes = broker.children()
    return {"broker": [broker], "zygote": zygotes, "worker": [each for zygote in zygotes for each in zygote.children()]}


def counted() -> Callable[[], int]:
    """A number that was not given before, for parameters that no cached answer has."""
    numbers = iter(range(1, 2**31))
    return lambda: next(numbers)
