"""`analytics export`: what a person sees of a run, and how it ends."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from analytics_pipelines.cli import export as module
from analytics_pipelines.cli.export import Bars
from analytics_pipelines.product_export.seed import seed

TODAY = datetime.now(UTC).date()


@pytest.fixture
def source(monkeypatch, database_urls):
    monkeypatch.setenv("DATABASE_URL", str(database_urls.app))


def test_a_run_is_told_as_a_table_with_its_moment_and_what_comes_next(analytics, home, source, database):
    seed(database, today=TODAY, users=7, items=30)
    outcome = analytics("export", "--verify")
    assert (outcome.status, outcome.err) == (0, "")
    assert "Exported, every value compared" in outcome.out
    (line,) = [line for line in outcome.out.splitlines() if line.startswith("raw_app__items")]
    assert line.split()[:4] == ["raw_app__items", str(TODAY), "whole", "30"]
    assert "Whole: items_analytics.parquet, users_analytics.parquet" in outcome.out
    assert "One snapshot, taken at " in outcome.out
    assert "analytics materialize serving" in outcome.out
    assert (home / "parquet" / "users_analytics.parquet").is_file()


def test_tables_and_days_can_be_chosen(analytics, home, source):
    outcome = analytics("export", "product.users", "--from", "2026-01-01", "--to", "2026-01-02")
    assert outcome.status == 0
    assert "raw_app__users of 2 days from 2026-01-01 to 2026-01-02 is left as it is" in outcome.out
    assert "One snapshot" not in outcome.out
    assert not (home / "lake").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(("astrology",), "No exported table is called astrology", id="a table that is not exported"),
        pytest.param(("--from", "2026-01-02", "--to", "2026-01-01"), "lies before", id="a range backwards"),
    ],
)
def test_a_wrong_wish_is_one_line_and_a_status(analytics, source, arguments, told):
    outcome = analytics("export", *arguments)
    assert outcome.status == 1
    assert outcome.err.startswith("error: ")
    assert told in outcome.err
    assert outcome.err.count("\n") == 1


def test_bars_show_rows_speed_and_what_is_left_and_move_their_end(monkeypatch):
    screen = Console(file=io.StringIO(), force_terminal=True, width=120)
    monkeypatch.setattr(module, "console", screen)
    with module._bars() as bars:
        assert isinstance(bars, Bars)
        bars.begins("raw_app__users", 100)
        bars.begins("raw_app__items", -1)
        bars.advances("raw_app__users", 60, 3_000_000)
        bars.advances("raw_app__items", 5, 1_000)
        (users, items) = bars._progress.tasks
        assert (users.total, users.completed, items.total) == (100, 60, None)
        told = module.Pace().render(users).plain
        assert told.startswith("60 rows  ")
        assert told.endswith(" s left")
        bars.advances("raw_app__users", 60, 3_000_000)
        assert (users.total, users.completed) == (120, 120)
        bars.ends("raw_app__items")
        assert items.total == items.completed == 5
