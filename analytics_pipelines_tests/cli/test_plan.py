"""Plans in the shell."""

import json

import pytest

from analytics_pipelines.cli import plan as command
from analytics_pipelines.cli.plan import NoPlan, NoSubject, NotWritten
from analytics_pipelines.datasets.execution.asked import PlanRefused
from analytics_pipelines_tests.datasets.routes.house import CSV, MEAN, REGIONS, ROWS


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.setenv("ANALYTICS_HOME", str(tmp_path / "home"))
    (tmp_path / "sales.csv").write_bytes(CSV)
    (tmp_path / "plan.json").write_text(json.dumps(MEAN | {"horizon": 3}))
    return tmp_path


def ran(files, plan=None, **given):
    if plan is not None:
        (files / "plan.json").write_text(json.dumps(plan))
    command.run(files / "plan.json", files / "sales.csv", None, **({"chart": None, "as_json": False} | given))


def test_groups_are_a_table_and_warnings_are_said(files, capsys):
    ran(files)
    told = capsys.readouterr().out
    price = [10 + row * 0.5 + row % 7 for row in range(ROWS)]
    means = {region: sum(price[start::3]) / 30 for start, region in enumerate(REGIONS)}
    assert [line.split() for line in told.splitlines()[1:5]] == [
        ["region", "mean_price"],
        *([region, f"{means[region]:.10g}"] for region in sorted(REGIONS)),
    ]
    assert "90 rows" in told
    assert "! /horizon: " in told


def test_statistics_are_facts_and_tables(files, capsys):
    ran(files, {"operation": "regression", "x_axis": "quantity", "y_axis": "price"})
    told = capsys.readouterr().out
    assert "r_squared" in told
    assert "intercept" in told


def test_the_whole_answer_is_json_and_the_chart_a_file(files, capsys):
    chart = files / "chart.png"
    ran(files, MEAN, chart=chart, as_json=True)
    assert json.loads(capsys.readouterr().out)["filtered_row_count"] == 90
    assert chart.read_bytes().startswith(b"\x89PNG")


def test_a_plan_is_about_one_thing(files):
    with pytest.raises(NoSubject):
        command.run(files / "plan.json", None, None, None, as_json=False)
    with pytest.raises(NoSubject):
        command.run(files / "plan.json", files / "sales.csv", "core_x__y", None, as_json=False)


def test_what_is_no_json_is_no_plan(files):
    (files / "plan.json").write_text("{")
    with pytest.raises(NoPlan):
        ran(files)


def test_what_is_wrong_with_a_plan_is_said_in_one_line(files):
    with pytest.raises(PlanRefused) as refused:
        ran(files, MEAN | {"target_column": "prise"})
    assert '/target_column: There is no column "prise". Did you mean "price"?' in str(refused.value)


def test_a_chart_that_can_not_be_written_is_said(files, capsys):
    with pytest.raises(NotWritten, match="No such file or directory"):
        ran(files, MEAN, chart=files / "nowhere" / "chart.png")
    ran(files, {"operation": "mean", "target_column": "price"}, chart=files / "chart.png")
    assert "no chart was written" in capsys.readouterr().err
    assert not (files / "chart.png").exists()


def test_a_plan_that_is_not_there_is_said_in_words(files):
    with pytest.raises(NoPlan, match="can not be read: No such file"):
        command.run(files / "none.json", files / "sales.csv", None, None, as_json=False)
