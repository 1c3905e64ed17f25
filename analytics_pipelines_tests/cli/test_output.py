"""Numbers as people read them, errors in one line."""

import pytest
from rich.console import Console

from analytics_pipelines.cli.output import counting, fail, table
from analytics_pipelines.foundation.errors import NotFound


def test_an_error_is_one_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        fail(NotFound("There is no\n[red]thing[/]" + " x" * 200, remedy="Look elsewhere."))
    printed = capsys.readouterr()
    assert ended.value.code == 1
    assert printed.out == ""
    assert printed.err.startswith("error: There is no [red]thing[/]")
    assert printed.err.count("\n") == 1


def test_cells_are_never_read_as_markup() -> None:
    shown = Console(width=60)
    with shown.capture() as captured:
        shown.print(table("T", ("a", "n"), [("[bold]x[/]", 1)], right=("n",)))
    assert "[bold]x[/]" in captured.get()


def test_a_counter_takes_steps_and_totals() -> None:
    with counting("counting", total=5) as counter:
        counter.add(2)
        counter.add(1)
        assert counter.done == 3
        counter.reach(5)
        assert counter.done == 5
