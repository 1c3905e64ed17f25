"""Groups by name, failures at the end."""

import pytest

from analytics_pipelines.cli.materialize import RunFailed, UnknownGroup, cells, known, made_of
from analytics_pipelines.dagster_kit.launch import Made, Outcome


def test_groups_are_made_in_the_order_in_which_they_depend() -> None:
    assert known(["web_events", "storage_snapshots"]) == ["storage_snapshots", "web_events"]
    assert known(["serving"]) == []


def test_a_group_that_is_none_is_named_with_those_that_are() -> None:
    with pytest.raises(UnknownGroup, match=r"astrology.*storage_snapshots"):
        known(["astrology"])


def test_a_failed_run_names_what_failed() -> None:
    with pytest.raises(RunFailed, match="raw_x: 2026-05-17"):
        made_of(Outcome("run", has_succeeded=False, failures=("raw_x: 2026-05-17: broken",), materialized=()))
    with pytest.raises(RunFailed, match="Run run failed"):
        made_of(Outcome("run", has_succeeded=False, failures=(), materialized=()))


def test_a_table_is_told_by_days_rows_and_size() -> None:
    assert cells(Made("out_x", (), 1200, 2048)) == ("out_x", "0", "1,200", "2.0 KiB")
