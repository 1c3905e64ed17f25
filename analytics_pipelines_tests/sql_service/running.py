"""The SQL service as its clients meet it: a broker of its own, the API behind real HTTP, tokens of both rights."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psutil
import pyarrow as pa

from analytics_pipelines.accounts.tokens import create_token
from analytics_pipelines.app import create_app
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines_tests.apps import serving
from analytics_pipelines_tests.sql_service.brokers import running_broker

PREFIX = "/api/v1/duckdb"
PATIENCE_S = 90.0


@dataclass(frozen=True, slots=True)
class Tokens:
    """Service tokens, one for each rights."""

    admin: str
    analyst: str

    @staticmethod
    def made(database: Database) -> "Tokens":
        """New ones."""
        return Tokens(
            admin=create_token(database, name="sql-admin", scopes=["admin"]),
            analyst=create_token(database, name="sql-analyst", scopes=["analyst"]),
        )


@dataclass(frozen=True, slots=True)
class Running:
    """A running service and clients of it."""

    settings: Settings
    url: str
    tokens: Tokens
    admin: httpx.Client
    analyst: httpx.Client
    broker: psutil.Process

    def query(self, sql: str, params: Any = None, *, as_analyst: bool = False, **more: Any) -> httpx.Response:
        """What `POST /query` says."""
        client = self.analyst if as_analyst else self.admin
        body = json.dumps({"query": sql, "params": params, **more})  # in ASCII: some statements are no UTF-8
        return client.post(PREFIX + "/query", content=body, headers={"Content-Type": "application/json"})

    def answer(self, sql: str, params: Any = None, **more: Any) -> dict[str, Any]:
        """The same, which has to be a success, as JSON."""
        response = self.query(sql, params, **more)
        assert response.status_code == 200, (sql, response.text)
        found: dict[str, Any] = response.json()
        return found

    def table(self, sql: str, params: Any = None) -> pa.Table:
        """The same, as an Arrow table."""
        response = self.query(sql, params, fetch_mode="arrow")
        assert response.status_code == 200, (sql, response.text)
        return pa.ipc.open_stream(response.content).read_all()

    @property
    def zygote(self) -> psutil.Process:
        """The process that workers are forked from."""
        return next(each for each in self.broker.children() if each.children())

    def workers(self) -> list[psutil.Process]:
        """The processes that run SQL now."""
        return [worker for zygote in self.broker.children() for worker in zygote.children()]

    def is_healthy(self) -> bool:
        """Whether it answers queries, with all its workers there."""
        response = self.admin.get(PREFIX + "/health", timeout=10)
        pool = response.json().get("connection_pool")
        return response.status_code == 200 and pool["total_connections"] == pool["max_connections"]


@contextmanager
def running(settings: Settings, database: Database) -> Iterator[Running]:
    """Broker and API over what the home has published, ready when the block begins."""
    tokens = Tokens.made(database)
    with (
        running_broker(settings) as process,
        serving(create_app(settings)) as url,
        clients(url, tokens) as (admin, analyst),
    ):
        yield Running(settings, url, tokens, admin, analyst, psutil.Process(process.pid))


@contextmanager
def clients(url: str, tokens: Tokens) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """One of an admin, one of an analyst."""
    with (
        httpx.Client(base_url=url, timeout=PATIENCE_S, headers={"Authorization": "Bearer " + tokens.admin}) as admin,
        httpx.Client(
            base_url=url, timeout=PATIENCE_S, headers={"Authorization": "Bearer " + tokens.analyst}
        ) as analyst,
    ):
        yield admin, analyst
