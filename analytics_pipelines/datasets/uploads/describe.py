"""Evidence of a column: counted over all its rows, with the least, the most and a few examples."""

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics_pipelines.datasets.evidence import ColumnEvidence, ColumnKind, Extreme
from analytics_pipelines.datasets.uploads.kinds import Typed

MOST_EXAMPLES = 5
MOST_EXAMPLE_CHARACTERS = 100
GAP_FACTOR = 1.5
MICROS_PER_S = 1e6
MICROS_PER_DAY = 86_400 * MICROS_PER_S


def described(name: str, column: Typed) -> ColumnEvidence:
    """What is known of the column of that name; infinite extremes are told as `Infinity` and `-Infinity`."""
    least, most = _extremes(column.values)
    spacing_s, gaps = _rhythm(column)
    return ColumnEvidence(
        name=name,
        kind=column.kind,
        type=column.type,
        nulls=column.values.null_count,
        distinct=pc.count_distinct(column.values, mode="only_valid").as_py(),
        least=least,
        most=most,
        examples=_examples(column),
        mean=_mean(column),
        form=column.form,
        reason=column.reason,
        spacing_s=spacing_s,
        gaps=gaps,
    )


def extreme(value: Any) -> Extreme:
    """A value of a column as JSON can hold it."""
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value is None or isinstance(value, int | float):
        return value
    return value[:MOST_EXAMPLE_CHARACTERS] if isinstance(value, str) else str(value.isoformat())


def _extremes(values: pa.Array) -> tuple[Extreme, Extreme]:
    found = pc.min_max(values).as_py()
    return extreme(found["min"]), extreme(found["max"])


def _examples(column: Typed) -> tuple[str, ...]:
    texts = column.distinct.told if column.kind is not ColumnKind.TEXT else column.distinct.raw
    first = [text for text in texts[: MOST_EXAMPLES + 1].to_pylist() if text][:MOST_EXAMPLES]
    return tuple(text[:MOST_EXAMPLE_CHARACTERS] for text in first) if column.distinct.told else ()


def _mean(column: Typed) -> float | None:
    """None too where it is not finite."""
    if not column.kind.is_numeric or column.values.null_count == len(column.values):
        return None
    numbers = pc.cast(column.values.drop_null(), pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    with np.errstate(all="ignore"):
        mean = float(numbers.mean())
    return mean if math.isfinite(mean) else None


def _rhythm(column: Typed) -> tuple[float | None, int | None]:
    """Median distance of successive different times in seconds, and the places that are much longer."""
    if not column.kind.is_temporal:
        return None, None
    micros = pc.cast(pc.cast(pc.unique(column.values.drop_null()), pa.timestamp("us")), pa.int64())
    times = np.sort(micros.to_numpy(zero_copy_only=False))
    steps = np.diff(times)
    if not steps.size:
        return None, None
    spacing = float(np.median(steps))
    return spacing / MICROS_PER_S, int((_without_weekends(times, steps, spacing) > GAP_FACTOR * spacing).sum())


def _without_weekends(times: np.ndarray, steps: np.ndarray, spacing: float) -> np.ndarray:
    """Distances in working days where days follow each other and no weekend is among them."""
    days = times.astype("datetime64[us]").astype("datetime64[D]")
    if spacing != MICROS_PER_DAY or not np.is_busday(days).all():
        return steps
    return np.asarray(np.busday_count(days[:-1], days[1:]) * MICROS_PER_DAY)
