"""A lake table as an asset: what Dagster knows of it, and what a run of many days leaves behind."""

from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256

import dagster as dg
import pyarrow as pa
import pytest

from analytics_pipelines.dagster_kit.events import materialized_by
from analytics_pipelines.dagster_kit.instance import opened_instance
from analytics_pipelines.dagster_kit.lake_asset import Make, Making, Read, lake_asset
from analytics_pipelines.dagster_kit.launch import SILENT, Outcome, materialize
from analytics_pipelines.dagster_kit.partitions import daily, range_tags
from analytics_pipelines.dagster_kit.world import World
from analytics_pipelines.foundation.clock import days_between
from analytics_pipelines.foundation.errors import BadInput, Unavailable
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import ArrowRows, Select
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.dagster_kit.tables import (
    POINTS,
    SUMS,
    THREE_POINTS,
    definitions,
    points_unless,
    three_points,
)

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 5)
POISONED = date(2026, 3, 3)
PNG = b"\x89PNG"
GOOD = (POISONED, 1, 1, "red", "anna")


def giving(*rows: tuple[object, ...]) -> Make:
    """Makes exactly these rows."""
    columns = dict(zip(POINTS.column_names, map(list, zip(*rows, strict=True)), strict=True))
    select = Select(Sql("SELECT * FROM given"), {"given": ArrowRows(pa.table(columns))})
    return lambda _: select


def losing_one(making: Making) -> Select:
    """Three points of a source that holds four."""
    return Select(THREE_POINTS, values={"day": making.day}, expected_rows=Sql("SELECT 4"))


def drawn(_: World, days: list[date]) -> bytes:
    """A picture of five days."""
    assert len(days) == 5
    return PNG


def nothing(_: Making) -> None:
    """Nothing to make."""


def bad_input(making: Making) -> Select:
    raise BadInput("The file of " + str(making.day) + " is broken.")


@pytest.fixture
def instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    with opened_instance(settings) as found:
        yield found


def made(instance: dg.DagsterInstance, table: str) -> set[str]:
    return instance.get_materialized_partitions(dg.AssetKey(table))


def run(settings: Settings, poisoned=None, *, picture=None, first=FIRST, last=LAST) -> Outcome:
    return materialize(settings, definitions(settings, points_unless(poisoned or {}), picture), "both", (first, last))


def newest(instance: dg.DagsterInstance, table: str, partition: str) -> dg.AssetMaterialization:
    wanted = dg.AssetRecordsFilter(dg.AssetKey(table), asset_partitions=[partition])
    return instance.fetch_materializations(wanted, limit=1).records[0].asset_materialization


def test_the_asset_is_what_the_declaration_says(settings: Settings) -> None:
    days = daily(settings)
    asset = lake_asset(SUMS, days=days, make=three_points, reads=[Read(POINTS, days_before=1, days_after=2)])
    spec = asset.get_asset_spec()
    assert spec.key == dg.AssetKey("core_test__sums")
    assert (spec.group_name, spec.code_version, list(spec.owners)) == ("test", "1", ["team:analytics"])
    assert spec.kinds == {"duckdb", "parquet"}
    assert spec.description.startswith("One day, one row each. Partition: UTC day of the points.")
    assert spec.partitions_def == days
    (dep,) = spec.deps
    assert dep.partition_mapping == dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=2)
    assert asset.backfill_policy == dg.BackfillPolicy.single_run()
    assert {check.name for check in asset.check_specs} == {
        "key_is_unique",
        "no_nulls",
        "values_in_range",
        "rows_match_source",
    }
    assert all(check.blocking for check in asset.check_specs)


def test_only_declared_tables_can_be_read(settings: Settings, lake: Lake) -> None:
    making = Making(None, FIRST, [Read(SUMS)])
    with pytest.raises(KeyError):
        making.scan(POINTS)


def test_a_range_is_one_run_that_records_every_day(settings: Settings, lake: Lake, instance) -> None:
    outcome = run(settings)
    assert outcome.has_succeeded
    assert outcome.failures == ()
    assert len(instance.get_runs()) == 1
    assert made(instance, POINTS.name) == {str(day) for day in days_between(FIRST, LAST)}
    assert [each.asset for each in outcome.made] == [POINTS.name, SUMS.name]
    assert outcome.made[0].days == tuple(days_between(FIRST, LAST))
    assert outcome.made[0].rows == 15
    assert outcome.made[0].size_bytes == sum(each.size_bytes for each in lake.manifests(POINTS))
    counted = lake.lazy(SUMS, days_between(FIRST, LAST)).sort("point_date").collect()
    assert counted["points"].to_list() == [6, 9, 9, 9, 6]


