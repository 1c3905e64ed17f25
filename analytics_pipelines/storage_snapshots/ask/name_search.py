"""Entries by their names, in the order of folded name, share and position in the share.

The newest snapshots are in that order in `hot_fs__names`: where names are kept in memory, matches are found there; else
blocks that can hold a match are read from the first one on until the page is full. The page's rows are fetched by their
positions. Older days are read whole and sorted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.bound import Bound, every, in_brackets, some
from analytics_pipelines.foundation.duck import tuples_of
from analytics_pipelines.foundation.sql import Sql, from_file, joined
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen, Folder
from analytics_pipelines.storage_snapshots.ask.entry_json import entry_json
from analytics_pipelines.storage_snapshots.ask.kept_names import Finding, KeptNames
from analytics_pipelines.storage_snapshots.ask.name_index import NameIndex, grams, hot_rows, is_indexed, within
from analytics_pipelines.storage_snapshots.ask.pages import Key
from analytics_pipelines.storage_snapshots.ask.patterns import Matcher
from analytics_pipelines.storage_snapshots.hot.tables import NAMES, NAMES_PER_BLOCK

KEY_KINDS = (str, str, int, int)
FIRST_BLOCKS, MORE_BLOCKS = 64, 4
NARROWED = Sql(
    """(
    WITH narrowed AS MATERIALIZED (
        SELECT position, folded_name, name, share, pre, type FROM {names} AS names WHERE {conditions}
    )
    SELECT * FROM narrowed
)"""
)
"""Beside a regular expression the engine reads every block, so what it is tried on is put together before."""
SMALL_SUBTREE = 200_000
"""Entries below a folder up to which they are read from its own range and sorted."""
MORE_ROWS = 2
"""How many more are tried each time, beside those that have been."""
ROWS_AT_ONCE = 1000
"""Up to some 2,000 the engine looks positions up; more it would look for in every row."""
MOST_GRAMS = 64
"""In memory a piece costs little to look up."""
MOST_TRIED, MOST_FETCHED = 50_000, 2_000
"""Names in memory, and of these rows, on which all conditions are tried before blocks are read instead."""
DENSE_ROWS = 6
"""Matches in a block from which on reading the block costs less than fetching its rows one by one."""


_Row = tuple[int, str]
"""A position, and its entry as JSON."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search looks for; `folders` None means everywhere, else below one of them."""

    matcher: Matcher
    type: str | None
    folders: tuple[Folder, ...] | None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of entries as JSON, and the key of the last one if there are more."""

    entries: list[str]
    last: Key | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a match stands in `hot_fs__names`."""

    position: int
    folded_name: str
    share: str
    pre: int

    @property
    def block(self) -> int:
        return self.position // NAMES_PER_BLOCK


def by_name(cursor: DuckDBPyConnection, these: Chosen, wanted: Wanted, after: Key | None, limit: int) -> Found:
    """At most `limit` entries after that key."""
    if these.is_hot and is_indexed(these.lease) and not _is_small(wanted.folders):
        return _by_index(cursor, these, wanted, after, limit)
    return _by_sorting(cursor, these, wanted, after, limit)


def below(folders: Sequence[Folder], bound: Bound) -> Sql:
    """Whether a row lies below one of the folders, itself not."""
    part = Sql("share = {share} AND pre BETWEEN {first} AND {last}")
    return some(
        part.fill(share=bound.bind(each.share), first=bound.bind(each.pre + 1), last=bound.bind(each.last_pre))
        for each in folders
    )


def _is_small(folders: Sequence[Folder] | None) -> bool:
    return folders is not None and sum(each.last_pre - each.pre for each in folders) <= SMALL_SUBTREE


def _conditions(wanted: Wanted, folded: Sql, bound: Bound, *, has_texts: bool = False) -> Sql:
    """All that is asked; `has_texts`: of rows that hold the pattern's texts, so that these need not be looked for."""
    if has_texts:
        parts = [wanted.matcher.condition(Sql("name"), folded, bound.bind(wanted.matcher.value))]
    else:
        parts = matching(wanted.matcher, Sql("name"), folded, bound)
    if wanted.type is not None:
        parts.append(Sql("type = {type}").fill(type=bound.bind(wanted.type)))
    if wanted.folders is not None:
        parts.append(below(wanted.folders, bound))
    return every(parts)


