"""Runs contenders in turn, takes medians, holds figures against goals, prints them for people and programs."""

import json
import operator
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

COMPARISONS: dict[str, Callable[[float, float], bool]] = {"<=": operator.le, ">=": operator.ge}


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of each run of one contender."""

    seconds: tuple[float, ...]

    @property
    def median_s(self) -> float:
        """The middle run."""
        return statistics.median(self.seconds)


def timed(contenders: Mapping[str, Callable[[], object]], *, runs: int) -> dict[str, Timing]:
    """Run all contenders in turn, `runs` times over, after one that is not counted; noise then hits all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for run in range(runs + 1):
        for name, contender in contenders.items():
            started_s = time.perf_counter()
            contender()
            if run:
                seconds[name].append(time.perf_counter() - started_s)
    return {name: Timing(tuple(found)) for name, found in seconds.items()}


@dataclass(slots=True)
class Report:
    """Figures by name; a goal is `<= 1.3` or `>= 0.9` of one of them."""

    benchmark: str
    goals: Mapping[str, str] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)

    def missed(self) -> list[str]:
        """Goals whose figure is missing or does not reach them."""
        return [name for name, goal in self.goals.items() if not self._reaches(name, goal)]

    def show(self, timings: Mapping[str, Timing], base: str) -> None:
        """The contenders with their medians and ratios to `base`, for people."""
        table = Table(box=None)
        for column in ("contender", "median s", "ratio"):
            table.add_column(column, justify="left" if column == "contender" else "right")
        for name, timing in timings.items():
            ratio = timing.median_s / timings[base].median_s
            table.add_row(name, f"{timing.median_s:.3f}", f"{ratio:.2f}")
        console = Console(width=100)
        console.print(f"{self.benchmark}: medians, and ratios to {base}")
        console.print(table)

    def finish(self) -> None:
        """The last line, for programs."""
        figures = {name: round(value, 4) for name, value in self.figures.items()}
        print(
            json.dumps(
                {"benchmark": self.benchmark, "figures": figures, "goals": dict(self.goals), "missed": self.missed()}
            )
        )

    def _reaches(self, name: str, goal: str) -> bool:
        comparison, bound = goal.split()
        return name in self.figures and COMPARISONS[comparison](self.figures[name], float(bound))
