"""A mixed load of which every answer is checked: against the sums that the generation named in it has to give."""

import io
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from analytics_pipelines_tests.sql_service.known_sums import ROWS, sum_to
from analytics_pipelines_tests.sql_service.running import PREFIX, Tokens, clients

SUM = "SELECT count(*) AS rows, sum(value) AS total, max(edition) AS edition FROM {table} WHERE number < $1"
JOIN = (
    "SELECT count(*) AS rows, sum(c.value) AS total, max(n.edition) AS edition FROM core_sums__numbers n "
    "JOIN out_sums__copies c ON n.number = c.number AND n.edition = c.edition WHERE n.number < $1"
)
LISTED = "SELECT number, value, edition FROM core_sums__numbers WHERE number < $1 ORDER BY number"
LONG = "SELECT count(*) FROM core_sums__numbers a, core_sums__numbers b, out_sums__copies c WHERE a.value + b.value < c.value"
BATCH = (
    "CREATE TEMP TABLE part AS SELECT * FROM core_sums__numbers WHERE number < 1000",
    "INSERT INTO part SELECT * FROM core_sums__numbers WHERE number >= 1000 AND number < 2000",
    "SELECT count(*) AS rows, sum(value) AS total, max(edition) AS edition FROM part",
)
MISTAKES = ("SELEC 1", "SELECT person FROM nowhere", "SELECT 1; SELECT 2", "SELECT * FROM read_csv('/etc/passwd')")
TIMEOUT_S = 0.3
CLIENT_PATIENCE_S = 0.4
PAUSE_S = 0.02
UNAVAILABLE, TIMED_OUT, CONFLICT, OK = 503, 504, 409, 200


