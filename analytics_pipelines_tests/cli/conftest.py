"""Runs the command line in this process, as a person would type it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from analytics_pipelines.cli import output
from analytics_pipelines.cli.main import main


@dataclass(frozen=True)
class Outcome:
    """What a command printed and how it ended."""

    status: int
    out: str
    err: str


Analytics = Callable[..., Outcome]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, and a working folder without a `.env`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANALYTICS_HOME", str(tmp_path / "my home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path / "my home"


@pytest.fixture
def analytics(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Analytics:
    """`analytics("scan", …)` gives status, output and errors."""

    def run(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["analytics", *map(str, arguments)])
        monkeypatch.setattr(output.console, "width", 200)
        status = 0
        try:
            main()
        except SystemExit as ended:
            status = int(ended.code or 0)
        structlog.reset_defaults()
        printed = capsys.readouterr()
        return Outcome(status, printed.out, printed.err)

    return run
