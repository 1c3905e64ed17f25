"""A series with one value a step, made of what was given: the step found, gaps filled, and all of it said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from analytics_pipelines.datasets.forecast.model import Floats
from analytics_pipelines.datasets.forecast.steps import MONTHS, UNITS, Moments, Places, Step, StepKind, moments_of
from analytics_pipelines.foundation.errors import BadInput

LEAST_POINTS = 4
MOST_READ = 20_000
"""The newest values that are looked at; more than any model uses."""
MOST_MISSING = 0.25
"""Share of the steps between the first and the last value that may be filled."""
MOST_JITTER = 0.25
"""How far, in parts of a step, a time may lie off; sensors are late now and then."""
LEAST_WORKING_DAYS = 8
REMEDY = "Give a bucket, such as day or month, so that each span of time has one value."


class TooFewPoints(BadInput):
    """There are not enough values to say anything about the next one."""

    title = "The series is too short"


class IrregularTimes(BadInput):
    """The times follow no step that they could be carried on by."""

    title = "The times are not regular"


class TooManyGaps(BadInput):
    """So many steps have no value that a forecast would be made of filled ones."""

    title = "The series has too many gaps"


class ValuesNotFinite(BadInput):
    """An infinity, with which nothing can be computed."""

    title = "The series holds an infinity"


@dataclass(frozen=True, slots=True)
class Regular:
    """One value a step, oldest first; NaN where none was given."""

    step: Step
    moments: Moments
    values: Floats
    warnings: tuple[str, ...]


def regular(at: Sequence[datetime], values: Floats, step: str | None = None) -> Regular:
    """The series by its step: the one named (`day`, `month`…), else the one that the times show.

    NaN values count as not given. Raises `TooFewPoints`, `ValuesNotFinite`, `TimesNotRising`, `IrregularTimes` and
    `TooManyGaps`.
    """
    if np.isinf(values).any():
        raise ValuesNotFinite("One value at least is infinite.", remedy="Filter such rows out.")
    given = np.flatnonzero(~np.isnan(values))
    if given.size < LEAST_POINTS:
        raise TooFewPoints(f"There are {given.size} values.", limit=f"at least {LEAST_POINTS}")
    read = given[-MOST_READ:]
    moments = moments_of([at[place] for place in read])
    found = stated(step, moments) if step else found_step(moments)
    places = placed(found, moments)
    spread = np.full(int(places[-1]) + 1, np.nan)
    spread[places] = values[read]
    told = [f"Only the newest {MOST_READ:,} of {given.size:,} values were read."] if read.size < given.size else []
    if is_uneven(found, moments):
        told.append(f"Not all times lie exactly one {found.name} apart; each was taken for the nearest step.")
    return Regular(found, moments, spread, tuple(told))


def stated(name: str, moments: Moments) -> Step:
    """The step of a bucket; days of which none is at a weekend are working days."""
    if name in MONTHS:
        return Step(StepKind.MONTH, MONTHS[name])
    if name not in UNITS:
        raise IrregularTimes(f"No step is called {name!r}.", remedy=f"Name one of {', '.join([*UNITS, *MONTHS])}.")
    if name == "day" and is_of_working_days(moments):
        return Step(StepKind.WORKING_DAY, 1)
    return Step(StepKind.FIXED, UNITS[name])


def found_step(moments: Moments) -> Step:
    """Months if all lie on one day of it, working days, else the step by the clock on which all or nearly all lie."""
    if is_of_months(moments):
        return Step(StepKind.MONTH, int(np.gcd.reduce(np.diff(moments.months))))
    if is_of_working_days(moments):
        return Step(StepKind.WORKING_DAY, 1)
    usual = int(np.median(np.diff(moments.wall).astype(np.int64)))
    ways = np.diff(moments.by(usual))
    exact = int(np.gcd.reduce(ways))
    if exact == ways.min() or ways.size >= (1 - MOST_MISSING) * (ways.sum() / exact):
        return Step(StepKind.FIXED, exact)
    counts = np.rint(ways / usual)
    if (np.abs(ways / usual - counts) > MOST_JITTER).any():
        shortest, longest = (Step(StepKind.FIXED, int(each)).name for each in (ways.min(), ways.max()))
        raise IrregularTimes(f"Times lie between {shortest} and {longest} apart.", remedy=REMEDY)
    return Step(StepKind.FIXED, usual)


def placed(step: Step, moments: Moments) -> Places:
    """The step that each value belongs to, from 0; raises `IrregularTimes` where two share one, and `TooManyGaps`."""
    places = step.places(moments)
    if (np.diff(places) < 1).any():
        raise IrregularTimes(f"Two times lie within one {step.name}.", remedy=REMEDY)
    steps = int(places[-1]) + 1
    missing = steps - places.size
    if missing > MOST_MISSING * steps:
        raise TooManyGaps(
            f"{missing:,} of {steps:,} steps of one {step.name} have no value.",
            limit=f"{MOST_MISSING:.0%} of the steps",
            remedy="Give a longer bucket, or filter to a span of time without such gaps.",
        )
    return places


def is_of_months(moments: Moments) -> bool:
    """Whether all times lie on the same day of different months, or on the last day of months that have none."""
    days, months = moments.days_of_month, moments.months
    if (np.diff(months) < 1).any() or len(set(time_of_day(moments))) > 1:
        return False
    starts = (months + 1).astype("datetime64[M]").astype("datetime64[D]")
    lengths = (starts - months.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
    return bool((days == np.minimum(moments.anchor, lengths)).all())


def is_of_working_days(moments: Moments) -> bool:
    """Whether days follow each other at one hour, for two weeks at least, and leave every weekend out."""
    ways = np.diff(moments.wall).astype(np.int64)
    if moments.wall.size < LEAST_WORKING_DAYS or np.median(ways) != UNITS["day"] or len(set(time_of_day(moments))) > 1:
        return False
    return bool(np.is_busday(moments.wall.astype("datetime64[D]")).all())


def time_of_day(moments: Moments) -> list[int]:
    """Microseconds since midnight on the wall."""
    within: list[int] = (moments.wall - moments.wall.astype("datetime64[D]")).astype(np.int64).tolist()
    return within


def is_uneven(step: Step, moments: Moments) -> bool:
    """Whether times lie off the step's exact places."""
    if step.kind is not StepKind.FIXED:
        return False
    return bool((np.diff(moments.by(step.size)) % step.size != 0).any())


def filled(values: Floats, season: int) -> Floats:
    """The values with every NaN on the straight line between its neighbours, the season laid over it."""
    missing = np.isnan(values)
    if not missing.any():
        return values
    steps = np.arange(values.size)
    given = ~missing
    pattern = np.zeros(values.size)
    if season > 1:
        rest = values - np.polyval(np.polyfit(steps[given], values[given], 1), steps)
        means = [phase_mean(rest[phase::season]) for phase in range(season)]
        pattern = np.asarray(means)[steps % season]
    bare = values - pattern
    return np.where(missing, np.interp(steps, steps[given], bare[given]) + pattern, values)


def phase_mean(values: Floats) -> float:
    """The mean of what is given; 0 where nothing is."""
    given = values[~np.isnan(values)]
    return float(given.mean()) if given.size else 0.0