def matching(matcher: Matcher, plain: Sql, folded: Sql, bound: Bound) -> list[Sql]:
    """The pattern's condition; before a regular expression, that for a text which costs less to look for."""
    test = matcher.condition(plain, folded, bound.bind(matcher.value))
    text = max(matcher.sure_texts, key=len, default="")
    if not matcher.is_regex or not text:
        return [test]
    return [Sql("contains({folded}, {text})").fill(folded=folded, text=bound.bind(text)), test]


def _by_index(cursor: DuckDBPyConnection, these: Chosen, wanted: Wanted, after: Key | None, limit: int) -> Found:
    least: int | None = after[3] + 1 if after is not None and after[3] is not None else 0
    index = NameIndex.of(these.lease)
    texts = index.texts(wanted.matcher)
    names = _Names(cursor, these, wanted, index.block_count, max(texts, key=len, default=""))
    kept = KeptNames.of(these.lease) if texts else None
    rows: list[_Row] = []
    if kept is not None:
        blocks = kept.grams.candidates(grams(texts, MOST_GRAMS), index.block_count)
        finding = kept.finding(texts, blocks, least=least or 0, most_tried=MOST_TRIED, sieve=wanted.matcher.sieve)
        rows, least = names.tried(finding, limit + 1)
    if least is not None and len(rows) <= limit:
        blocks = index.blocks(cursor, wanted.matcher)
        rows += names.read(blocks, least=least, limit=limit + 1 - len(rows))
    last = names.key_at(rows[limit - 1][0]) if len(rows) > limit else None
    return Found([entry for _, entry in rows[:limit]], last)


def _portions(blocks: Sequence[int]) -> Iterator[Sequence[int]]:
    """Few blocks at first, since common names fill a page at once, then more and more."""
    first, size = 0, FIRST_BLOCKS
    while first < len(blocks):
        yield blocks[first : first + size]
        first += size
        size *= MORE_BLOCKS


