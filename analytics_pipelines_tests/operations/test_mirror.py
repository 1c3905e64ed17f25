"""The mirror holds the last materialization of each partition, whatever the order in which it learns of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from analytics_pipelines.dagster_kit.events import Materialized
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.operations.mirror import Freshness, freshness, record
from analytics_pipelines.operations.tables import MATERIALIZATION

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
FIRST = Materialized("a", "2026-11-20", "r1", 3, 100, NOW)


def test_an_asset_is_summed_over_its_partitions(database: Database) -> None:
    later = NOW + timedelta(hours=1)
    second = replace(FIRST, partition="2026-11-21", rows=4, materialized_at=later)
    whole = Materialized("serving", "", "r2", None, None, NOW)
    assert record(database, [FIRST, second, whole]) == 3
    assert freshness(database) == [
        Freshness("a", 2, 7, 200, "2026-11-21", later),
        Freshness("serving", 1, 0, 0, "", NOW),
    ]


def test_nothing_is_nothing(database: Database) -> None:
    assert record(database, []) == 0
    assert freshness(database) == []


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 5)), min_size=1, max_size=8), st.integers(1, 4))
def test_the_latest_wins_in_any_order_and_any_batches(database: Database, told, size) -> None:
    made = [
        Materialized(asset, "d", "r" + str(number), number, number, NOW + timedelta(seconds=number))
        for asset, number in told
    ]
    with database.writing() as connection:
        connection.execute(delete(MATERIALIZATION))
    for start in range(0, len(made), size):
        record(database, made[start : start + size])
    with database.reading() as connection:
        rows = connection.execute(select(MATERIALIZATION.c.asset, MATERIALIZATION.c.rows)).all()
    assert {row.asset: row.rows for row in rows} == {
        asset: max(number for name, number in told if name == asset) for asset in {name for name, _ in told}
    }
