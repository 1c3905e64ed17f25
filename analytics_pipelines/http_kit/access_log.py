"""The access log: a line a request in Apache's combined format, as web servers write it and our import reads it."""

import os
import threading
from datetime import UTC, datetime
from pathlib import Path

from starlette.datastructures import Headers
from starlette.types import Message, Scope

MODE = 0o640
NONE = "-"
ENGLISH_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Answered:
    """A request and what was answered."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.received_at = datetime.now(UTC)
        self.status = 500
        self.size_bytes = 0

    def note(self, message: Message) -> None:
        """Take the status and the size from a message on its way out."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self.size_bytes += len(message.get("body", b""))

    def summary(self) -> dict[str, object]:
        """For the log: no query string and no headers, which may hold what is nobody's business."""
        return {
            "method": self.scope["method"],
            "path": self.scope["path"],
            "status": self.status,
            "size_bytes": self.size_bytes,
            "client": self.client,
        }

    @property
    def client(self) -> str:
        """The caller's address."""
        found = self.scope.get("client")
        return found[0] if found else NONE

    def combined(self) -> str:
        """One line of the combined format, in UTC."""
        headers = Headers(scope=self.scope)
        quoted = (self._request_line(), headers.get("referer", NONE), headers.get("user-agent", NONE))
        request, referer, agent = ('"' + escaped(text) + '"' for text in quoted)
        size = str(self.size_bytes or NONE)
        return " ".join((self.client, NONE, NONE, self._time(), request, str(self.status), size, referer, agent))

    def _request_line(self) -> str:
        path = self.scope.get("raw_path") or self.scope["path"].encode()
        query = self.scope.get("query_string", b"")
        target = (path + b"?" + query if query else path).decode("latin-1")
        return " ".join((self.scope["method"], target, "HTTP/" + self.scope.get("http_version", "1.1")))

    def _time(self) -> str:
        # strftime's month would follow the locale.
        return self.received_at.strftime("[%d/{month}/%Y:%H:%M:%S +0000]").format(
            month=ENGLISH_MONTHS[self.received_at.month - 1]
        )


class AccessLog:
    """Appends whole lines to a file; several processes may share it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, MODE)
        self._guard = threading.Lock()

    def write(self, answered: Answered) -> None:
        """Append the request's line in one write."""
        line = answered.combined() + "\n"
        with self._guard:
            os.write(self._descriptor, line.encode("latin-1", "backslashreplace"))

    def close(self) -> None:
        """Give the file back."""
        os.close(self._descriptor)


def escaped(text: str) -> str:
    r"""The text as Apache writes it: `\"`, `\\`, and `\xhh` for what can not be printed."""
    return "".join(_escaped_character(character) for character in text)


def _escaped_character(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if " " <= character <= "~" else "\\x" + format(ord(character), "02x")
