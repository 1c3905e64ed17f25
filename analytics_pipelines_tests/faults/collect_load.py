"""A load on `POST /collect` that remembers what was acknowledged, and goes on through every outage."""

import asyncio
import json
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

CLIENTS = 24
PAUSE_S = 0.02
ANSWER_WAIT_S = 30.0
POISON = "\ud800"


@dataclass
class Load:
    """Events of many clients; ids begin with `prefix`, and the seed decides what is sent twice or is poison."""

    port: int
    prefix: str
    seed: int
    acknowledged: set[str] = field(default_factory=set)
    statuses: "Counter[int]" = field(default_factory=Counter)
    broken: int = 0
    """Requests without an answer; each was sent again."""
    is_over: bool = False

    async def run(self) -> None:
        """All clients until it is over."""
        await asyncio.gather(*(self._client(number) for number in range(CLIENTS)))

    async def _client(self, number: int) -> None:
        """One request after the other; now and then an earlier one again, as a client does that lost the answer."""
        chance = random.Random(f"{self.seed} {number}")
        sent: list[str] = []
        while not self.is_over:
            with self._broken():
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                try:
                    while not self.is_over:
                        again = bool(sent) and chance.random() < 0.1
                        event_id = chance.choice(sent) if again else f"{self.prefix}-{number}-{len(sent)}"
                        if not again:
                            sent.append(event_id)
                        await self._ask(reader, writer, event_id)
                finally:
                    writer.close()
            await asyncio.sleep(PAUSE_S)

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, event_id: str) -> None:
        is_poison = event_id.endswith("7")
        body = {"eventType": "pageview", "eventId": event_id, "siteId": "example", "visitorId": "v"}
        content = json.dumps(body | ({"title": POISON} if is_poison else {})).encode()
        head = f"POST /collect HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(content)}"
        writer.write(head.encode() + b"\r\n\r\n" + content)
        async with asyncio.timeout(ANSWER_WAIT_S):
            answer = await reader.readuntil(b"\r\n\r\n")
            status = int(answer.split(b" ", 2)[1])
            length = int(answer.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            await reader.readexactly(length)
        self.statuses[status] += 1
        if status == 200:
            assert not is_poison
            self.acknowledged.add(event_id)

    @contextmanager
    def _broken(self) -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError):
            self.broken += 1


@contextmanager
def under_load(port: int, prefix: str, seed: int) -> Iterator[Load]:
    """The load for as long as the block runs, in a thread of its own."""
    load = Load(port, prefix, seed)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(load.run())
        except BaseException as error:  # noqa: BLE001 - told to the thread that waits
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield load
    finally:
        load.is_over = True
        thread.join()
    assert failures == []
