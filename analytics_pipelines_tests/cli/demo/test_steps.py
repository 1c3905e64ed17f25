"""Steps are timed by name and told with their outcome."""

import pytest

from analytics_pipelines.cli.demo.steps import Steps


def test_each_step_leaves_its_seconds_and_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    steps = Steps()
    with steps.step("first") as step:
        step.outcome = "3 rows"
    with steps.step("second", quiet=True):
        pass
    assert list(steps.seconds) == ["first", "second"]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("✓ first")
    assert lines[0].endswith("3 rows")


def test_a_step_that_fails_is_not_told_as_done(capsys: pytest.CaptureFixture[str]) -> None:
    steps = Steps()
    with pytest.raises(ValueError, match="broken"), steps.step("first"):
        raise ValueError("broken")
    assert steps.seconds == {}
    assert "✓" not in capsys.readouterr().out
