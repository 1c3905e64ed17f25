"""Entries by their whole paths, in the order of share, folder and position in the share.

Of the newest snapshots not every path is read. Where a text that each match must hold stands in a path, it ends in some
name: that of the entry, or of a folder above it, below which then everything matches. So the index of names tells in
which folders matches can lie. Only what stands above a share's root is looked for in the root's own path.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.bound import Bound, every
from analytics_pipelines.foundation.duck import tuples_of
from analytics_pipelines.foundation.sql import Sql, from_file
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen
from analytics_pipelines.storage_snapshots.ask.entry_json import entry_json
from analytics_pipelines.storage_snapshots.ask.name_index import (
    NameIndex,
    candidates,
    grams,
    hot_rows,
    is_indexed,
    within,
)
from analytics_pipelines.storage_snapshots.ask.name_search import Found, Wanted, below, matching
from analytics_pipelines.storage_snapshots.ask.pages import Key
from analytics_pipelines.storage_snapshots.ask.patterns import folded_text
from analytics_pipelines.storage_snapshots.hot.tables import CHILDREN, NAMES
from analytics_pipelines.storage_snapshots.tables import ENTRIES

PATH_KEY_KINDS = (str, int, int)
NO_FOLDER, ANY_POSITION = -1, 2**62
"""`parent_pre` of a share's root, and more than any."""
FIRST_SPAN, MORE_SPAN, MOST_SPAN = 16_384, 4, 1_048_576
MOST_RANGES = 20_000
"""Past so many places the text tells too little, and all are read from the first on."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Folders of a share from one position to another, whose entries may match."""

    share: str
    first: int
    last: int


def by_path(cursor: DuckDBPyConnection, these: Chosen, wanted: Wanted, after: Key | None, limit: int) -> Found:
    """At most `limit` entries after that key."""
    spans = _spans(cursor, these, wanted)
    rows: list[tuple[str, str, int, int]] = []
    for span in _slices(spans, after):
        rows += _matches(cursor, these, wanted, span, after=after, limit=limit + 1 - len(rows))
        if len(rows) > limit:
            break
    shown = rows[:limit]
    return Found([row[0] for row in shown], shown[-1][1:] if len(rows) > limit else None)


def _spans(cursor: DuckDBPyConnection, these: Chosen, wanted: Wanted) -> list[Span]:
    """Where matches can lie, in order, each folder once."""
    whole = _whole(cursor, these, wanted)
    if not (these.is_hot and is_indexed(these.lease)):
        return whole
    texts = NameIndex.of(these.lease).texts(wanted.matcher)
    text = max(texts, key=len, default="")
    found = _folders_with(cursor, these, text) if text else None
    if found is None:
        return whole
    return _joined(sorted(_common(whole, found)))


def _whole(cursor: DuckDBPyConnection, these: Chosen, wanted: Wanted) -> list[Span]:
    """Every folder that is asked about."""
    if wanted.folders is not None:
        return sorted(Span(each.share, each.pre, each.last_pre) for each in wanted.folders)
    query = from_file(__package__, "share_spans").fill(folders=these.folders("share", "pre", "last_pre"))
    return [Span(share, NO_FOLDER, last) for share, last in tuples_of(cursor, query, {})]


def _folders_with(cursor: DuckDBPyConnection, these: Chosen, text: str) -> list[Span] | None:
    """Folders in which an entry's path can hold the text; None if there are too many to tell them one by one."""
    test, name_text = _names_with(text)
    if test is None:
        return None
    bound, block_count = Bound(), NameIndex.of(these.lease).block_count
    blocks = candidates(cursor, grams([name_text]), block_count)
    names, conditions = hot_rows(these, NAMES, bound)
    conditions.append(within(blocks, block_count, bound) if blocks else Sql("FALSE"))
    conditions.append(test.fill(text=bound.bind(name_text)))
    query = from_file(__package__, "places_of_text").fill(names=names, conditions=every(conditions))
    values = bound.values | {"text": text.removesuffix("/"), "limit": MOST_RANGES + 1}
    rows = tuples_of(cursor, query, values)
    if len(rows) > MOST_RANGES:
        return None
    above = [Span(share, folder, folder) for share, folder, _, _ in rows]
    below_it = [Span(share, pre, last_pre) for share, _, pre, last_pre in rows if pre is not None]
    return [*above, *below_it, *_roots_with(cursor, these, text)]


