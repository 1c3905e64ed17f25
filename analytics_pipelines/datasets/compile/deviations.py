"""Variance in one pass over the rows, and in a second one where the first may have lost digits.

The first is DuckDB's (Welford's). It loses about as many digits as the mean has more of them than the standard
deviation, and gives up the whole question over one square that overflows. The second takes the mean of each group,
scales deviations by a power of two and corrects for what the mean was rounded by (Chan, Golub, LeVeque 1983, the
corrected two-pass algorithm).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from analytics_pipelines.datasets.compile.columns import AS_DOUBLE
from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines.foundation.bound import every
from analytics_pipelines.foundation.sql import Sql, chained, joined, name

MOST_SQUARED = Sql("1e150")
GUARDED = Sql("CASE WHEN {value} BETWEEN -{most} AND {most} THEN {value} END")
VARIANCE, UNKNOWN = Sql("VAR_SAMP({value})"), Sql("CAST(NULL AS DOUBLE)")
MOST_RATIO = 1e4
"""Squared mean by variance: up to here the first pass keeps all but the last two or three digits."""
TINIEST_VARIANCE = 1e-280
TINIEST_MEAN = 1e-140
"""Below these a square may be too small for a double."""
MOST_WHOLE = 2.0**53
"""From here on, different integers may be one double."""

MEAN = Sql("FSUM({value}) / COUNT({value})")
CENTRE = Sql("CASE WHEN ISFINITE({mean}) THEN {mean} ELSE MIN({value}) / 2 + MAX({value}) / 2 END")
WHOLE_CENTRE = Sql("CAST(ROUND(SUM({value}) / COUNT({value})) AS HUGEINT)")
WHOLE_DEVIATION = Sql("CAST(CAST({value} AS HUGEINT) - centres.{centre} AS DOUBLE)")
HALF_REACH = Sql("GREATEST({most} / 2 - {centre} / 2, {centre} / 2 - {least} / 2)")
SCALE = Sql(
    "CASE WHEN {reach} > 0 AND ISFINITE({reach})"
    " THEN POW(2, -GREATEST(LEAST(FLOOR(LOG2({reach})), 1000), -1000)) ELSE 1 END"
)
SCALED_DEVIATION = Sql("{value} * centres.{scale} - centres.{centre} * centres.{scale}")
FIGURES = Sql(
    "COUNT({value}), CAST(MIN(centres.{scale}) AS DOUBLE), FSUM({deviation}), FSUM({deviation} * {deviation})"
)
BY_KEYS = Sql(" GROUP BY {keys}")
SAME = Sql("rows.{key} IS NOT DISTINCT FROM centres.{key}")


@dataclass(frozen=True, slots=True)
class Spread:
    """Standard deviation and variance of a sample; None of fewer than two values."""

    std: float | None = None
    variance: float | None = None


@dataclass(frozen=True, slots=True)
class Deviation:
    """A column whose spread is asked, and where the figures of the first pass stand."""

    value: Sql
    kind: ColumnKind
    count: int
    sum: int
    variance: int


def guarded(value: Sql) -> Sql:
    """The value where its square is no reason for DuckDB to give up, else null."""
    return GUARDED.fill(value=AS_DOUBLE.fill(value=value), most=MOST_SQUARED)


def quick_spread(deviation: Deviation, figures: Sequence[Any]) -> Spread | None:
    """The spread by the first pass; None where it is not to be trusted."""
    count, total, variance = figures[deviation.count], figures[deviation.sum], figures[deviation.variance]
    if count < 2:  # noqa: PLR2004 - one value has no spread
        return Spread()
    if variance is None:
        return None
    mean = float(total) / count
    is_constant = variance == 0 and (mean == 0 or TINIEST_MEAN < abs(mean) < MOST_WHOLE)
    is_exact = variance > TINIEST_VARIANCE and mean * mean <= MOST_RATIO * variance
    return Spread(math.sqrt(variance), variance) if is_constant or is_exact else None


def careful_query(rows: Sql, keys: Sequence[Sql], deviations: Sequence[Deviation]) -> Sql:
    """The second pass: for each group its keys, then four figures for each of the deviations."""
    by_keys = BY_KEYS.fill(keys=joined(keys)) if keys else Sql("")
    centred = Sql("SELECT {columns} FROM (\n{rows}\n) AS rows{by_keys}")
    scaled = Sql("SELECT *, {scales} FROM centred")
    steps = {
        "centred": centred.fill(columns=joined([*keys, *_centres(deviations)]), rows=rows, by_keys=by_keys),
        "centres": scaled.fill(scales=joined(_scales(deviations))),
    }
    last = Sql("SELECT {columns} FROM (\n{rows}\n) AS rows JOIN centres ON {same}{by_keys}")
    own = [Sql("rows.{key}").fill(key=key) for key in keys]
    return chained(
        steps,
        last.fill(
            columns=joined([*own, *_figures(deviations)]),
            rows=rows,
            same=every(SAME.fill(key=key) for key in keys),
            by_keys=BY_KEYS.fill(keys=joined(own)) if keys else Sql(""),
        ),
    )


def careful_spread(count: int, scale: float, first: float, second: float) -> Spread:
    """The spread of so many scaled deviations whose sum and sum of squares these are; NaN where it is not finite."""
    if count < 2:  # noqa: PLR2004 - one value has no spread
        return Spread()
    variance = (second - first * first / count) / (count - 1)
    if not math.isfinite(variance):
        return Spread(math.nan, math.nan)
    variance = max(variance, 0.0)
    return Spread(math.sqrt(variance) / scale, variance / scale / scale)


def _centres(deviations: Iterable[Deviation]) -> list[Sql]:
    named = Sql("{centre} AS {centre_name}, {least} AS {least_name}, {most} AS {most_name}")
    return [
        named.fill(
            centre=_centre(each),
            least=Sql("MIN({value})").fill(value=_number(each)),
            most=Sql("MAX({value})").fill(value=_number(each)),
            **_names(number),
        )
        for number, each in enumerate(deviations)
    ]


def _names(number: int) -> dict[str, Sql]:
    return {part + "_name": name(part + str(number)) for part in ("centre", "least", "most", "scale")}


def _number(each: Deviation) -> Sql:
    """Integers stay what they are, so that differences of great ones are exact."""
    return each.value if each.kind is ColumnKind.INTEGER else AS_DOUBLE.fill(value=each.value)


def _centre(each: Deviation) -> Sql:
    if each.kind is ColumnKind.INTEGER:
        return WHOLE_CENTRE.fill(value=each.value)
    value = _number(each)
    return CENTRE.fill(mean=MEAN.fill(value=value), value=value)


def _scales(deviations: Iterable[Deviation]) -> list[Sql]:
    return [_scale(each, **_names(number)) for number, each in enumerate(deviations)]


def _scale(each: Deviation, *, centre_name: Sql, least_name: Sql, most_name: Sql, scale_name: Sql) -> Sql:
    named = Sql("{scale} AS {name}")
    if each.kind is ColumnKind.INTEGER:
        return named.fill(scale=Sql("1.0"), name=scale_name)
    reach = HALF_REACH.fill(centre=centre_name, least=least_name, most=most_name)
    return named.fill(scale=SCALE.fill(reach=reach), name=scale_name)


def _figures(deviations: Iterable[Deviation]) -> list[Sql]:
    made = []
    for number, each in enumerate(deviations):
        names = _names(number)
        deviation = (WHOLE_DEVIATION if each.kind is ColumnKind.INTEGER else SCALED_DEVIATION).fill(
            value=_number(each), centre=names["centre_name"], scale=names["scale_name"]
        )
        bracketed = Sql("({deviation})").fill(deviation=deviation)
        made.append(FIGURES.fill(value=each.value, scale=names["scale_name"], deviation=bracketed))
    return made