def test_metadata_holds_what_the_ui_draws_and_nothing_personal(settings: Settings, lake: Lake, instance) -> None:
    run(settings, picture=drawn)
    last = newest(instance, POINTS.name, str(LAST))
    manifest = lake.manifest(POINTS, LAST)
    plain = {name: value.value for name, value in last.metadata.items()}
    assert plain["dagster/partition_row_count"] == 3
    assert plain["dagster/row_count"] == 15
    assert plain["dagster/uri"] == lake.file(POINTS, LAST).as_uri()
    assert plain["dagster/table_name"] == POINTS.name
    assert (plain["size_bytes"], plain["sha256"]) == (manifest.size_bytes, manifest.sha256)
    assert plain["picture"].startswith("![picture](data:image/png;base64,")
    assert plain["preview"].splitlines()[0] == "| point_date | number | size_bytes | colour |"
    assert len(plain["preview"].splitlines()) == 5
    assert "anna" not in str(plain)
    assert last.tags["dagster/data_version"] == manifest.sha256
    columns = {column.name: column for column in plain["dagster/column_schema"].columns}
    assert columns["size_bytes"].description == "How large. Unit: bytes."
    assert columns["number"].constraints.other == ["part of the key", "at least 0", "at most 99"]
    assert columns["colour"].constraints.other == ["one of red, blue"]
    assert "dagster/row_count" not in newest(instance, POINTS.name, str(FIRST)).metadata


@pytest.mark.parametrize(
    ("poison", "reason"),
    [
        pytest.param(giving(GOOD, GOOD), "key_is_unique", id="a key twice"),
        pytest.param(giving((POISONED, 1, 1, None, "a")), "no_nulls", id="a null"),
        pytest.param(giving((POISONED, 100, 1, "red", "a")), "values_in_range", id="out of range"),
        pytest.param(losing_one, "rows_match_source", id="a row lost"),
    ],
)
def test_a_poisoned_day_fails_alone_and_is_named(settings, lake, instance, poison, reason) -> None:
    outcome = run(settings, {POISONED: poison})
    assert not outcome.has_succeeded
    (failure,) = outcome.failures
    assert failure.startswith("raw_test__points: 1 of 5 days of raw_test__points were not published. 2026-03-03: ")
    assert reason in failure
    good = [day for day in days_between(FIRST, LAST) if day != POISONED]
    assert lake.days(POINTS) == good
    assert made(instance, POINTS.name) == {str(day) for day in good}
    assert lake.days(SUMS) == []
    checked = instance.event_log_storage.get_latest_asset_check_execution_by_key(
        [dg.AssetCheckKey(dg.AssetKey(POINTS.name), reason)]
    )
    (record,) = checked.values()
    evaluation = record.event.dagster_event.asset_check_evaluation_data
    assert not evaluation.passed
    assert "2026-03-03" in str(evaluation.metadata["offenders"].value)


@pytest.mark.parametrize(
    ("poison", "reason"),
    [
        pytest.param(bad_input, "The file of 2026-03-03 is broken.", id="our own error"),
        pytest.param(
            giving((POISONED, "x", 1, "red", "a")), "a value does not fit its column", id="a text for a number"
        ),
    ],
)
def test_a_day_whose_making_fails_is_named_too(settings, lake, instance, poison, reason) -> None:
    outcome = run(settings, {POISONED: poison})
    (failure,) = outcome.failures
    assert "2026-03-03: " + reason in failure
    assert made(instance, POINTS.name) == {str(day) for day in lake.days(POINTS)}
    assert len(lake.days(POINTS)) == 4


def test_the_old_partition_stays_when_a_day_fails(settings: Settings, lake: Lake) -> None:
    run(settings)
    before = lake.manifest(POINTS, POISONED)
    run(settings, {POISONED: bad_input})
    assert lake.manifest(POINTS, POISONED) == before


def test_what_all_days_need_is_not_asked_for_again_once_it_is_away(settings: Settings, lake: Lake) -> None:
    def away(making: Making) -> Select:
        raise Unavailable("The database is away.")

    outcome = run(settings, {POISONED: away})
    assert "1 of 5 days" in outcome.failures[0]
    assert "2 days after it were not tried" in outcome.failures[0]
    assert lake.days(POINTS) == [FIRST, FIRST + timedelta(days=1)]


