"""A run in this process prints nothing and tells what it made."""

import logging
from collections.abc import Iterator
from datetime import date

import dagster as dg
import pytest
import structlog

from analytics_pipelines.dagster_kit.launch import materialize
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines_tests.dagster_kit.tables import POINTS, SUMS, definitions

DAY = date(2026, 3, 1)


@pytest.fixture
def as_in_a_shell() -> Iterator[None]:
    """Our own logs as `analytics` has them."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.reset_defaults()


@pytest.mark.usefixtures("as_in_a_shell")
def test_a_run_prints_nothing(settings: Settings, capfd) -> None:
    assert materialize(settings, definitions(settings), "both", (DAY, DAY)).has_succeeded
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")


def test_some_assets_of_a_job_can_be_chosen(settings: Settings) -> None:
    outcome = materialize(settings, definitions(settings), "both", (DAY, DAY), [POINTS.name])
    (made,) = outcome.made
    assert (made.asset, made.days, made.rows) == (POINTS.name, (DAY,), 3)
    (partition,) = outcome.materialized
    assert (partition.partition, partition.run_id) == ("2026-03-01", outcome.run_id)
    assert partition.materialized_at.tzinfo is not None


def test_an_asset_without_partitions_has_no_days(settings: Settings) -> None:
    @dg.asset
    def whole() -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata={"dagster/row_count": 5})

    made_of_one = dg.Definitions([whole], jobs=[dg.define_asset_job("one")], executor=dg.in_process_executor)
    (made,) = materialize(settings, made_of_one, "one").made
    assert (made.asset, made.days, made.rows, made.size_bytes) == ("whole", (), 5, 0)


def test_a_run_that_can_not_begin_says_why(settings: Settings) -> None:
    @dg.resource
    def broken(_: dg.InitResourceContext) -> None:
        raise ZeroDivisionError("no world today")

    unlucky = definitions(settings)
    made_of_it = dg.Definitions(
        assets=unlucky.assets, jobs=unlucky.jobs, resources={"world": broken}, executor=dg.in_process_executor
    )
    outcome = materialize(settings, made_of_it, "both", (DAY, DAY), [SUMS.name])
    assert not outcome.has_succeeded
    assert "no world today" in outcome.failures[0]
