"""The export without Dagster: what cron runs, what it prints, and how it ends."""

from datetime import UTC, datetime

import pytest
import structlog

from analytics_pipelines.product_export.command import main
from analytics_pipelines.product_export.seed import seed
from analytics_pipelines.product_export.tables import CORE_ITEMS, CORE_USERS, RAW_USERS

TODAY = datetime.now(UTC).date()


@pytest.fixture
def cron(monkeypatch, tmp_path, settings, database_urls, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANALYTICS_HOME", str(settings.home.path))
    monkeypatch.setenv("DATABASE_URL", str(database_urls.app))

    def run(*arguments):
        status = main(arguments)
        structlog.reset_defaults()
        return status, *capsys.readouterr()

    return run


def test_the_products_tables_are_copied_cleaned_and_told_line_by_line(cron, database, lake):
    seed(database, today=TODAY, users=7, items=30)
    status, out, err = cron("--verify")
    assert (status, err) == (0, "")
    assert f"raw_app__users of {TODAY}: whole, 7 rows, " in out
    assert "users_analytics.parquet is replaced" in out
    assert out.splitlines()[-1].startswith("All of one snapshot, taken at ")
    assert [lake.manifest(table, TODAY).rows for table in (RAW_USERS, CORE_USERS, CORE_ITEMS)] == [7, 7, 30]


def test_past_days_of_whole_tables_are_left_and_told_so(cron, lake):
    status, out, _ = cron("users", "--from", "2026-01-01", "--to", "2026-01-03")
    assert status == 0
    assert "raw_app__users of 3 days from 2026-01-01 to 2026-01-03 is left as it is: " in out
    assert lake.days(RAW_USERS) == []


def test_an_error_is_one_line_and_a_status(cron):
    status, out, err = cron("astrology")
    assert (status, out) == (1, "")
    assert err.startswith("error: No exported table is called astrology.")
    assert err.count("\n") == 1


def test_a_range_backwards_is_a_wrong_command_line(cron, capsys):
    with pytest.raises(SystemExit) as ended:
        cron("--from", "2026-01-02", "--to", "2026-01-01")
    assert ended.value.code == 2
    assert "--from is after --to" in capsys.readouterr().err
