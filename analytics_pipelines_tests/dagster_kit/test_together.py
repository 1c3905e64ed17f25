"""Tables that are published together as one asset of many: chosen alone, days in one run, a check and a record each."""

from collections.abc import Callable, Iterator
from datetime import date

import dagster as dg
import polars as pl
import pytest

from analytics_pipelines.dagster_kit.instance import opened_instance
from analytics_pipelines.dagster_kit.lake_asset import Making, Read, lake_asset
from analytics_pipelines.dagster_kit.launch import SILENT, materialize
from analytics_pipelines.dagster_kit.partitions import daily, range_tags
from analytics_pipelines.dagster_kit.steps import steps_of
from analytics_pipelines.dagster_kit.together import Asked, Member, Outcome, Published, Refused, Skipped, together
from analytics_pipelines.dagster_kit.world import WORLD, world_resource
from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.lake import Verdict
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, Table, Type

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 3)
LEFT, RIGHT = "raw_test__left", "raw_test__right"
COLUMNS = (Column(name="number", type=Type.INT, meaning="Number"),)
TABLES = {
    name: Table(name=name, room="test", grain="one row", partition="UTC day", key=(), columns=COLUMNS, is_evolving=True)
    for name in (LEFT, RIGHT)
}
SUMS = Table(
    name="core_test__sums",
    room="test",
    grain="a day",
    partition="UTC day",
    key=("total",),
    columns=(Column(name="total", type=Type.INT, meaning="Sum"),),
)


def published(asked: Asked, *, concerns: dict | None = None) -> Outcome:
    """Three rows of each table and day but the first, which is left alone."""
    made, skipped = [], []
    with asked.world.lake.together() as run:
        for name in asked.names:
            skipped.append(Skipped(name, FIRST, "the source keeps no history"))
            for day in asked.days:
                if day == FIRST:
                    continue
                pl.DataFrame({"number": [1, 2, 3]}).write_parquet(run.file(TABLES[name], day))
                made.append(run.seal(TABLES[name], day, rows=3))
        run.publish(made)
    told = [
        Published(
            table=TABLES[each.manifest.table],
            manifest=each.manifest,
            metadata={"mode": dg.MetadataValue.text("full")},
            concerns=concerns or {},
        )
        for each in made
    ]
    return Outcome(told, skipped)


def summed(making: Making) -> Select | None:
    left = making.scan(TABLES[LEFT])
    return (
        Select(Sql("SELECT sum(number)::BIGINT AS total FROM left_rows"), {"left_rows": left}) if left.files else None
    )


def definitions(settings, make: Callable[[Asked], Outcome] = published) -> dg.Definitions:
    days = daily(settings)
    assets = [
        together(
            "test_copies",
            [Member(name=name, description="A copy.", version="4") for name in (LEFT, RIGHT)],
            group="test",
            days=days,
            make=make,
            kinds=frozenset({"postgres"}),
            concerns={"columns_as_before": "The columns are those of the day before."},
        ),
        lake_asset(SUMS, days=days, make=summed, reads=[Read(TABLES[LEFT])]),
    ]
    return dg.Definitions(
        assets=assets,
        jobs=[dg.define_asset_job("all", selection=dg.AssetSelection.all())],
        resources={WORLD: world_resource(settings)},
        executor=dg.in_process_executor,
    )


@pytest.fixture
def instance(settings) -> Iterator[dg.DagsterInstance]:
    with opened_instance(settings) as found:
        yield found


def made(instance: dg.DagsterInstance, name: str) -> set[str]:
    return instance.get_materialized_partitions(dg.AssetKey(name))


def newest(instance: dg.DagsterInstance, name: str, day: date) -> dg.AssetMaterialization:
    wanted = dg.AssetRecordsFilter(dg.AssetKey(name), asset_partitions=[str(day)])
    return instance.fetch_materializations(wanted, limit=1).records[0].asset_materialization


def check(instance: dg.DagsterInstance, name: str, rule: str):
    found = instance.event_log_storage.get_latest_asset_check_execution_by_key(
        [dg.AssetCheckKey(dg.AssetKey(name), rule)]
    )
    evaluated = [each.event.dagster_event for each in found.values()]
    done = [each for each in evaluated if each.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION]
    return done[0].asset_check_evaluation_data if done else None


