"""Audit and history as files that programs read back and spreadsheets do not run."""

import csv
import io
import json

import polars as pl

from analytics_pipelines.datasets.kept.analyses import Analysis, history_of_table, record
from analytics_pipelines.datasets.kept.audit import AuditEntry, Outcome, audit_of
from analytics_pipelines.datasets.kept.export import csv_of, json_lines, names_of
from analytics_pipelines_tests.datasets.kept.examples import executed

FORMULA = '=HYPERLINK("http://example.com","x")'


def csv_rows(lines) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(lines), newline="")))


def test_the_audit_is_read_back_from_json_lines(database, anna):
    found = record(database, executed(anna, outcome=Outcome.FAILED, error_code="TimedOut", username="=anna"))
    (line,) = json_lines(AuditEntry, audit_of(database, anna))
    read = json.loads(line)
    assert list(read) == names_of(AuditEntry)
    assert (read["id"], read["outcome"], read["error_code"]) == (found, "failed", "TimedOut")
    assert (read["recorded_at"], read["username"]) == ("2026-11-21T09:30:00Z", "=anna")
    assert line.endswith("\n")


def test_a_cell_of_the_csv_can_not_run_as_a_formula(database, anna):
    record(database, executed(anna, username=FORMULA, subject="@sum", operation=None))
    (row,) = csv_rows(csv_of(AuditEntry, audit_of(database, anna)))
    assert (row["username"], row["subject"], row["operation"]) == ("'" + FORMULA, "'@sum", "")
    assert (row["duration_ms"], row["recorded_at"]) == ("12.5", "2026-11-21T09:30:00Z")


def test_history_as_csv_has_plans_and_results_as_json_and_no_pictures(database, anna):
    record(database, executed(anna, chart_data="iVBORw0=", chart_spec={"mark": "bar"}))
    text = "".join(csv_of(Analysis, history_of_table(database, anna, "out_web__daily_metrics")))
    assert "iVBORw0=" not in text
    (row,) = pl.read_csv(text.encode()).to_dicts()
    assert json.loads(row["execution_plan"])["operation"] == "mean"
    assert json.loads(row["result"]) == {"rows": [["north", 4.25]]}
    assert (row["success"], row["error_message"]) == (True, "")


def test_nothing_on_record_is_a_header_alone():
    assert list(json_lines(Analysis, [])) == []
    (header,) = csv_of(Analysis, [])
    assert header.startswith('"id","user_id",')
