"""Bad input is one clear line and a status that is not zero, with nothing half-published."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from analytics_pipelines.cli.main import COMMANDS, command_line
from analytics_pipelines_tests.cli.conftest import Analytics

HEAVY = ("dagster", "duckdb", "pandas", "psycopg", "polars", "alembic", "structlog")
NEEDED_LATER = ("numpy", "pyarrow", "pydantic_settings", "rich")
UNREACHABLE = "postgresql://somebody:hush@127.0.0.1:1/none"


def is_one_line(text: str) -> bool:
    return text.startswith("error: ") and text.count("\n") == 1 and "Traceback" not in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(("scan", "nowhere", "--share", "s"), "There is no nowhere", id="a missing path"),
        pytest.param(("scan", "notes.txt", "--share", "s"), "is not a folder", id="a file instead of a folder"),
        pytest.param(("scan", ".", "--share", "../s"), "share", id="a share that is a path"),
        pytest.param(("import-log", "nowhere.log", "--site", "s"), "There is no log nowhere.log", id="a missing log"),
        pytest.param(
            ("import-log", "notes.txt", "--site", "s"), "does not begin like an access log", id="a file that is no log"
        ),
        pytest.param(
            ("materialize", "--from", "2026-05-02", "--to", "2026-05-01"), "lies before", id="a range backwards"
        ),
        pytest.param(("materialize", "--from", "1999-12-31"), "2010-01-01", id="a day before the first partition"),
        pytest.param(("materialize", "--from", "2222-01-01"), "no partitions", id="a day after the last partition"),
        pytest.param(("materialize", "astrology", "--from", "2026-05-02"), "astrology", id="a group that is none"),
    ],
)
def test_bad_input_is_told_in_one_line(analytics: Analytics, home: Path, arguments: tuple[str, ...], told: str) -> None:
    (home.parent / "notes.txt").write_text("no log\nat all\n")
    outcome = analytics(*arguments)
    assert outcome.status == 1
    assert is_one_line(outcome.err), outcome.err
    assert told in outcome.err
    assert not list(home.glob("lake/**/*.parquet"))
    assert not list(home.glob("snapshots/**/*.parquet"))


@pytest.mark.parametrize("command", [("migrate",), ("token", "list"), ("materialize", "product_export")])
def test_a_database_that_is_away_is_told_without_its_password(
    analytics: Analytics, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DATABASE_URL", UNREACHABLE)
    outcome = analytics(*command)
    assert outcome.status == 1
    assert is_one_line(outcome.err), outcome.err
    assert "hush" not in outcome.out + outcome.err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("DATABASE_URL", "sqlite:///x.db", id="another database"),
        pytest.param("API_PORT", "many", id="a port that is no number"),
        pytest.param("DUCKDB_MEMORY_LIMIT", "lots", id="a size without a number"),
        pytest.param("LOG_LEVEL", "LOUD", id="a level that is none"),
    ],
)
def test_a_wrong_setting_is_named(analytics: Analytics, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    outcome = analytics("settings")
    assert outcome.status == 1
    assert is_one_line(outcome.err), outcome.err
    assert name in outcome.err


def test_every_command_is_there_and_its_group_alone_where_one_is_wanted() -> None:
    whole = get_command(command_line())
    assert isinstance(whole, TyperGroup)
    assert set(whole.commands) == {words.split()[0] for words in COMMANDS}
    some = get_command(command_line("token"))
    assert isinstance(some, TyperGroup)
    assert set(some.commands) == {"token"}
    none = get_command(command_line("astrology"))
    assert isinstance(none, TyperGroup)
    assert set(none.commands) == set(whole.commands)


def test_a_scan_starts_without_what_other_commands_need() -> None:
    loaded = (
        "import sys; from analytics_pipelines.cli.main import command_line; command_line('scan'); print(*sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", loaded], capture_output=True, check=True, text=True).stdout.split()
    assert {*HEAVY, *NEEDED_LATER}.isdisjoint(told)