def test_a_mistake_of_ours_loses_no_day_that_was_published(settings: Settings, lake: Lake, instance) -> None:
    def mistake(making: Making) -> Select:
        raise ZeroDivisionError("oh")

    outcome = run(settings, {POISONED: mistake})
    assert outcome.failures == ("raw_test__points: ZeroDivisionError: oh",)
    assert made(instance, POINTS.name) == {"2026-03-01", "2026-03-02"}


def test_days_without_anything_to_make_are_not_recorded_and_hold_up_nobody(settings, lake, instance) -> None:
    outcome = run(settings, {POISONED: nothing, LAST: nothing})
    assert outcome.has_succeeded
    assert made(instance, POINTS.name) == {"2026-03-01", "2026-03-02", "2026-03-04"}
    assert made(instance, SUMS.name) == {str(day) for day in days_between(FIRST, LAST)}


def test_a_backfill_is_told_of_every_day_and_of_which_nothing_was_made(settings, lake, instance) -> None:
    run(settings, first=FIRST, last=FIRST)
    job = definitions(settings, points_unless({FIRST: nothing, POISONED: nothing})).resolve_job_def("both")
    tags = {"dagster/backfill": "b", **range_tags(FIRST, LAST)}
    result = job.execute_in_process(SILENT, instance, tags=tags)
    assert made(instance, POINTS.name) == {str(day) for day in days_between(FIRST, LAST)}
    assert POISONED not in lake.days(POINTS)
    kept, without = (newest(instance, POINTS.name, str(day)) for day in (FIRST, POISONED))
    assert kept.metadata["left_alone"].value == "There was nothing to make of this day; its partition is as it was."
    assert kept.tags["dagster/data_version"] == lake.manifest(POINTS, FIRST).sha256
    assert without.metadata["left_alone"].value == "There was nothing to make of this day, and it has no partition."
    assert without.metadata["dagster/partition_row_count"].value == 0
    told = {each.partition for each in materialized_by(instance, result.run_id) if each.asset == POINTS.name}
    assert told == {"2026-03-02", "2026-03-04", "2026-03-05"}


def test_a_range_in_which_nothing_is_made_succeeds(settings: Settings, lake: Lake, instance) -> None:
    outcome = run(settings, dict.fromkeys(days_between(FIRST, LAST), nothing))
    assert outcome.has_succeeded
    assert outcome.materialized == ()
    assert made(instance, POINTS.name) == set()


def test_a_picture_that_can_not_be_drawn_costs_nothing(settings: Settings, lake: Lake, instance) -> None:
    def broken(world: World, days: list[date]) -> bytes:
        raise ZeroDivisionError

    assert run(settings, picture=broken).has_succeeded
    assert "picture" not in newest(instance, POINTS.name, str(LAST)).metadata


@pytest.mark.parametrize(
    ("length", "singles"),
    [pytest.param(8, 2, id="eight days"), pytest.param(90, 90, id="ninety days", marks=pytest.mark.long)],
)
def test_many_days_are_one_run_and_the_same_bytes_as_single_runs(settings, instance, tmp_path, length, singles) -> None:
    days = days_between(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=length - 1))
    assert run(settings, first=days[0], last=days[-1]).has_succeeded
    assert len(instance.get_runs()) == 1
    single = settings_in(tmp_path / "single")
    # A day of sums reads its neighbours, so it is complete only between days of points that are there.
    run_singly(single, POINTS, days[:singles])
    run_singly(single, SUMS, days[: singles if singles == len(days) else singles - 1])
    made_singly = contents(single)
    assert len(made_singly) == 2 * (2 * singles - (singles < len(days)))
    assert made_singly.items() <= contents(settings).items()


def run_singly(settings: Settings, table: Table, days: list[date]) -> None:
    job = definitions(settings).resolve_job_def("both")
    with opened_instance(settings) as instance:
        for day in days:
            done = job.execute_in_process(
                SILENT, instance, partition_key=str(day), asset_selection=[dg.AssetKey(table.name)]
            )
            assert done.success


def contents(settings: Settings) -> dict[str, str]:
    files = (path for path in settings.home.lake.rglob("*") if path.is_file())
    return {str(path.relative_to(settings.home.lake)): sha256(path.read_bytes()).hexdigest() for path in files}
