"""The steps of the demo: each shows that it runs, how long it took and what came of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from analytics_pipelines.cli.output import console


@dataclass(slots=True)
class Step:
    """One step; what is put into `outcome` is printed behind its name."""

    outcome: str = ""


@dataclass(slots=True)
class Steps:
    """Seconds of each step, by name, in order."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str, *, quiet: bool = False) -> Iterator[Step]:
        """Time a step and print its line; `quiet` when the step draws its own progress."""
        step, started_s = Step(), time.monotonic()
        if quiet:
            yield step
        else:
            with console.status(name):
                yield step
        self.seconds[name] = round(time.monotonic() - started_s, 3)
        console.print(
            f"[green]✓[/] {name:<46} [dim]{self.seconds[name]:>6.1f} s[/]  {step.outcome}",
            highlight=False,
            soft_wrap=True,
        )
