"""One table's changes on their way: found, read, held against the keys of the state before, written, compared."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.bound import some
from analytics_pipelines.foundation.duck import tuples_of
from analytics_pipelines.foundation.parquet_join import joined_files
from analytics_pipelines.foundation.sql import Sql, date_literal, joined, literal, name, names
from analytics_pipelines.product_export import places
from analytics_pipelines.product_export.key_sets import KeySets
from analytics_pipelines.product_export.places import PLACES, Places
from analytics_pipelines.product_export.plan import EXPORT_DATE, IS_TOMBSTONE, TablePlan
from analytics_pipelines.product_export.reading.reader import Reader
from analytics_pipelines.product_export.source.described import Kind
from analytics_pipelines.product_export.source.moment import Moment
from analytics_pipelines.product_export.source.session import OpenSnapshot
from analytics_pipelines.product_export.source.since import attached_since, changed_since, of_heaps
from analytics_pipelines.product_export.verify.source_rows import asked, pieces, scan
from analytics_pipelines.product_export.verify.summary import (
    Summary,
    summary_of_source,
)

AT_ONCE = 4
MOST_IN_BATCH = 10_000
"""Rows that one statement asks for by their places; fewer if they are large."""
BATCH_BYTES = 2**25
"""About so many at the source: it bounds the memory of a reader."""
MOST_PLACES = 100_000
"""Rows that are asked for by their places; more are looked for in a second scan."""
MOST_LOOKS = 500_000
"""Places times heaps: in each heap of a table all of them are looked up."""
TOMBSTONES = Sql("SELECT {columns} FROM {gone} AS gone ORDER BY {key}")
COPY = Sql("COPY (\n{rows}\n) TO {file} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)")


@dataclass(frozen=True, slots=True)
class Found:
    """What one scan of the source told: how many rows it has, and where those lie that may have changed."""

    source_rows: int
    places: Places | None
    """None where they are too many to be asked for one by one."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What the keys told: rows that came into sight unchanged, and what does not fit."""

    are_gone: bool = False
    """Whether keys may be gone; they stand in the view that `KeySets` made."""
    missed: Places = field(default_factory=dict)
    offenders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedRows:
    """The work on one table in one snapshot."""

    reader: Reader
    snapshot: OpenSnapshot
    plan: TablePlan
    day: date
    where: Sql
    """PostgreSQL: whether a row may have changed."""
    folder: Path
    progress: Callable[[int, int], None]
    keys: KeySets
    duty_pct: int

    @property
    def cursor(self) -> DuckDBPyConnection:
        """Of the DuckDB in which keys are compared."""
        return self.keys.cursor

    def find(self) -> Found:
        """Look through all rows without fetching any; places past `MOST_PLACES` are not kept."""
        source_rows, changed, texts = 0, 0, []
        for piece in pieces(self.plan, None, self.duty_pct):
            columns = places.marks(self.where) if changed <= MOST_PLACES else places.NO_MARKS
            query = scan(self.plan, columns, piece)
            ((rows, text),) = asked(self.snapshot.connection, query, duty_pct=self.duty_pct)
            source_rows += rows
            if text:
                changed += text.count("(")
                texts.append(text)
        return Found(source_rows, places.places_in(texts) if changed <= MOST_PLACES else None)

    def read(self, found: Found) -> list[Path]:
        """Fetch the rows that may have changed, in the heaps' order."""
        if found.places is None:
            return [self._read(self.plan, self.where, "changed")]
        return self.read_at(found.places, "changed")

    def read_at(self, wanted: Places, called: str) -> list[Path]:
        """Fetch the rows at these places."""
        row_bytes = self.plan.source.size_bytes // max(self.plan.source.estimated_rows, 1)
        most = max(1, min(MOST_IN_BATCH, BATCH_BYTES // max(row_bytes, 1)))
        batches = list(places.in_batches(wanted, most)) or [(0, ())]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            reading = [
                pool.submit(self._read, places.of_leaf(self.plan, heap), places.at(batch), called + str(number))
                for number, (heap, batch) in enumerate(batches)
            ]
            return [each.result() for each in reading]

    def compare(self, found: Found, changed: Sequence[Path], files: Sequence[Path]) -> Compared:
        """What is gone since the state that `files` give, and rows that came without having changed."""
        self.keys.of_state(files)
        self.keys.of_changed(changed)
        is_proof, expected_rows = self._counts_prove(), self.keys.expected_rows()
        if is_proof and expected_rows == found.source_rows:
            return Compared()
        keys = places.of_keys(self.plan)
        self.keys.of_source(self._read_keys(keys, "keys"))
        if is_proof and expected_rows - self.keys.count_gone() == found.source_rows:
            return Compared(are_gone=True)
        return self._match(found, keys)

    def write(self, changed: Sequence[Path], compared: Compared, target: Path) -> tuple[int, int]:
        """The partition's file; its rows, and the tombstones among them."""
        deleted = self.keys.count_gone() if compared.are_gone else 0
        tombstones = [self._tombstones()] if deleted else []
        return joined_files([*changed, *tombstones], target), deleted

    def summed(self, found: Found, missed: Places) -> Summary:
        """What was found, and what came into sight unchanged, as the source sums it up."""
        wanted = found.places or {}
        looks = sum(map(len, wanted.values())) * len(self.plan.source.leaves)
        where = self.where if found.places is None or looks > MOST_LOOKS else places.at_any(wanted)
        where = some([where, places.at_any(missed)]) if missed else where
        return summary_of_source(self.snapshot.connection, self.plan, where, duty_pct=self.duty_pct)

    def _read(self, plan: TablePlan, where: Sql, file: str) -> Path:
        target = self.folder / (file + ".parquet")
        self.reader.read(plan, self.day, target, where=where, is_tombstone=False, progress=self.progress)
        return target

    def _counts_prove(self) -> bool:
        """Whether an equal number of rows means that no key is gone.

        Not where a filter, which may go by the time or by other tables, shows rows that did not change, nor where
        nothing at the source keeps the key unique.
        """
        source, plan = self.plan.source, self.plan
        is_unique = bool(source.key) and set(source.key) <= set(plan.key)
        is_one = source.kind is Kind.PARTITIONED or len(source.leaves) == 1
        is_masked = any(each.masked for each in plan.columns if each.lake.name in plan.table.key)
        return is_unique and is_one and not is_masked and not plan.wish.filter

    def _match(self, found: Found, keys: TablePlan) -> Compared:
        """The same where rows may have come into sight, or keys be there twice."""
        self.keys.match()
        missed: Places = {}
        if self.keys.count_missed():
            wanted = self.keys.at_missed(self._read_keys(places.with_place(keys), "placed"), [PLACES])
            missed = places.places_in(text for (text,) in tuples_of(self.cursor, wanted, {}))
        return Compared(True, missed, tuple(self._unfit_keys(found.source_rows)))

    def _read_keys(self, plan: TablePlan, called: str) -> Path:
        file = self.folder / (called + ".parquet")
        self.reader.read(plan, self.day, file)
        return file

    def _unfit_keys(self, source_rows: int) -> Iterator[str]:
        key = ", ".join(self.plan.key)
        if repeated := self.keys.count_repeated():
            yield f"{key}: {repeated} rows have the key of another, so it tells no rows apart"
        if (found := self.keys.count_source()) != source_rows:
            yield f"{key}: {found} keys were read, the source has {source_rows} rows"

    def _tombstones(self) -> Path:
        file = self.folder / "tombstones.parquet"
        table = self.plan.table
        fixed = {EXPORT_DATE: date_literal(self.day), IS_TOMBSTONE: Sql("true")} | {key: name(key) for key in table.key}
        empty = Sql("CAST(NULL AS {type})")
        columns = joined(
            Sql("{value} AS {name}").fill(
                value=fixed.get(each.name) or empty.fill(type=Sql(each.type.value)), name=name(each.name)
            )
            for each in table.columns
        )
        rows = TOMBSTONES.fill(columns=columns, gone=self.keys.gone, key=names(table.key))
        self.cursor.execute(COPY.fill(rows=rows, file=literal(str(file))).text)
        return file


def may_have_changed(snapshot: OpenSnapshot, plan: TablePlan, previous: Moment) -> Sql:
    """PostgreSQL: whether a row was written, or its heap attached to the table, after `previous`."""
    changed = changed_since(previous)
    attached = attached_since(snapshot.connection, plan.source, previous)
    return some([changed, of_heaps(attached)]) if attached else changed
