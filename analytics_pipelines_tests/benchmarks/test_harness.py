"""Contenders run in turn, medians count, goals are held, the last line is for programs."""

import json

import pytest

from benchmarks.harness import Report, Timing, timed


def test_contenders_take_turns_and_the_first_round_does_not_count() -> None:
    calls: list[str] = []
    timings = timed({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, runs=2)
    assert calls == ["a", "b"] * 3
    assert {name: len(timing.seconds) for name, timing in timings.items()} == {"a": 2, "b": 2}


def test_the_middle_run_counts() -> None:
    assert Timing((9.0, 1.0, 2.0)).median_s == 2.0


@pytest.mark.parametrize(
    ("figures", "missed"),
    [
        pytest.param({"ratio": 1.3, "share": 0.9}, [], id="just reached"),
        pytest.param({"ratio": 1.31, "share": 0.89}, ["ratio", "share"], id="just missed"),
        pytest.param({}, ["ratio", "share"], id="not measured is missed"),
    ],
)
def test_goals_are_held(figures: dict[str, float], missed: list[str]) -> None:
    assert Report("b", {"ratio": "<= 1.3", "share": ">= 0.9"}, figures).missed() == missed


def test_the_last_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("lake", {"ratio": "<= 1"}, {"ratio": 1.23456})
    report.show({"a": Timing((1.0,)), "b": Timing((2.0,))}, "a")
    report.finish()
    lines = capsys.readouterr().out.splitlines()
    assert json.loads(lines[-1]) == {
        "benchmark": "lake",
        "figures": {"ratio": 1.2346},
        "goals": {"ratio": "<= 1"},
        "missed": ["ratio"],
    }