def _names_with(text: str) -> tuple[Sql | None, str]:
    """How names look that end the first place of the text in a path; None if nearly all do."""
    above, slash, last_name = text.rpartition("/")
    if not slash:
        return Sql("contains(folded_name, {text})"), text
    if last_name:
        return Sql("starts_with(folded_name, {text})"), last_name
    _, slash, folder = above.rpartition("/")
    return (Sql("folded_name = {text}" if slash else "suffix(folded_name, {text})") if folder else None), folder


def _roots_with(cursor: DuckDBPyConnection, these: Chosen, text: str) -> list[Span]:
    """Shares whose root has the text in its path, so that all in them has."""
    roots = {each.share: folded_text(cursor, each.root_path).rstrip("/") + "/" for each in these.snapshots}
    return [
        Span(share, NO_FOLDER, ANY_POSITION) if text in root else Span(share, NO_FOLDER, NO_FOLDER)
        for share, root in roots.items()
    ]


def _common(whole: Sequence[Span], found: Sequence[Span]) -> Iterator[Span]:
    for span in found:
        for each in whole:
            first, last = max(span.first, each.first), min(span.last, each.last)
            if span.share == each.share and first <= last:
                yield Span(span.share, first, last)


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Sorted spans without overlaps."""
    joined: list[Span] = []
    for span in spans:
        before = joined[-1] if joined else None
        if before is not None and before.share == span.share and span.first <= before.last + 1:
            joined[-1] = Span(span.share, before.first, max(before.last, span.last))
        else:
            joined.append(span)
    return joined


def _slices(spans: Sequence[Span], after: Key | None) -> Iterator[Span]:
    """The spans cut or put together to what is read at once: little at first, then more and more."""
    size = FIRST_SPAN
    waiting: Span | None = None
    for span in _from(spans, after):
        if waiting is not None and waiting.share == span.share and span.last - waiting.first < size:
            waiting = Span(span.share, waiting.first, span.last)
            continue
        if waiting is not None:
            yield waiting
            size = min(size * MORE_SPAN, MOST_SPAN)
        first = span.first
        while span.last - first >= size:
            yield Span(span.share, first, first + size - 1)
            first += size
            size = min(size * MORE_SPAN, MOST_SPAN)
        waiting = Span(span.share, first, span.last)
    if waiting is not None:
        yield waiting


def _from(spans: Sequence[Span], after: Key | None) -> Iterator[Span]:
    """What is left of the spans once all before the key is read."""
    for span in spans:
        if after is None or span.share > after[0]:
            yield span
        elif span.share == after[0] and span.last >= after[1]:
            yield Span(span.share, max(span.first, after[1]), span.last)


def _matches(
    cursor: DuckDBPyConnection, these: Chosen, wanted: Wanted, span: Span, *, after: Key | None, limit: int
) -> list[tuple[str, str, int, int]]:
    bound = Bound()
    conditions = matching(wanted.matcher, Sql("path"), Sql("lower(path)"), bound)
    if wanted.type is not None:
        conditions.append(Sql("type = {type}").fill(type=bound.bind(wanted.type)))
    if wanted.folders is not None:
        conditions.append(below(wanted.folders, bound))
    if after is not None and after[0] == span.share:
        later = Sql("(parent_pre, pre) > ({folder}, {pre})")
        conditions.append(later.fill(folder=bound.bind(after[1]), pre=bound.bind(after[2])))
    query = from_file(__package__, "paths_within").fill(
        entry=entry_json(), source=_source(these), conditions=every(conditions)
    )
    values = {"share": span.share, "first": span.first, "last": span.last, "limit": limit}
    return [(row[0], row[1], row[2], row[3]) for row in tuples_of(cursor, query, bound.values | values)]


def _source(these: Chosen) -> Sql:
    if these.is_hot and these.lease.holds(CHILDREN.name):
        return these.lease.table(CHILDREN.name)
    query = Sql("(SELECT * REPLACE (coalesce(parent_pre, -1) AS parent_pre) FROM ({entries}) AS entries)")
    return query.fill(entries=these.scan(ENTRIES))
