"""Rows of TPC-H, made by `tpchgen-cli` and stored in a lake."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import ParquetFiles, Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Table
from benchmarks.tpch.tables import DAY, TABLES

PROGRAM = "tpchgen-cli"
QUESTIONS = range(1, 23)
ALL_ROWS = Sql("SELECT * FROM given")


def generated(folder: Path, *, scale: float, tables: Iterable[Table] = TABLES) -> Path:
    """The folder, with `<table>.parquet` of each table; `scale` 1 is a gigabyte of text, 6 million order lines.

    Raises `SetupError` where the program is not installed.
    """
    names = ",".join(table.name for table in tables)
    command = [_program(), "parquet", "--scale-factor", str(scale), "--tables", names, "--output-dir", str(folder)]
    subprocess.run([*command, "--quiet"], check=True)
    return folder


def publish(lake: Lake, folder: Path, tables: Iterable[Table] = TABLES) -> list[Table]:
    """Store the rows of those files in the lake; gives the tables."""
    stored = list(tables)
    for table in stored:
        store(lake, table, folder / (table.name + ".parquet"))
    return stored


def store(lake: Lake, table: Table, file: Path) -> None:
    """Store one file as the whole of a table."""
    lake.replace(table, DAY, Select(ALL_ROWS, reads={"given": ParquetFiles((file,))}))


def renamed(table: Table, name: str, *, native: bool) -> Table:
    """The same columns as another table."""
    return replace(table, name=name, is_native=native)


@cache
def question(number: int) -> str:
    """The SQL of a question, 1 to 22."""
    return files(__package__).joinpath("queries", f"q{number:02}.sql").read_text(encoding="utf-8")


def _program() -> str:
    """Beside the interpreter, or wherever the shell finds it."""
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which(PROGRAM, path=places)
    if found is None:
        raise SetupError(PROGRAM + " is not installed.", remedy="Install the wheel " + PROGRAM + ".")
    return found
