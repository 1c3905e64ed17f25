"""Executions: recorded whole or not at all, shown newest first, gone with their dataset but for the audit."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from analytics_pipelines.datasets.kept import analyses
from analytics_pipelines.datasets.kept.analyses import history, history_of_table, record
from analytics_pipelines.datasets.kept.audit import AuditEntry, Outcome, audit_of, audit_of_all
from analytics_pipelines.datasets.kept.datasets import delete_dataset
from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines_tests.datasets.kept.examples import NOW, PLAN, executed, kept, removed_user


def test_an_execution_is_an_analysis_and_an_entry_of_the_audit(database, anna):
    mine = kept(database, anna)
    execution = executed(
        anna, mine, chart_data="iVBORw0=", chart_spec={"mark": "bar"}, provenance={"duckdb": "1.5.5"}, generation=None
    )
    found = record(database, execution)
    (analysis,) = history(database, anna, mine.session_id)
    assert (analysis.id, analysis.dataset_id, analysis.session_id) == (found, mine.id, mine.session_id)
    assert (analysis.execution_plan, analysis.result) == (PLAN, {"rows": [["north", 4.25]]})
    assert list(analysis.execution_plan) == ["operation", "target_column", "group_by"]
    assert (analysis.chart_data, analysis.chart_spec) == ("iVBORw0=", {"mark": "bar"})
    assert (analysis.provenance, analysis.filtered_row_count) == ({"duckdb": "1.5.5"}, 3)
    assert (analysis.success, analysis.error_message, analysis.executed_at) == (True, None, NOW)
    (entry,) = audit_of(database, anna)
    assert entry == AuditEntry(
        id=found,
        recorded_at=NOW,
        user_id=anna,
        username="anna",
        subject=mine.session_id,
        operation="mean",
        plan_hash="cd" * 32,
        outcome=Outcome.SUCCEEDED,
        error_code=None,
        duration_ms=12.5,
        row_count=4,
        filtered_row_count=3,
        fingerprint=None,
        generation=None,
    )


def test_a_result_or_chart_that_is_too_large_is_not_kept(database, anna, monkeypatch):
    mine = kept(database, anna)
    monkeypatch.setattr(analyses, "MOST_RESULT_BYTES", 40)
    record(database, executed(anna, mine, chart_spec={"mark": "b" * 40}))
    record(database, executed(anna, mine, result={"rows": ["x" * 40]}, chart_spec={"mark": "bar"}))
    found = {(str(each.result), str(each.chart_spec)) for each in history(database, anna, mine.session_id)}
    assert found == {("{'rows': [['north', 4.25]]}", "None"), ("None", "{'mark': 'bar'}")}


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.REJECTED, Outcome.CANCELLED])
def test_what_did_not_succeed_is_recorded_too(database, anna, outcome):
    mine = kept(database, anna)
    message = "No column 'prise\x00'. Did you mean 'price'? \ud800"
    record(database, executed(anna, mine, outcome=outcome, result=None, error_code="NoColumn", error_message=message))
    (analysis,) = history(database, anna, mine.session_id)
    assert (analysis.success, analysis.result) == (False, None)
    assert analysis.error_message == "No column 'prise\ufffd'. Did you mean 'price'? \ufffd"
    assert [(each.outcome, each.error_code) for each in audit_of(database, anna)] == [(outcome, "NoColumn")]


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(None, id="null"),
        pytest.param("DROP TABLE", id="a text"),
        pytest.param({"operation": "\ud800"}, id="half of a surrogate pair"),
        pytest.param({"horizon": 10**400}, id="a huge number"),
        pytest.param({"filters": ["x" * 1000] * 1000}, id="a megabyte"),
    ],
)
def test_whatever_was_sent_instead_of_a_plan_the_refusal_is_recorded(database, anna, plan):
    mine = kept(database, anna)
    nothing = {"plan_hash": None, "operation": None, "result": None, "outcome": Outcome.REJECTED}
    record(database, executed(anna, mine, plan=plan, **nothing))
    (analysis,) = history(database, anna, mine.session_id)
    assert analysis.execution_plan == (plan if plan == "DROP TABLE" else None)
    assert len(audit_of(database, anna)) == 1


def test_history_is_newest_first_page_by_page(database, anna):
    mine, other = kept(database, anna), kept(database, anna)
    ids = [record(database, executed(anna, mine, executed_at=NOW + timedelta(seconds=second))) for second in range(5)]
    record(database, executed(anna, other))
    shown = history(database, anna, mine.session_id, limit=2)
    assert [each.id for each in shown] == [ids[4], ids[3]]
    rest = history(database, anna, mine.session_id, before=shown[-1].executed_at)
    assert [each.id for each in rest] == [ids[2], ids[1], ids[0]]


def test_what_was_asked_of_a_table_is_ones_own_history_of_it(database, anna, berta):
    mine = record(database, executed(anna))
    record(database, executed(berta))
    record(database, executed(anna, subject="core_web__events"))
    record(database, executed(anna, kept(database, anna)))
    assert [each.id for each in history_of_table(database, anna, "out_web__daily_metrics")] == [mine]
    assert history_of_table(database, anna, "no\x00such") == []


def test_an_execution_whose_dataset_went_meanwhile_is_in_the_audit_alone(database, folders, anna):
    mine = kept(database, anna)
    delete_dataset(database, folders, anna, mine.session_id)
    found = record(database, executed(anna, mine))
    assert [each.id for each in audit_of(database, anna)] == [found]


def test_an_execution_whose_user_went_meanwhile_is_in_the_audit_alone(database, anna):
    mine = kept(database, anna)
    removed_user(database, anna)
    ids = {record(database, executed(anna, mine)), record(database, executed(anna))}
    assert {each.id for each in audit_of_all(database)} >= ids


def test_an_analysis_of_anothers_dataset_is_never_kept(database, anna, berta):
    theirs = kept(database, berta)
    record(database, executed(anna, theirs))
    assert history(database, berta, theirs.session_id) == []


def test_both_are_recorded_or_neither(database, anna, monkeypatch):
    def fail(*_: object) -> None:
        raise Unavailable("The database is away.")

    mine = kept(database, anna)
    with monkeypatch.context() as patched:
        patched.setattr(analyses, "add_entry", fail)
        with pytest.raises(Unavailable):
            record(database, executed(anna, mine))
    assert (history(database, anna, mine.session_id), audit_of(database, anna)) == ([], [])


def test_what_is_wrong_with_a_row_is_not_taken_for_a_dataset_that_has_gone(database, anna, monkeypatch):
    found = record(database, executed(anna))
    monkeypatch.setattr(analyses, "new_id", lambda: found)
    with pytest.raises(sa.exc.IntegrityError, match="analyses_pkey"):
        record(database, replace(executed(anna), username="berta"))
