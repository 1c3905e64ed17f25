"""Which two snapshots of each share are compared, and which shares can not be, because a day of theirs is missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import Sql, date_literal, joined, literal
from analytics_pipelines.storage_snapshots.ask.chosen import (
    LATEST,
    ShareSnapshot,
    UnknownSnapshot,
    chosen,
    published_snapshots,
)
from analytics_pipelines.storage_snapshots.differences.last_known import MOST_DAYS_BETWEEN
from analytics_pipelines.storage_snapshots.layout import snapshot_date


class ComparedBackwards(BadInput):
    """`from` is later than `to`."""


@dataclass(frozen=True, slots=True)
class Span:
    """Two snapshots of one share; a step has no other between them."""

    share: str
    first: ShareSnapshot
    last: ShareSnapshot
    is_step: bool

    @property
    def where(self) -> Sql:
        """Which rows of changes lie between them."""
        text = Sql("(share = {share} AND snapshot_date > {first} AND snapshot_date <= {last})")
        return text.fill(
            share=literal(self.share), first=date_literal(self.first.day), last=date_literal(self.last.day)
        )


@dataclass(frozen=True, slots=True)
class Missing:
    """A share that is not compared; of the days asked for these have no snapshot of it."""

    share: str
    dates: list[date]


@dataclass(frozen=True, slots=True)
class Between:
    """What is compared; `spans` has at least one, by share."""

    lease: Lease
    spans: tuple[Span, ...]
    missing: tuple[Missing, ...]

    @property
    def is_step(self) -> bool:
        """Whether each share's changes stand in one partition."""
        return all(span.is_step for span in self.spans)

    @property
    def within(self) -> Sql:
        """Which rows of changes are asked about."""
        return joined((span.where for span in self.spans), " OR ")

    def scan(self, table: str) -> Sql:
        """The table's days after the first snapshot, up to the last."""
        first = min(span.first.day for span in self.spans) + timedelta(days=1)
        return self.lease.scan(table, first, max(span.last.day for span in self.spans))


def between(lease: Lease, first: str | None, last: str = LATEST, share: str | None = None) -> Between:
    """The snapshots of two days, of each share that has both; without `first`, of each share the one before `last`.

    Raises `ComparedBackwards`, `UnknownSnapshot` where no share has both, and what `chosen` raises of a day or share.
    """
    ends = {each.share: each for each in _ends(lease, last, share)}
    begun = None if first is None else date.max if first == LATEST else snapshot_date(first)
    if begun and last != LATEST and begun > snapshot_date(last) and first != LATEST:
        raise ComparedBackwards("`from` is later than `to`.", remedy="Exchange them: what was added is then removed.")
    spans, missing = [], []
    for name, snapshots in sorted(_by_share(lease, share).items()):
        end = ends.get(name)
        start = _start(snapshots, end, begun)
        if end and start and not _is_broken(snapshots, start, end):
            days = [each.day for each in snapshots if start.day < each.day <= end.day]
            spans.append(Span(name, start, end, is_step=len(days) == 1))
        else:
            missing.append(Missing(name, list(_absent(end, start, begun, last))))
    if not spans:
        raise UnknownSnapshot(
            "No share has a snapshot of both days.", remedy="/api/snapshots lists the days of each share."
        )
    return Between(lease, tuple(spans), tuple(missing))


def _ends(lease: Lease, last: str, share: str | None) -> tuple[ShareSnapshot, ...]:
    return chosen(lease, last, share).snapshots


def _by_share(lease: Lease, share: str | None) -> dict[str, list[ShareSnapshot]]:
    found: dict[str, list[ShareSnapshot]] = {}
    for each in published_snapshots(lease):
        if share in {None, each.share}:
            found.setdefault(each.share, []).append(each)
    return {name: sorted(snapshots, key=lambda each: each.day) for name, snapshots in found.items()}


def _start(snapshots: list[ShareSnapshot], end: ShareSnapshot | None, begun: date | None) -> ShareSnapshot | None:
    """The share's snapshot of the day `begun`; without one, the one before the end."""
    if begun is not None:
        return next((each for each in snapshots if each.day == begun), None)
    earlier = [each for each in snapshots if end and each.day < end.day]
    return earlier[-1] if earlier else None


def _is_broken(snapshots: list[ShareSnapshot], start: ShareSnapshot, end: ShareSnapshot) -> bool:
    """Whether the share began anew in between, so that nothing is known of what went."""
    days = [each.day for each in snapshots if start.day <= each.day <= end.day]
    return start.day > end.day or any(
        later - earlier > timedelta(MOST_DAYS_BETWEEN) for earlier, later in pairwise(days)
    )


def _absent(
    end: ShareSnapshot | None,
    start: ShareSnapshot | None,
    begun: date | None,
    last: str,
) -> Iterator[date]:
    if start is None and begun not in {None, date.max}:
        yield begun or date.max
    if end is None and last != LATEST:
        yield snapshot_date(last)
