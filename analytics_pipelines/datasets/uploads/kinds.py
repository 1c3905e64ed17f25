"""The kind of each column: the narrowest that every value fits, and why it is no narrower one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics_pipelines.datasets.evidence import ColumnKind, kind_of
from analytics_pipelines.datasets.uploads.attempt import Attempt
from analytics_pipelines.datasets.uploads.distinct import Distinct, distinct_of
from analytics_pipelines.datasets.uploads.moments import recognised_moments
from analytics_pipelines.datasets.uploads.numeric import recognised_numbers

BOOLEANS = ({"true": True, "false": False}, {"yes": True, "no": False})
MOST_SPELLINGS = 12
"""Of two words in any mixture of cases that people write."""
TYPES = {
    pa.bool_(): "BOOLEAN",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.date32(): "DATE",
    pa.timestamp("us"): "TIMESTAMP",
    pa.timestamp("us", tz="UTC"): "TIMESTAMP WITH TIME ZONE",
    pa.string(): "VARCHAR",
}
NOTHING_TOLD = "every value is empty, or a word for nothing such as NA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A column converted, its type as DuckDB spells it, and the different texts it was made of."""

    values: pa.Array
    type: str
    distinct: Distinct
    form: str | None = None
    reason: str = ""

    @property
    def kind(self) -> ColumnKind:
        """What plans may do with it."""
        return kind_of(self.type)


def typed(column: pa.Array, line_of: Callable[[int], int]) -> Typed:
    """The column of text as its kind; `line_of` gives the line of a row, for the reason."""
    distinct = distinct_of(column, line_of)
    told = distinct.told
    if not len(told):
        reason = NOTHING_TOLD if len(column) else "there is no row"
        return Typed(values=pa.nulls(len(column), pa.string()), type="VARCHAR", distinct=distinct, reason=reason)
    attempts = [each for each in (_booleans(told), recognised_numbers(told), recognised_moments(told)) if each]
    for attempt in attempts:
        if attempt.values is not None:
            values = distinct.spread(attempt.values)
            type_name = TYPES[values.type]
            return Typed(values=values, type=type_name, distinct=distinct, form=attempt.form, reason=attempt.note)
    return Typed(values=_texts(column), type="VARCHAR", distinct=distinct, reason=_reason(distinct, attempts))


def _texts(column: pa.Array) -> pa.Array:
    """As they are written, spaces and all; the empty text is null, which CSV can not tell from it."""
    return pc.if_else(pc.equal(pc.binary_length(column), 0), pa.scalar(None, pa.string()), column)


def _booleans(told: pa.Array) -> Attempt | None:
    """`true` and `false`, or both `yes` and `no`: NO alone may be Norway, 0 and 1 are numbers."""
    if len(told) > MOST_SPELLINGS:
        return None
    words = [each.lower() for each in told.to_pylist()]
    for meanings in BOOLEANS:
        if set(words) == set(meanings) or (set(words) <= set(meanings) and "true" in meanings):
            values = pa.array([meanings[word] for word in words], pa.bool_())
            return Attempt(what="booleans", misses=np.zeros(len(words), np.bool_), values=values)
    return None


def _reason(distinct: Distinct, attempts: list[Attempt]) -> str:
    """What stood against the kind that most rows fit."""
    counts = distinct.told_counts
    missed = {place: int(counts[each.misses].sum()) for place, each in enumerate(attempts)}
    total = int(counts.sum())
    near = [place for place, rows in missed.items() if 2 * rows <= total or attempts[place].doubt]
    if not near:
        return ""
    place = min(near, key=lambda each: missed[each])
    attempt = attempts[place]
    if attempt.doubt:
        return attempt.doubt
    line = distinct.line_of(distinct.row_of(int(np.argmax(attempt.misses))))
    are = "is no " + attempt.what.removesuffix("s") if missed[place] == 1 else "are no " + attempt.what
    return f"{missed[place]:,} of {total:,} values {are}, first in line {line:,}"
