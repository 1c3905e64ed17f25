"""Two snapshots of each share: its first and its last in a range of days."""

from dataclasses import dataclass
from datetime import date, timedelta

from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.storage_snapshots.ask.chosen import (
    Chosen,
    NoSnapshots,
    ShareSnapshot,
    UnknownShare,
    UnknownSnapshot,
    published_snapshots,
)

USUAL_DAYS = 30


class BadRange(BadInput):
    """The first day lies after the last."""


@dataclass(frozen=True, slots=True)
class Ends:
    """The first and the last snapshot of each share in a range of days."""

    earlier: Chosen
    later: Chosen

    @property
    def pairs(self) -> list[tuple[ShareSnapshot, ShareSnapshot]]:
        """The two of each share, by share."""
        return list(zip(self.earlier.snapshots, self.later.snapshots, strict=True))


def ends(lease: Lease, first: date | None, last: date | None, share: str | None = None) -> Ends:
    """Of each share its first snapshot from `first` on and its last up to `last`, which may be the same.

    `last` is by default the newest day, `first` 30 days before it. Raises `BadRange`, `NoSnapshots`,
    `UnknownShare`, `UnknownSnapshot`.
    """
    published = published_snapshots(lease)
    if not published:
        raise NoSnapshots("No snapshot is published yet.", remedy="Scan a share into SNAPSHOTS_PATH.")
    end = last or max(each.day for each in published)
    begin = first or end - timedelta(days=min(USUAL_DAYS, (end - date.min).days))
    if begin > end:
        raise BadRange("The range ends before it begins.", remedy="Let `from` be no later than `to`.")
    if share is not None and share not in {each.share for each in published}:
        raise UnknownShare("No share " + repr(share) + " has a snapshot.", remedy="/api/snapshots names them.")
    within = [each for each in published if begin <= each.day <= end and share in {None, each.share}]
    if not within:
        raise UnknownSnapshot("There is no snapshot in these days.", remedy="/api/snapshots lists the days.")
    lasts = {each.share: each for each in within}
    firsts = {each.share: each for each in reversed(within)}
    is_all = {each.share for each in published} == set(lasts)
    return Ends(
        Chosen(lease, tuple(firsts[each] for each in sorted(firsts)), is_all),
        Chosen(lease, tuple(lasts[each] for each in sorted(lasts)), is_all),
    )
