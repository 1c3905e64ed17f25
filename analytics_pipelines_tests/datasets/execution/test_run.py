"""Running a plan with real processes: what goes wrong there is answered and put on record."""

from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pytest
from pyarrow import parquet

from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines.datasets.execution import run
from analytics_pipelines.datasets.execution.asked import About, PlanRefused, Who
from analytics_pipelines.datasets.execution.platform import Platform
from analytics_pipelines.datasets.kept.audit import audit_of
from analytics_pipelines.datasets.kept.running import running_of
from analytics_pipelines.datasets.kept.subjects import reading_of_file
from analytics_pipelines.datasets.subject import Reading, Subject, SubjectColumn, SubjectKind
from analytics_pipelines.foundation.cage import supported
from analytics_pipelines.foundation.workers import Busy
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.datasets.kept.examples import made_user

SUBJECT = Subject(
    name="core_shop__sales",
    kind=SubjectKind.TABLE,
    columns=(SubjectColumn(name="x", type="BIGINT", kind=ColumnKind.INTEGER),),
    row_count=None,
    fingerprint="g:core_shop__sales",
    generation="g",
)
SUM = {"operation": "sum", "target_column": "x"}


@pytest.fixture(scope="module")
def platform(tmp_path_factory) -> Iterator[Platform]:
    home = tmp_path_factory.mktemp("runs") / "home"
    made = Platform.of(settings_in(home, plan_memory_limit="300MB", plan_processes=1))
    yield made
    made.close()


@pytest.fixture
def who(database) -> Who:
    return Who(user_id=made_user(database), username="anna")


def of(query: str) -> About:
    return About(subject=SUBJECT, reading=Reading(query=query))


def last(database, who):
    return audit_of(database, who.user_id)[0]


def test_a_sum_is_answered_and_put_on_record(platform, database, who):
    answer = run.execute(platform, database, who, of("SELECT range AS x FROM range(1001)"), SUM)
    assert (answer.success, answer.result["value"], answer.filtered_row_count) == (True, 500_500, 1001)
    entry = last(database, who)
    assert (entry.id, entry.outcome, entry.operation) == (answer.id, "succeeded", "sum")
    assert (entry.generation, entry.fingerprint, entry.filtered_row_count) == ("g", "g:core_shop__sales", 1001)
    assert running_of(database, who.user_id) == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        pytest.param((1.0, SUM), "TimedOut", id="too long"),
        pytest.param((60.0, SUM | {"operation": "count_distinct"}), "MemoryPassed", id="too large"),
    ],
)
def test_what_passes_its_bounds_is_a_failed_execution(platform, database, who, asked, code):
    timeout_s, plan = asked
    bounded = replace(platform, settings=platform.settings.model_copy(update={"plan_timeout_s": timeout_s}))
    answer = run.execute(bounded, database, who, of("SELECT range * 7 AS x FROM range(200000000000)"), plan)
    assert (answer.success, answer.error_code, answer.result) == (False, code, None)
    assert (last(database, who).outcome, last(database, who).error_code) == ("failed", code)
    assert running_of(database, who.user_id) == []


@pytest.mark.skipif(not supported()["landlock"], reason="this machine has no Landlock")
def test_a_plan_sees_no_file_that_its_subject_does_not_name(platform, database, who, tmp_path):
    file = tmp_path / "data.parquet"
    parquet.write_table(pa.table({"x": range(5)}), file)
    named = About(subject=SUBJECT, reading=reading_of_file(file))
    assert run.execute(platform, database, who, named, SUM).result["value"] == 10
    unnamed = replace(named, reading=replace(named.reading, reads=()))
    assert run.execute(platform, database, who, unnamed, SUM).error_code == "SubjectGone"


def test_a_refused_plan_is_put_on_record(platform, database, who):
    with pytest.raises(PlanRefused):
        run.execute(platform, database, who, of("SELECT 1 AS x"), {"operation": "sum", "target_column": "y"})
    assert (last(database, who).outcome, last(database, who).error_code) == ("rejected", "PlanRefused")


def test_without_a_free_process_the_caller_is_told_so(platform, database, who, monkeypatch):
    def taken(*_: object, **__: object) -> bytes:
        raise Busy("All processes for such work are taken.")

    monkeypatch.setattr(type(platform.workers), "run", taken)
    with pytest.raises(Busy):
        run.execute(platform, database, who, of("SELECT 1 AS x"), SUM)
    assert last(database, who).error_code == "Busy"


def test_a_chart_that_can_not_be_drawn_costs_only_itself(platform, database, who, monkeypatch):
    def broken(_: object) -> bytes:
        raise ValueError("no font")

    monkeypatch.setattr(run, "png_of", broken)
    subject = replace(
        SUBJECT, columns=(*SUBJECT.columns, SubjectColumn(name="y", type="BIGINT", kind=ColumnKind.INTEGER))
    )
    about = About(subject=subject, reading=Reading(query="SELECT range AS x, range % 3 AS y FROM range(9)"))
    answer = run.execute(platform, database, who, about, SUM | {"group_by": ["y"]})
    assert (answer.success, answer.chart_data) == (True, None)
    assert answer.chart_spec is not None
