"""How the values of each column of an upload are spread: bins, most frequent values, quartiles."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import parquet

from analytics_pipelines.datasets.evidence import ColumnEvidence, ColumnKind
from analytics_pipelines.datasets.uploads.describe import extreme

MOST_BINS = 20
MOST_TOP = 20
QUARTILES = (0.25, 0.5, 0.75)
EXACT_INTEGERS = 2**53
HUGE = 1e307
LAST_DAY, LAST_MICROSECOND = 2_932_896, 253_402_300_799_999_999
"""Of the year 9999, since 1970; nothing comes after it where a bin might end."""
Told = dict[str, Any]


def profile(data: str, evidence: Sequence[ColumnEvidence]) -> Told:
    """Distributions of the columns of a Parquet file, as JSON can hold them.

    `row_count`, and of each column `name`, `kind`, `nulls`, `distinct`, `bins` of numbers, days and times (`start`,
    `end`, `count`; the last bin holds its end too), `top` of the rest (`value`, `count`, most frequent first),
    `quartiles` (linear), or null where there is no value. Infinite values are in no bin and no quartile, and counted as
    `infinite`.
    """
    file = parquet.ParquetFile(data)
    columns = [_profiled(file.read(columns=[each.name]).column(0).combine_chunks(), each) for each in evidence]
    return {"row_count": file.metadata.num_rows, "columns": columns}


def _profiled(values: pa.Array, evidence: ColumnEvidence) -> Told:
    told = {"name": evidence.name, "kind": evidence.kind.value, "nulls": evidence.nulls, "distinct": evidence.distinct}
    there = values.drop_null()
    if evidence.kind.is_numeric:
        return told | _numbers(there)
    if evidence.kind.is_temporal:
        return told | _times(there, evidence.kind)
    return told | {"bins": [], "top": _top(there), "quartiles": None}


def _numbers(values: pa.Array) -> Told:
    numbers = pc.cast(values, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    finite = numbers[np.isfinite(numbers)]
    edges = _edges(finite, is_whole=pa.types.is_integer(values.type))
    bins = _bins(finite, edges, float)
    quartiles = [float(each) for each in _quartiles(finite)] if finite.size else None
    return {"bins": bins, "top": [], "quartiles": quartiles, "infinite": len(numbers) - len(finite)}


def _quartiles(finite: NDArray[np.float64]) -> NDArray[np.float64]:
    """Huge numbers are halved first, since between two of them there is more than a double holds."""
    scale = 2.0 if np.abs(finite).max() > HUGE else 1.0
    found: NDArray[np.float64] = np.quantile(finite / scale, QUARTILES) * scale
    return found


def _edges(finite: NDArray[np.float64], *, is_whole: bool) -> NDArray[np.float64]:
    """Edges of at most `MOST_BINS` bins of one width; of integers of a narrow span, one bin an integer."""
    if not finite.size:
        return np.array([])
    least, most = float(finite.min()), float(finite.max())
    if is_whole and most - least < MOST_BINS and abs(most) < EXACT_INTEGERS:
        return np.arange(least, most + 2)
    if least == most:
        return np.array([least, np.nextafter(least, np.inf)])
    steps = np.linspace(0.0, 1.0, MOST_BINS + 1)
    # Least and most may lie further apart than any double: each is weighed, never their difference.
    return np.unique(np.clip(least * (1 - steps) + most * steps, least, most))


def _bins(values: NDArray[Any], edges: NDArray[Any], shown: Any) -> list[Told]:
    """How many values lie in each bin; one on an edge is in the bin that begins there, the last in the last."""
    if not edges.size:
        return []
    places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    counts = np.bincount(places, minlength=len(edges) - 1)
    return [
        {"start": shown(edges[place]), "end": shown(edges[place + 1]), "count": int(count)}
        for place, count in enumerate(counts)
    ]


def _times(values: pa.Array, kind: ColumnKind) -> Told:
    """In whole days, or in microseconds."""
    is_day = kind is ColumnKind.DATE
    whole, latest = (pa.int32(), LAST_DAY) if is_day else (pa.int64(), LAST_MICROSECOND)
    ticks = pc.cast(values, whole).to_numpy(zero_copy_only=False).astype(np.int64)
    if not ticks.size:
        return {"bins": [], "top": [], "quartiles": None}
    steps = np.arange(MOST_BINS + 1)
    least, span = int(ticks.min()), int(ticks.max()) - int(ticks.min()) + 1
    edges = np.unique(np.array([least + span * int(step) // MOST_BINS for step in steps]))
    chosen = np.quantile(ticks - least, QUARTILES, method="lower").astype(np.int64) + least

    def shown(tick: Any) -> Any:
        return extreme(pa.scalar(min(int(tick), latest), whole).cast(values.type).as_py())

    return {"bins": _bins(ticks, edges, shown), "top": [], "quartiles": [shown(each) for each in chosen]}


def _top(values: pa.Array) -> list[Told]:
    """The most frequent values, ties in the order of their text."""
    counted = pc.value_counts(values)
    order = pc.sort_indices(
        pa.table({"value": counted.field("values"), "count": counted.field("counts")}),
        sort_keys=[("count", "descending"), ("value", "ascending")],
    )[:MOST_TOP]
    return [{"value": extreme(each["values"]), "count": each["counts"]} for each in counted.take(order).to_pylist()]
