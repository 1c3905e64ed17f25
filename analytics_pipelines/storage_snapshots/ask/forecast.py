"""When a share is full: a straight line through its daily sizes, with the range that its scatter allows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

LEAST_DAYS = 7
LEAST_POINTS = 3
CONFIDENCE = 0.95
HALVINGS = 200
Point = tuple[date, int]
"""A day and the bytes that were taken on it."""


class Outlook(StrEnum):
    """What the days say; only where it is `growing` is there a forecast."""

    GROWING = "growing"
    FLAT = "flat"
    SHRINKING = "shrinking"
    SHORT_HISTORY = "short_history"


@dataclass(frozen=True, slots=True)
class Trend:
    """The fitted line: bytes gained a day with the ends of its 95 % range, and how much of the scatter it explains.

    `r_squared` is None where all values are equal.
    """

    bytes_per_day: float
    least_bytes_per_day: float
    most_bytes_per_day: float
    r_squared: float | None

    @property
    def outlook(self) -> Outlook:
        """Flat where the range holds zero: what was seen can not be told from no growth at all."""
        if self.least_bytes_per_day > 0:
            return Outlook.GROWING
        return Outlook.SHRINKING if self.most_bytes_per_day < 0 else Outlook.FLAT


@dataclass(frozen=True, slots=True)
class Forecast:
    """Days until the remaining bytes are taken, with the ends of the 95 % range; None without a forecast."""

    outlook: Outlook
    points: int
    history_days: int
    trend: Trend | None
    days_until_full: float | None = None
    least_days_until_full: float | None = None
    most_days_until_full: float | None = None


def forecast(points: Sequence[Point], remaining_bytes: int | None) -> Forecast:
    """What the days say about when `remaining_bytes` more are taken, counted from the last of them.

    `points` are in any order, each day once; days may be missing. No forecast where the share is flat or shrinking,
    with under `LEAST_DAYS` days from the first to the last, both counted, or where `remaining_bytes` is None.
    The range is remaining / (slope -+ t * standard error of the slope).
    """
    days = [day.toordinal() for day, _ in points]
    history_days = max(days) - min(days) + 1 if days else 0
    if history_days < LEAST_DAYS or len(points) < LEAST_POINTS:
        return Forecast(Outlook.SHORT_HISTORY, len(points), history_days, None)
    found = trend(days, [value for _, value in points])
    if found.outlook is not Outlook.GROWING or remaining_bytes is None:
        return Forecast(found.outlook, len(points), history_days, found)
    left = max(remaining_bytes, 0)
    return Forecast(
        found.outlook,
        len(points),
        history_days,
        found,
        days_until_full=left / found.bytes_per_day,
        least_days_until_full=left / found.most_bytes_per_day,
        most_days_until_full=left / found.least_bytes_per_day,
    )


def trend(days: Sequence[int], values: Sequence[int]) -> Trend:
    """Ordinary least squares of the values on the days, which must be three or more, not all the same.

    slope b = Sxy / Sxx, standard error sqrt((Syy - Sxy^2 / Sxx) / (n - 2) / Sxx), range b -+ t(0.975, n - 2) * se
    (Draper and Smith, Applied Regression Analysis, 3rd ed. 1998, section 1.4). The sums are exact, so that a
    share of petabytes loses nothing to rounding and moving all days or all values changes nothing.
    """
    count = len(days)
    day_mean, mean = Fraction(sum(days), count), Fraction(sum(values), count)
    pairs = [(day - day_mean, value - mean) for day, value in zip(days, values, strict=True)]
    s_xx = sum((x * x for x, _ in pairs), Fraction(0))
    s_xy = sum((x * y for x, y in pairs), Fraction(0))
    s_yy = sum((y * y for _, y in pairs), Fraction(0))
    slope, scatter = s_xy / s_xx, s_yy - s_xy * s_xy / s_xx
    margin = t_quantile(count - 2) * math.sqrt(scatter / (count - 2) / s_xx)
    explained = float(1 - scatter / s_yy) if s_yy else None
    return Trend(float(slope), float(slope) - margin, float(slope) + margin, explained)


def t_quantile(degrees: int, confidence: float = CONFIDENCE) -> float:
    """The t that |T| of Student's distribution stays below with that probability, found by halving."""
    least, most = 0.0, 1.0
    while t_probability(most, degrees) < confidence:
        most *= 2
    for _ in range(HALVINGS):
        middle = (least + most) / 2
        if middle in (least, most):
            break
        least, most = (middle, most) if t_probability(middle, degrees) < confidence else (least, middle)
    return most


def t_probability(t: float, degrees: int) -> float:
    """P(|T| <= t) for whole degrees of freedom (Abramowitz and Stegun 1964, formulas 26.7.3 and 26.7.4)."""
    angle = math.atan2(t, math.sqrt(degrees))
    cosine = math.cos(angle)
    term = cosine if degrees % 2 else 1.0
    total, step = 0.0, 3 if degrees % 2 else 2
    while step <= degrees:
        total += term
        term *= cosine * cosine * (step - 1) / step
        step += 2
    if degrees % 2:
        return 2 / math.pi * (angle + math.sin(angle) * total)
    return math.sin(angle) * total
