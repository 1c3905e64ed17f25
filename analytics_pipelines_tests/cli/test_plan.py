"""Plans in the shell."""

import json

import pytest

from analytics_pipelines.cli import plan as command
from analytics_pipelines.cli.plan import NoPlan, NoSubject
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