@dataclass
class Tally:
    """What became of all that was asked."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """Not answered: the process that ran it was killed."""


class Soak:
    """Clients in threads of their own, who ask as long as the block lasts."""

    def __init__(self, url: str, tokens: Tokens, editions: dict[str, int], *, seed: int = 7) -> None:
        self.tally = Tally()
        self._url = url
        self._tokens = tokens
        self._editions = editions
        self._ends = threading.Event()
        self._publishing = threading.Lock()
        actors = [self._asks, self._asks, self._asks, self._cancels]
        self._threads = [
            threading.Thread(target=self._run, args=(actor, random.Random(seed + number)))
            for number, actor in enumerate(actors)
        ]

    def __enter__(self) -> "Soak":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def expect(self, edition: int, publish: Callable[[int], str]) -> None:
        """Publish that edition; answers of it are expected from the moment at which it is in force."""
        with self._publishing:
            self._editions[publish(edition)] = edition

    def _edition(self, generation: str) -> int:
        """Of a generation; waits while one is being published that may be it."""
        if generation not in self._editions:
            with self._publishing:
                pass
        return self._editions[generation]

    def _run(self, act: Callable[[httpx.Client, httpx.Client, random.Random], None], chance: random.Random) -> None:
        with clients(self._url, self._tokens) as (admin, analyst):
            while not self._ends.is_set():
                try:
                    act(admin, analyst, chance)
                except (httpx.RemoteProtocolError, httpx.ReadError) as error:
                    self.tally.broken.append(repr(error))
                except Exception as error:  # noqa: BLE001 - whatever it is, the soak fails with it
                    self.tally.wrong.append(repr(error))
                time.sleep(PAUSE_S)

    def _asks(self, admin: httpx.Client, analyst: httpx.Client, chance: random.Random) -> None:
        below = chance.choice([10, ROWS, chance.randrange(1, ROWS)])
        kind = chance.choice(["sum", "sum", "copies", "join", "arrow", "csv", "parquet", "batch", "mistake", "hidden"])
        match kind:
            case "sum" | "copies" | "join":
                self._sums(kind, chance.choice([admin, analyst]), below)
            case "arrow" | "csv" | "parquet":
                self._streams(kind, admin, below)
            case "batch":
                self._batches(analyst)
            case _:
                sql = "SELECT person FROM core_sums__numbers" if kind == "hidden" else chance.choice(MISTAKES)
                response = analyst.post(PREFIX + "/query", json={"query": sql})
                self._note(kind, response, is_right=response.status_code in {400, 422})

    def _sums(self, kind: str, client: httpx.Client, below: int) -> None:
        tables = {"sum": "core_sums__numbers", "copies": "out_sums__copies"}
        sql = JOIN if kind == "join" else SUM.replace("{table}", tables[kind])
        response = client.post(PREFIX + "/query", json={"query": sql, "params": [below]})
        self._note(kind, response, is_right=response.status_code == OK and self._is_sum(response.json(), below))

    def _is_sum(self, answer: dict[str, Any], below: int) -> bool:
        edition = self._edition(answer["generation"])
        ((rows, total, told),) = answer["data"]
        return (rows, int(total), told) == (below, sum_to(below, edition), edition)

    def _streams(self, kind: str, client: httpx.Client, below: int) -> None:
        sent = {"query": LISTED, "params": [below], "fetch_mode": kind}
        response = client.post(PREFIX + "/query", json=sent)
        if response.status_code == OK:
            edition = self._edition(response.headers["X-Generation"])
            found = read(kind, response.content).to_pydict()
            numbers = list(range(below))
            is_right = found["number"] == numbers and found["value"] == [edition * number for number in numbers]
            self._note(kind, response, is_right=is_right)
        else:
            self._note(kind, response, is_right=False)

    def _batches(self, client: httpx.Client) -> None:
        response = client.post(PREFIX + "/batch", json={"queries": list(BATCH)})
        if response.status_code == OK:
            answer = response.json()
            last = {**answer["results"][-1], "generation": answer["generation"]}
            self._note("batch", response, is_right=self._is_sum(last, 2000))
        else:
            self._note("batch", response, is_right=False)

    def _cancels(self, admin: httpx.Client, _analyst: httpx.Client, chance: random.Random) -> None:
        """A long query that is stopped by its own limit, by a cancellation, or by going away."""
        kind = chance.choice(["limit", "cancel", "leave"])
        if kind == "limit":
            response = admin.post(PREFIX + "/query", json={"query": LONG, "timeout_s": TIMEOUT_S})
            self._note(kind, response, is_right=response.status_code == TIMED_OUT)
        elif kind == "leave":
            self._leaves(admin)
        else:
            self._is_cancelled(admin)

    def _leaves(self, client: httpx.Client) -> None:
        try:
            response = client.post(PREFIX + "/query", json={"query": LONG}, timeout=CLIENT_PATIENCE_S)
        except httpx.ReadTimeout:
            self.tally.right["leave"] += 1
        else:
            self._note("leave", response, is_right=False)

    def _is_cancelled(self, client: httpx.Client) -> None:
        def cancel() -> None:
            with clients(self._url, self._tokens) as (other, _):
                for _ in range(100):
                    running = other.get(PREFIX + "/queries").json()["running"]
                    found = [each["query_id"] for each in running if each["sql"] == LONG]
                    for each in found:
                        other.delete(PREFIX + "/queries/" + each)
                    if found:
                        return
                    time.sleep(PAUSE_S)

        canceller = threading.Thread(target=cancel)
        canceller.start()
        try:
            response = client.post(PREFIX + "/query", json={"query": LONG})
            self._note("cancel", response, is_right=response.status_code == CONFLICT)
        finally:
            canceller.join()

    def _note(self, kind: str, response: httpx.Response, *, is_right: bool) -> None:
        if is_right:
            self.tally.right[kind] += 1
        elif response.status_code == UNAVAILABLE:
            self.tally.broken.append(response.text)
        else:
            self.tally.wrong.append(f"{kind}: {response.status_code} {response.text[:500]}")


def read(kind: str, content: bytes) -> pa.Table:
    """An answer's rows; raises when it is not whole."""
    if kind == "arrow":
        return pa.ipc.open_stream(content).read_all()
    file = io.BytesIO(content)
    return pa.parquet.read_table(file) if kind == "parquet" else pa.csv.read_csv(file)
