"""Structured logs: one JSON object a line on standard error, with the request's or run's id.

    log = structlog.get_logger(__name__)
    with bound(run_id=run_id):
        log.info("published", table="out_web__daily_metrics", rows=31)

Secrets are hidden on the way out, by the name of their field and by their look in a text.
"""

import logging
import re
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars, bound_contextvars, get_contextvars, merge_contextvars
from structlog.typing import EventDict, Processor

from analytics_pipelines.foundation.settings import Settings

HIDDEN = "[hidden]"
SECRET_NAME = re.compile(
    r"password|passwd|secret|token|authorization|cookie|api_?key|conninfo|dsn|credential", re.IGNORECASE
)
SECRET_IN_TEXT = re.compile(
    r"(?P<url>://[^\s:/@]*:)[^\s@]+(?=@)"  # scheme://user:password@host
    r"|(?P<word>\b(?:(?:password|passwd)\s*[=:]\s*|authorization\s*[=:]\s*(?:(?:basic|bearer)\s+)?|bearer\s+))"
    r"'?[^\s'\",;]+"
    r"|(?P<token>\bapt_)[A-Za-z0-9_-]+",
    re.IGNORECASE,
)
HANDLER_NAME = "analytics_pipelines"
QUIET = {
    "uvicorn.access": logging.CRITICAL,
    "alembic": logging.WARNING,
    "asyncio": logging.WARNING,
    "httpx": logging.WARNING,
}
OTHERS_WITH_HANDLERS = ("uvicorn", "uvicorn.error", "uvicorn.access")


def configure(settings: Settings, *, service: str) -> None:
    """Send all logs of the process, those of libraries too, through one JSON handler; may be called again."""
    shared: list[Processor] = [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="logged_at"),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    _install(_handler(shared, service), settings.effective_log_level)


def current_request_id() -> str | None:
    """The id of the request that this code runs for; None outside of one."""
    found: str | None = get_contextvars().get("request_id")
    return found


def bind(**values: object) -> None:
    """Add values to every line that this request or run logs from here on."""
    bind_contextvars(**values)


@contextmanager
def bound(**values: object) -> Iterator[None]:
    """Add values to every line logged inside the `with`."""
    with bound_contextvars(**values):
        yield


def without_secrets(_: object, __: str, event: MutableMapping[str, Any]) -> EventDict:
    """The event with secrets hidden: by the name of their field, or by their look inside a text."""
    return {name: HIDDEN if SECRET_NAME.search(name) else _cleaned(value) for name, value in event.items()}


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        return SECRET_IN_TEXT.sub(_hide, value)
    if isinstance(value, Mapping):
        return without_secrets(None, "", {str(name): each for name, each in value.items()})
    if isinstance(value, list | tuple):
        return [_cleaned(each) for each in value]
    return value


def _hide(found: re.Match[str]) -> str:
    return (found["url"] or found["word"] or found["token"]) + HIDDEN


class StandardError(logging.Handler):
    """Writes to whatever standard error is at that moment, a line a record."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record; one that can not be formatted is reported as logging does it."""
        try:
            sys.stderr.write(self.format(record) + "\n")
        except Exception:  # noqa: BLE001 - a log line never ends the work it tells of
            self.handleError(record)


def _handler(shared: list[Processor], service: str) -> logging.Handler:
    def name_the_service(_: object, __: str, event: MutableMapping[str, Any]) -> EventDict:
        return {"service": service, **event}

    handler = StandardError()
    handler.set_name(HANDLER_NAME)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                name_the_service,
                without_secrets,
                structlog.processors.JSONRenderer(default=str),
            ],
        )
    )
    return handler


def _install(handler: logging.Handler, level: str) -> None:
    root = logging.getLogger()
    for old in [each for each in root.handlers if each.get_name() == HANDLER_NAME]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in OTHERS_WITH_HANDLERS:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)