def test_a_range_is_one_step_that_records_each_published_day_of_each_table(settings, instance) -> None:
    outcome = materialize(settings, definitions(settings), "all", (FIRST, LAST))
    assert outcome.has_succeeded
    assert made(instance, LEFT) == made(instance, RIGHT) == made(instance, SUMS.name) == {"2026-03-02", "2026-03-03"}
    assert {each.asset: each.rows for each in outcome.made} == {LEFT: 6, RIGHT: 6, SUMS.name: 2}
    steps = {step.asset: step for step in steps_of(instance, outcome.run_id)}
    assert list(steps) == [LEFT, RIGHT, SUMS.name]
    assert (steps[LEFT].rows, steps[LEFT].days, steps[LEFT].has_succeeded) == (6, 2, True)
    last = newest(instance, LEFT, LAST)
    assert last.metadata["mode"].value == "full"
    assert last.metadata["dagster/row_count"].value == 6
    assert last.tags["dagster/code_version"] == "4"
    assert "preview" not in last.metadata
    assert check(instance, RIGHT, "rows_match_source").passed


def test_one_table_can_be_made_alone(settings, instance) -> None:
    outcome = materialize(settings, definitions(settings), "all", (FIRST, LAST), [RIGHT])
    assert {each.asset for each in outcome.made} == {RIGHT}
    assert made(instance, LEFT) == set()
    assert check(instance, LEFT, "no_nulls") is None


def test_days_that_were_left_alone_are_recorded_for_a_backfill_only(settings, instance) -> None:
    job = definitions(settings).resolve_job_def("all")
    job.execute_in_process(SILENT, instance, tags={"dagster/backfill": "b", **range_tags(FIRST, LAST)})
    assert made(instance, LEFT) == {"2026-03-01", "2026-03-02", "2026-03-03"}
    kept = newest(instance, LEFT, FIRST)
    assert kept.metadata["reason"].value == "the source keeps no history"
    assert "nothing to make" in kept.metadata["left_alone"].value


def test_a_refusal_fails_the_check_of_the_table_at_fault_and_publishes_nothing(settings, instance) -> None:
    def refuse(asked: Asked) -> Outcome:
        broken = Verdict("rows_match_source", ("2 rows, the source has 3",))
        return Outcome(refused=[Refused(LEFT, LAST, [Verdict("no_nulls"), broken])], complaint="Nothing was published.")

    outcome = materialize(settings, definitions(settings, refuse), "all", (FIRST, LAST))
    assert outcome.failures == ("test_copies: Nothing was published.",)
    assert made(instance, LEFT) == made(instance, RIGHT) == set()
    found = check(instance, LEFT, "rows_match_source")
    assert (found.passed, found.metadata["offenders"].value) == (False, ["2026-03-03: 2 rows, the source has 3"])
    assert check(instance, LEFT, "no_nulls").passed
    assert check(instance, RIGHT, "rows_match_source") is None
    (left, right) = steps_of(instance, outcome.run_id)
    assert (left.asset, left.has_succeeded, left.failed_days, right.days) == (LEFT, False, 1, 0)


def test_an_error_of_ours_is_the_one_line_that_the_step_fails_with(settings, instance) -> None:
    def away(asked: Asked) -> Outcome:
        raise Unavailable("The source is away.", remedy="Start it.")

    outcome = materialize(settings, definitions(settings, away), "all", (FIRST, LAST))
    assert outcome.failures == ("test_copies: The source is away. Start it.",)
    assert made(instance, SUMS.name) == set()


def test_a_concern_warns_and_blocks_nothing(settings, instance) -> None:
    def drifted(asked: Asked) -> Outcome:
        return published(asked, concerns={"columns_as_before": ["added: phone"]})

    outcome = materialize(settings, definitions(settings, drifted), "all", (LAST, LAST))
    assert outcome.has_succeeded
    assert made(instance, SUMS.name) == {"2026-03-03"}
    found = check(instance, LEFT, "columns_as_before")
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert found.metadata["offenders"].value == ["2026-03-03: added: phone"]
