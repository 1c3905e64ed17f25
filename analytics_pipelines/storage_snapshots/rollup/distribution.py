"""What the files of a share hold, told apart by type, extension, owner, group, size and age."""

from analytics_pipelines.foundation.select import Scan, Select
from analytics_pipelines.foundation.sql import Sql, from_file, joined, literal, name
from analytics_pipelines.storage_snapshots.rollup.bands import BITS_PER_BIN
from analytics_pipelines.storage_snapshots.tables import AGE_BANDS, SIZE_BINS

NOT_KNOWN = AGE_BANDS[-1][0]
LIMITS = [(band, days) for band, days in AGE_BANDS if days is not None]
OLDER = AGE_BANDS[-2][0]
CASE = Sql("CASE {branches} ELSE {otherwise} END")
SMALLER = Sql("WHEN coalesce(size_bytes, 0) < {end} THEN {bin}")
UNTOLD = Sql("WHEN {time} IS NULL OR taken_at IS NULL THEN {band}")
LIMIT = Sql("taken_at - INTERVAL {days} DAY AS {limit}")
YOUNGER = Sql("WHEN {time} > {limit} THEN {band}")


def distribution(entries: Scan, snapshots: Scan) -> Select | None:
    """Rows of `out_fs__distribution` for the entries of one day, ages as of each share's `taken_at`.

    A file of several names counts once in its share, under the first in pre-order; None where the day has no entries.
    """
    if not entries.files:
        return None
    query = from_file(__package__, "distribution").fill(
        files=from_file(__package__, "files_once"),
        limits=joined(LIMIT.fill(days=Sql(str(days)), limit=name(band)) for band, days in LIMITS),
        size_bin=_size_bin(),
        modified_age=_age("modified_at"),
        accessed_age=_age("accessed_at"),
    )
    return Select(query, reads={"entries": entries, "snapshots": snapshots})


def _size_bin() -> Sql:
    """floor(log2(size) / 5) as text, by comparing integers: exact at every boundary."""
    branches = (
        SMALLER.fill(end=Sql(str(1 << BITS_PER_BIN * (number + 1))), bin=literal(str(number)))
        for number in SIZE_BINS[:-1]
    )
    return CASE.fill(branches=joined(branches, " "), otherwise=literal(str(SIZE_BINS[-1])))


def _age(column: str) -> Sql:
    untold = UNTOLD.fill(time=name(column), band=literal(NOT_KNOWN))
    younger = (YOUNGER.fill(time=name(column), limit=name(band), band=literal(band)) for band, _ in LIMITS)
    return CASE.fill(branches=joined([untold, *younger], " "), otherwise=literal(OLDER))
