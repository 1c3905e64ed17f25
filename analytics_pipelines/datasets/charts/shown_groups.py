"""Which of many groups are drawn: the largest, in the order in which they came."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from analytics_pipelines.datasets.charts.names import Names
from analytics_pipelines.datasets.charts.source import ChartColumn, GroupsSource, Role
from analytics_pipelines.datasets.charts.theme import MOST_CATEGORIES, MOST_POINTS, MOST_SERIES, thinned
from analytics_pipelines.datasets.charts.words import OTHER, label, moment, number

JOINED = " · "
LEAST_NAMES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One row to draw."""

    x: str
    series: str
    values: tuple[float | None, ...]
    """One a measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Rows and names as a chart of groups needs them."""

    points: Sequence[Point]
    measures: tuple[str, ...]
    x_name: str
    series_name: str
    """Empty where there is only one series."""
    is_time: bool
    notes: tuple[str, ...] = ()

    @property
    def x_values(self) -> list[str]:
        """Different values along the axis, in their order."""
        return list(dict.fromkeys(point.x for point in self.points))

    @property
    def series(self) -> list[str]:
        """Different series, in their order."""
        return list(dict.fromkeys(point.series for point in self.points))


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which columns of the rows are drawn as what."""

    source: GroupsSource
    axis: int | None
    rest: list[int]
    measures: list[int]
    is_time: bool
    along: Names = field(default_factory=Names)
    beside: Names = field(default_factory=Names)

    def point(self, row: int) -> Point:
        """The row as it is drawn; at "" if it has no place on an axis of times."""
        return Point(
            x=self._position(row),
            series=self._named(self.beside, row, self.rest) if self.rest else "",
            values=tuple(number(self.source.rows[row][place]) for place in self.measures),
        )

    def _position(self, row: int) -> str:
        if self.axis is None:
            return ""
        if self.is_time:
            return moment(self.source.rows[row][self.axis], self.source.timezone) or ""
        return self._named(self.along, row, [self.axis])

    def _named(self, names: Names, row: int, places: list[int]) -> str:
        cells = self.source.rows[row]
        others = [row in self.source.other and self.source.columns[place].role is Role.GROUP for place in places]
        shown = [label(cells[place], self.source.timezone) for place in places]
        text = JOINED.join(OTHER if is_other else each for is_other, each in zip(others, shown, strict=True))
        key = tuple((type(cells[place]), cells[place]) for place in places)
        return names.name((tuple(others), key), text)


def shown_of(
    source: GroupsSource,
    *,
    most_series: int = MOST_SERIES,
    most_names: int = MOST_CATEGORIES,
    most_marks: int = MOST_POINTS,
    as_names: bool = False,
) -> Shown:
    """What is drawn of the rows, with a note for whatever is left out; `as_names` spells times out."""
    axis, columns = _axis(source.columns), source.columns
    has_times = axis is not None and columns[axis].kind.is_temporal
    layout = Layout(
        source=source,
        axis=axis,
        rest=[place for place, each in enumerate(columns) if each.role is Role.GROUP and place != axis],
        measures=[place for place, each in enumerate(columns) if each.role is Role.MEASURE],
        is_time=has_times and not as_names,
    )
    few = _with_few_series(_all_of(layout), most_series)
    most_names = min(most_names, max(LEAST_NAMES, most_marks // max(1, len(few.series))))
    return _with_few_times(few, most_names) if has_times else _with_few_names(few, most_names)


def _all_of(layout: Layout) -> Shown:
    names = [each.name for each in layout.source.columns]
    points = [layout.point(row) for row in range(len(layout.source.rows))]
    placed = [point for point in points if point.x or layout.axis is None]
    x_name = _axis_name(layout.source, layout.axis)
    return Shown(
        points=placed,
        measures=tuple(names[place] for place in layout.measures),
        x_name=x_name,
        series_name=JOINED.join(names[place] for place in layout.rest),
        is_time=layout.is_time,
        notes=(f"What has no {x_name} is not shown.",) if len(placed) < len(points) else (),
    )


def _axis(columns: Sequence[ChartColumn]) -> int | None:
    """The column along the axis: time if there is one, else the first group."""
    places = [place for place, each in enumerate(columns) if each.role is Role.TIME]
    places += [place for place, each in enumerate(columns) if each.role is Role.GROUP]
    return places[0] if places else None


def _axis_name(source: GroupsSource, axis: int | None) -> str:
    if axis is None:
        return ""
    cells = (row[axis] for row in source.rows)
    is_aware = any(isinstance(cell, datetime) and cell.tzinfo is not None for cell in cells)
    name = source.columns[axis].name
    return f"{name} ({source.timezone})" if is_aware else name


def _with_few_series(drawn: Shown, most: int) -> Shown:
    kept = _largest(((each.series, each.values) for each in drawn.points), most)
    points = [point for point in drawn.points if point.series in kept]
    notes = (*drawn.notes, *_left_out(len(kept), len(drawn.series), drawn.series_name))
    return replace(drawn, points=points, notes=notes)


def _with_few_names(drawn: Shown, most: int) -> Shown:
    kept = _largest(((each.x, each.values) for each in drawn.points), most)
    points = [point for point in drawn.points if point.x in kept]
    notes = (*drawn.notes, *_left_out(len(kept), len(drawn.x_values), drawn.x_name))
    return replace(drawn, points=points, notes=notes)


def _with_few_times(drawn: Shown, most_names: int) -> Shown:
    """All along an axis of times as far as there is room, else evenly fewer; of times that are spelt out the last."""
    times = sorted(drawn.x_values)
    kept = {times[place] for place in thinned(len(times), max(2, MOST_POINTS // max(1, len(drawn.series))))}
    if not drawn.is_time:
        kept = set(times[-most_names:])
    points = sorted((each for each in drawn.points if each.x in kept), key=lambda point: point.x)
    notes = [f"{len(kept):,} of {len(times):,} times shown."] if len(kept) < len(times) else []
    return replace(drawn, points=points, notes=(*drawn.notes, *notes))


def _largest(weighed: Iterable[tuple[str, tuple[float | None, ...]]], most: int) -> set[str]:
    """The `most` names with most of the first measure; those that came first where they are even."""
    weights: dict[str, float] = {}
    for name, values in weighed:
        weights[name] = weights.get(name, 0.0) + abs((values[0] if values else None) or 0.0)
    return set(sorted(weights, key=lambda name: -weights[name])[:most])


def _left_out(shown: int, whole: int, name: str) -> tuple[str, ...]:
    return (f"The {shown:,} largest of {whole:,} values of {name} shown.",) if shown < whole else ()