@dataclass(frozen=True, slots=True)
class _Names:
    """Reads `hot_fs__names`."""

    cursor: DuckDBPyConnection
    these: Chosen
    wanted: Wanted
    block_count: int
    text: str = ""
    """What is looked for before a regular expression is tried."""

    @property
    def is_text_enough(self) -> bool:
        """Whether each name that holds the texts is a match."""
        is_narrowed = self.wanted.type is not None or self.wanted.folders is not None or not self.these.is_every_share
        return self.wanted.matcher.is_folded_text and not is_narrowed

    def tried(self, finding: Finding, limit: int) -> tuple[list[_Row], int | None]:
        """The first matches among names that hold the texts, and from which position on others must be looked for."""
        positions = iter(finding)
        part = list(islice(positions, limit if self.is_text_enough else min(limit, ROWS_AT_ONCE)))
        if self.is_text_enough:
            return self.rows(part), finding.stopped_at
        rows, later, fetched = self._passing(part), list[int](), len(part)
        while part and len(rows) + len(later) < limit and fetched < MOST_FETCHED:
            part = list(islice(positions, min(MORE_ROWS * fetched, ROWS_AT_ONCE)))
            later += self._matching(part)
            fetched += len(part)
        rows += self.rows(later[: limit - len(rows)], is_dear=True)
        return rows, part[-1] + 1 if part else finding.stopped_at

    def read(self, blocks: Sequence[int], *, least: int, limit: int) -> list[_Row]:
        """The first matches in these blocks from that position on."""
        places: list[int] = []
        for part in _portions([block for block in blocks if block >= least // NAMES_PER_BLOCK]):
            places += [each.position for each in self.places(part, least=least, limit=limit - len(places))]
            if len(places) >= limit:
                break
        return self.rows(places, is_dear=self.wanted.matcher.is_regex)

    def key_at(self, position: int) -> Key:
        """The key of that row."""
        query = from_file(__package__, "name_place").fill(names=self.these.lease.table(NAMES.name))
        place = _Place(*tuples_of(self.cursor, query, {"position": position})[0])
        return (place.folded_name, place.share, place.pre, place.position)

    def places(self, blocks: Sequence[int], *, least: int, limit: int) -> list[_Place]:
        """Matches in these blocks from that position on, in order."""
        bound = Bound()
        names, conditions = hot_rows(self.these, NAMES, bound)
        conditions.append(within(blocks, self.block_count, bound))
        if self.text and self.wanted.matcher.is_regex:
            contains = Sql("contains(folded_name, {text})").fill(text=bound.bind(self.text))
            names, conditions = NARROWED.fill(names=names, conditions=every([*conditions, contains])), []
        conditions.append(self._matches(bound))
        if least > blocks[0] * NAMES_PER_BLOCK:
            conditions.append(Sql("position >= {least}").fill(least=bound.bind(least)))
        query = from_file(__package__, "name_places").fill(names=names, conditions=every(conditions))
        return [_Place(*row) for row in tuples_of(self.cursor, query, {**bound.values, "limit": limit})]

    def rows(self, positions: Sequence[int], *, is_dear: bool = False) -> list[_Row]:
        """Matches as JSON, in order; their blocks are read, or each row fetched, whichever costs less."""
        blocks = sorted({each // NAMES_PER_BLOCK for each in positions})
        if is_dear or len(positions) <= DENSE_ROWS * len(blocks):
            found = entries_at(self.cursor, self.these, positions)
        else:
            bound = Bound()
            _, conditions = hot_rows(self.these, NAMES, bound)
            conditions += [within(blocks, self.block_count, bound), self._matches(bound)]
            found = _entries(self.cursor, self.these, every(conditions), bound)
        return [(each, found[each]) for each in positions]

    def _passing(self, positions: Sequence[int]) -> list[_Row]:
        """Those of these rows that match, as JSON, in order."""
        condition, bound = self._at(positions)
        found = _entries(self.cursor, self.these, condition, bound) if positions else {}
        return sorted(found.items())

    def _matching(self, positions: Sequence[int]) -> list[int]:
        """Those of these positions whose rows match, in order."""
        if not positions:
            return []
        condition, bound = self._at(positions)
        names = self.these.lease.table(NAMES.name)
        query = from_file(__package__, "matching_positions").fill(names=names, condition=condition)
        return [position for (position,) in tuples_of(self.cursor, query, bound.values)]

    def _at(self, positions: Sequence[int]) -> tuple[Sql, Bound]:
        bound = Bound()
        _, conditions = hot_rows(self.these, NAMES, bound)
        conditions.append(_conditions(self.wanted, Sql("folded_name"), bound, has_texts=True))
        return every([_positions(positions), *conditions]), bound

    def _matches(self, bound: Bound) -> Sql:
        return _conditions(self.wanted, Sql("folded_name"), bound)


def entries_at(cursor: DuckDBPyConnection, these: Chosen, positions: Sequence[int]) -> dict[int, str]:
    """Rows of `hot_fs__names` as JSON, by position."""
    found: dict[int, str] = {}
    for first in range(0, len(positions), ROWS_AT_ONCE):
        found |= _entries(cursor, these, _positions(positions[first : first + ROWS_AT_ONCE]), Bound())
    return found


def _positions(some_positions: Sequence[int]) -> Sql:
    given = joined(Sql(str(each)) for each in some_positions)
    return Sql("position IN ({given})").fill(given=given)


def _entries(cursor: DuckDBPyConnection, these: Chosen, condition: Sql, bound: Bound) -> dict[int, str]:
    query = from_file(__package__, "name_entries").fill(
        entry=entry_json(), names=these.lease.table(NAMES.name), condition=condition
    )
    return {position: entry for entry, position in tuples_of(cursor, query, bound.values)}


def _by_sorting(cursor: DuckDBPyConnection, these: Chosen, wanted: Wanted, after: Key | None, limit: int) -> Found:
    bound = Bound()
    is_hot = these.is_hot and wanted.folders is not None
    folded = Sql("lower(name)") if is_hot else Sql("folded_name")
    conditions = [_conditions(wanted, folded, bound)]
    if is_hot:
        conditions.append(below_by_range(wanted.folders or (), bound))
    if after is not None:
        key = Sql("({folded}, share, pre) > ({values})")
        conditions.append(key.fill(folded=folded, values=joined(bound.bind(part) for part in after[:3])))
    query = from_file(__package__, "names_sorted").fill(
        entry=entry_json(),
        folded=folded,
        source=these.children() if is_hot else these.names(),
        conditions=every(conditions),
    )
    rows = tuples_of(cursor, query, {**bound.values, "limit": limit + 1})
    shown = rows[:limit]
    return Found([row[0] for row in shown], (*shown[-1][1:], None) if len(rows) > limit else None)


def below_by_range(folders: Sequence[Folder], bound: Bound) -> Sql:
    """The same as `below` for `hot_fs__children`, where all below a folder is one range of its own."""
    part = Sql("share = {share} AND parent_pre BETWEEN {first} AND {last}")
    return in_brackets(
        some(
            part.fill(share=bound.bind(each.share), first=bound.bind(each.pre), last=bound.bind(each.last_pre))
            for each in folders
        )
    )
