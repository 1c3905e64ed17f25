"""Commands of the SQL service: sql runs it, query asks it."""

import asyncio
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, BinaryIO
from uuid import uuid4

import orjson
import typer
from rich.markup import escape

from analytics_pipelines.cli.output import console, table
from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.foundation.settings import Settings, load
from analytics_pipelines.sql_service.allowance import Caller, Rights
from analytics_pipelines.sql_service.client import Answer, BrokerClient
from analytics_pipelines.sql_service.messages import Ask, Does, Format, Statement
from analytics_pipelines.sql_service.places import Places

OPERATOR = Caller("operator", Rights.ADMIN)
"""Whoever can open the private socket could read the files themselves."""
STDIN = "-"
NOTHING = "-"
SHOWN_ROWS = 100
NUMBERS = (
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
)
PRIVATE = 0o600


class NotShown(BadInput):
    """The answer can not be written where it was asked for."""


class Shape(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"
    ARROW = "arrow"

    @property
    def rows(self) -> Format:
        """How rows come from the service."""
        return Format.JSON if self is Shape.TABLE else Format(self.value)

    @property
    def is_text(self) -> bool:
        """Whether a terminal can show it."""
        return self not in {Shape.PARQUET, Shape.ARROW}


def sql() -> None:
    """Run the SQL service in the foreground until Ctrl-C; `analytics up` runs it beside the API."""
    from analytics_pipelines.sql_service.broker.server import run  # noqa: PLC0415 - query does without

    run(load())


def query(  # noqa: PLR0917 - typer gives them by name
    statement: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT; - reads it from standard input.")],
    param: Annotated[list[str] | None, typer.Option(help="NAME=VALUE for $NAME in the SQL; repeatable.")] = None,
    shape: Annotated[Shape, typer.Option("--format", help="How the answer is written.")] = Shape.TABLE,
    output: Annotated[Path | None, typer.Option(help="File to write it to, instead of the screen.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Most rows; 100 of a table.")] = None,
    timeout: Annotated[float | None, typer.Option(min=0.001, help="Seconds after which it is stopped.")] = None,
) -> None:
    """Ask the running SQL service, with all rights, and show the answer."""
    if shape is Shape.TABLE and output is not None:
        raise NotShown("A table is for the screen.", remedy="Give --format csv, json, parquet or arrow.")
    if not shape.is_text and output is None and sys.stdout.isatty():
        raise NotShown(shape.value + " is not for the screen.", remedy="Give --output FILE.")
    text = sys.stdin.read() if statement == STDIN else statement
    most = (limit or SHOWN_ROWS) if shape is Shape.TABLE else limit
    ask = Ask(
        does=Does.QUERY,
        caller=OPERATOR,
        statements=(Statement(text, _named(param or ())),),
        format=shape.rows,
        limit=most,
        timeout_s=timeout,
    )
    asyncio.run(_asked(load(), ask, shape, output))


async def _asked(settings: Settings, ask: Ask, shape: Shape, output: Path | None) -> None:
    async with BrokerClient(Places.of(settings.home)).ask(ask) as answer:
        if shape is Shape.TABLE:
            _show(orjson.loads(b"{" + await answer.content() + b"}"), answer.end)
            return
        with _target(output) as file:
            await _write(answer, shape, file)
    if output is not None:
        console.print(escape(f"{answer.end['row_count']:,} rows in {output}"), style="dim", highlight=False)


async def _write(answer: Answer, shape: Shape, file: BinaryIO) -> None:
    """Rows as they come; of JSON the members of END stand behind them."""
    if shape is Shape.JSON:
        file.write(b"{")
    async for part in answer.parts():
        file.write(part)
    if shape is Shape.JSON:
        file.write(b"," + answer.end_json[1:] + b"\n")


@contextmanager
def _target(output: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or a new file that has its name once it is whole."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    staged = output.with_name("." + output.name + "." + uuid4().hex + ".part")
    try:
        with staged.open("xb") as file:
            staged.chmod(PRIVATE)
            yield file
        os.replace(staged, output)
    except OSError as error:
        told = f"{output} can not be written: {error.strerror}."
        raise NotShown(told, remedy="Give --output a file in a folder that is there.") from None
    finally:
        staged.unlink(missing_ok=True)


def _show(told: Mapping[str, Any], end: Mapping[str, Any]) -> None:
    names = [each["name"] for each in told["columns"]]
    right = [each["name"] for each in told["columns"] if each["type"].startswith(NUMBERS)]
    console.print(table("", names, [[_cell(value) for value in row] for row in told["data"]], right=right))
    more = ", and there are more (--limit)" if end["truncated"] else ""
    timed = f"{end['row_count']:,} rows{more}, {end['execution_time'] * 1000:,.1f} ms, generation {end['generation']}"
    console.print(escape(timed), style="dim", highlight=False)


def _cell(value: Any) -> str:
    if value is None:
        return NOTHING
    return orjson.dumps(value).decode() if isinstance(value, list | dict | bool) else str(value)


def _named(given: list[str] | tuple[str, ...]) -> dict[str, Any] | None:
    """`NAME=VALUE` as values by name: numbers, true, false and null as JSON has them, all else as text."""
    found: dict[str, Any] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not name or not equals:
            raise BadInput(each + " names no parameter.", remedy="Write --param NAME=VALUE.")
        try:
            found[name] = orjson.loads(value)
        except orjson.JSONDecodeError:
            found[name] = value
    return found or None
