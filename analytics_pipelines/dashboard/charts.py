"""Geometry of the little charts: days to bars and lines of an SVG, no drawing library."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from analytics_pipelines.dashboard.state import Point

GAP = 0.25
"""Share of a bar's step that stays empty."""
LEAST_HEIGHT = 1.5
"""A day with something in it is visible, however small."""
LEAST_STEPS = 14
"""A chart has room for so many days even when it holds fewer, so that bars do not become walls."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One day, in the units of the view box."""

    day: date
    value: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars in a view box of that size, the newest at its right edge."""

    width: int
    height: int
    bars: tuple[Bar, ...]

    @property
    def is_full(self) -> bool:
        """Whether the bars reach from edge to edge."""
        return len(self.bars) >= LEAST_STEPS


def bars(points: Sequence[Point], width: int, height: int) -> Chart:
    """A bar a day, oldest first, the highest as high as the box, zero without height."""
    top = max((point.value for point in points), default=0) or 1
    step = width / max(len(points), LEAST_STEPS)
    start = width - step * len(points)
    made = (_bar(point, start + i * step, step, point.value / top * height, height) for i, point in enumerate(points))
    return Chart(width, height, tuple(made))


def _bar(point: Point, x: float, step: float, high: float, bottom: int) -> Bar:
    visible = max(high, LEAST_HEIGHT) if point.value else 0.0
    return Bar(
        day=point.day,
        value=point.value,
        x=round(x + step * GAP / 2, 2),
        y=round(bottom - visible, 2),
        width=round(step * (1 - GAP), 2),
        height=round(visible, 2),
    )
