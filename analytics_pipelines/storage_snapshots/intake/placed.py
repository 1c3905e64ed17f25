"""Puts one share's entries into pre-order: cleans their paths, finds repeated ones, adds folders that no row names.

Only paths are read here, and only numbers stay in memory (some 24 bytes an entry); DuckDB sorts, within its limit.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import arrow_of, one_row
from analytics_pipelines.foundation.select import ArrowRows, Source, mount_view
from analytics_pipelines.foundation.sql import Sql, from_file, joined, literal, name
from analytics_pipelines.storage_snapshots.intake.columns import magnitude_counts, nothing, renamed, units_per_s
from analytics_pipelines.storage_snapshots.intake.preorder import common_folder, implied_folders, spans
from analytics_pipelines.storage_snapshots.intake.received import ROW_NUMBER, Received
from analytics_pipelines.storage_snapshots.spelling import MARK, readable

MOST_SHOWN = 120
"""Characters of a path that an error tells."""
UNCLEAN = Sql(
    "(NOT starts_with({path}, '/') OR contains({path}, '//') OR contains({path}, '/./')"
    " OR ends_with({path}, '/') OR ends_with({path}, '/.'))"
)
CLEANED = Sql("rtrim(regexp_replace(concat('/', {path}, '/'), '/(\\.?/)+', '/', 'g'), '/')")
WAY_OF = Sql("SELECT way FROM ways WHERE number = $number")
NOT_THE_FILE = (
    *(duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException),
    *(duckdb.OutOfMemoryException, duckdb.InterruptException),
)
"""Errors for which no file is to blame; of damaged pages DuckDB tells in several classes and none."""
NO_SPACE = "No space left"
NARROW = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True)
class Reading:
    """How one file's rows are read: units of its times, whether its paths are clean, and those spelt anew."""

    received: Received
    units: Mapping[str, int]
    is_clean: bool
    respelt: pa.Table
    """`respelt_number` and `respelt_path` of rows whose text lost bytes that the producer gives beside it."""

    def ways(self, respelt: str) -> Sql:
        """A SELECT of each row's `number` and `way`: its path, the root of all as the empty text."""
        return self._select(Sql("{number} AS number, {way} AS way"), respelt)

    def renamed(self, respelt: str) -> Sql:
        """The same with all other columns under house names."""
        columns = renamed(self.received.columns, self.units)
        return self._select(Sql("{number} AS number, {way} AS way, {columns}").fill(**_KEPT, columns=columns), respelt)

    def _select(self, what: Sql, respelt: str) -> Sql:
        path = name(self.received.columns.by_name["path"][0])
        text = Sql("SELECT {what} FROM ({scan}) AS file")
        if len(self.respelt):
            text = Sql(text.text + " LEFT JOIN {respelt} AS respelt ON respelt_number = file_row_number")
            path = Sql("coalesce(respelt_path, {path})").fill(path=path)
        what = what.fill(number=Sql(ROW_NUMBER), way=self._way(path))
        return text.fill(what=what, scan=self.received.scan(), respelt=name(respelt))

    def _way(self, path: Sql) -> Sql:
        if self.is_clean:
            return Sql("CASE WHEN {path} = '/' THEN '' ELSE {path} END").fill(path=path)
        text = Sql("CASE WHEN {unclean} THEN {cleaned} ELSE {path} END")
        return text.fill(unclean=UNCLEAN.fill(path=path), cleaned=CLEANED.fill(path=path), path=path)


_KEPT = {"number": Sql("{number}"), "way": Sql("{way}")}


@dataclass(frozen=True, slots=True)
class Placed:
    """One share, and where each of its rows stands in pre-order."""

    reading: Reading
    spans: pa.Table
    """`number` of the row (those of implied folders after the file's), `pre`, `last_pre`, `parent_pre`, `depth`."""
    implied: pa.Table
    """`number` and `way` of folders that no row names."""

    @property
    def reads(self) -> dict[str, Source]:
        """What `rows` and `expected` read, by name of the view."""
        held = {"spans": self.spans, "respelt": self.reading.respelt, "implied": self.implied}
        return {self._view("file"): self.reading.received.source} | {
            self._view(what): ArrowRows(rows) for what, rows in held.items()
        }

    def rows(self) -> Sql:
        """A SELECT of the share's rows of `raw_fs__entries`."""
        file = self.reading.received.file
        read = self.reading.renamed(self._view("respelt"))
        if len(self.implied):
            more = Sql("SELECT number, way, {nothing} FROM {implied}")
            read = joined([read, more.fill(nothing=nothing(), implied=self._named("implied"))], " UNION ALL ")
        return from_file(__package__, "entries").fill(
            share=literal(file.share), day=literal(file.day.isoformat()), received=read, spans=self._named("spans")
        )

    def expected(self) -> Sql:
        """The number of its rows."""
        text = Sql("(SELECT count(*) FROM {file}) + (SELECT count(*) FROM {implied})")
        return text.fill(file=self._named("file"), implied=self._named("implied"))

    def _named(self, what: str) -> Sql:
        return name(self._view(what))

    def _view(self, what: str) -> str:
        return what + " of " + self.reading.received.file.share


def placed(cursor: DuckDBPyConnection, received: Received) -> Placed:
    """Where each row of the file stands.

    Raises `BrokenSnapshot` for a file that can not be read whole, and for paths that are null, hold a NUL or `..`, or
    come twice.
    """
    try:
        reading = surveyed(cursor, received)
        cursor.register("respelt", reading.respelt)
        mount_view(cursor, "ways", reading.ways("respelt"))
        order = _ordered(cursor, received)
        root = _root(cursor, reading, order)
        implied = _implied(order, root, received.rows)
        if len(implied):
            cursor.register("implied", implied)
            more = Sql("{ways} UNION ALL SELECT number, way FROM implied")
            mount_view(cursor, "ways", more.fill(ways=reading.ways("respelt")))
            order = _ordered(cursor, received)
    except NOT_THE_FILE:
        raise
    except duckdb.Error as error:
        if NO_SPACE in str(error):
            raise
        raise received.broken("can not be read whole.", "Scan again, or remove the file.") from error
    return Placed(reading, _spans(order), implied)


def surveyed(cursor: DuckDBPyConnection, received: Received) -> Reading:
    """How to read the file's rows; raises `BrokenSnapshot` for paths that nothing can be made of.

    Every column that is used is read once, so that a damaged page is found here and not while the lake writes.
    """
    columns = received.columns
    path = name(columns.by_name["path"][0])
    raw = name(columns.by_name["path_raw"][0]) if "path_raw" in columns.by_name else Sql("NULL")
    whole = joined((Sql("count({column})").fill(column=name(own)) for own, _ in columns.by_name.values()), " + ")
    text = Sql(
        "SELECT {whole}, count(*) FILTER ({path} IS NULL), min({path}) FILTER (contains({path}, chr(0))),"
        " min({path}) FILTER (contains(concat('/', {path}, '/'), '/../')),"
        " count(*) FILTER ({unclean} AND {path} <> '/'),"
        " count(*) FILTER ({raw} IS NOT NULL AND contains({path}, {mark}))"
        "{magnitudes} FROM ({scan}) AS file"
    )
    magnitudes = Sql("".join(", " + each.text for each in magnitude_counts(columns)))
    parts = {"whole": whole, "path": path, "raw": raw, "mark": literal(MARK), "magnitudes": magnitudes}
    query = text.fill(**parts, unclean=UNCLEAN.fill(path=path), scan=received.scan())
    _, nulls, with_nul, climbing, unclean, odd, *counts = one_row(cursor.execute(query.text))
    _refuse(received, nulls, with_nul, climbing)
    respelt = _respelt(cursor, received, path, raw) if odd else pa.table(NOTHING_RESPELT)
    return Reading(received, units_per_s(columns, counts), not unclean, respelt)


NOTHING_RESPELT = {"respelt_number": pa.array([], pa.int64()), "respelt_path": pa.array([], pa.string())}


def _refuse(received: Received, nulls: int, with_nul: str | None, climbing: str | None) -> None:
    if nulls:
        raise received.broken(f"has {nulls} rows without a path.", "Give every row its path.")
    if with_nul is not None:
        raise received.broken(f"has a path that holds a NUL: {shown(with_nul)}.", "No file system has such a name.")
    if climbing is not None:
        raise received.broken(f"has a path with '..' in it: {shown(climbing)}.", "Write paths without '..'.")


def _respelt(cursor: DuckDBPyConnection, received: Received, path: Sql, raw: Sql) -> pa.Table:
    """Rows whose text holds U+FFFD and whose bytes are given: the text that no other name has."""
    text = Sql(
        "SELECT file_row_number AS number, {path} AS path, CAST({raw} AS BLOB) AS raw FROM ({scan}) AS file"
        " WHERE {raw} IS NOT NULL AND contains({path}, {mark})"
    )
    rows = arrow_of(cursor, text.fill(path=path, raw=raw, scan=received.scan(), mark=literal(MARK)))
    spelt = ((each["number"], each["path"], readable(os.fsdecode(each["raw"]))) for each in rows.to_pylist())
    kept = [(number, new) for number, old, new in spelt if new != old]
    return pa.table(
        {
            "respelt_number": pa.array([number for number, _ in kept], pa.int64()),
            "respelt_path": pa.array([new for _, new in kept], pa.string()),
        }
    )


def _root(cursor: DuckDBPyConnection, reading: Reading, order: pa.Table) -> str:
    """The folder that all entries lie in or are; of a single entry that is no folder, the one that it lies in."""
    first = order["path"][0].as_py()
    (last,) = one_row(cursor.execute(WAY_OF.text, {"number": order["number"][-1].as_py()}))
    root = common_folder(first, last)
    if len(order) == 1 and root:
        columns = renamed(reading.received.columns, reading.units)
        text = Sql("SELECT type FROM (SELECT {columns} FROM ({scan}) AS file) AS single")
        (letter,) = one_row(cursor.execute(text.fill(columns=columns, scan=reading.received.scan()).text))
        return root if letter == "d" else root.rpartition("/")[0]
    return root


def _ordered(cursor: DuckDBPyConnection, received: Received) -> pa.Table:
    """The rows in pre-order; raises `BrokenSnapshot` that names a path which comes twice."""
    order = arrow_of(cursor, from_file(__package__, "order"))
    positions = order["position"].to_numpy()
    if not np.array_equal(positions, np.arange(1, len(order) + 1)) or pc.any(order["is_disordered"]).as_py():
        raise AssertionError("DuckDB gave sorted rows in another order")
    repeated = order.filter(order["is_repeated"])
    if len(repeated):
        path = repeated["path"][0].as_py() or "/"
        told = f"names {len(repeated)} paths more than once, {shown(path)} for one."
        raise received.broken(told, "Name each path once.")
    return order


def _implied(order: pa.Table, root: str, rows: int) -> pa.Table:
    """Folders without a row; their numbers follow those of the file's rows."""
    orphans = order.filter(order["is_orphan"])
    first = order["path"][0].as_py()
    found = implied_folders([first, *orphans["path"].to_pylist()], [root, *orphans["before"].to_pylist()], root)
    ways = sorted(found | ({root} if first != root else set()))
    numbers = pa.array(range(rows, rows + len(ways)), pa.int64())
    return pa.table({"number": numbers, "way": pa.array(ways, pa.string())})


def _spans(order: pa.Table) -> pa.Table:
    slashes = order["slashes"].to_numpy()
    depths = slashes - slashes[0]
    found = spans(depths)
    kind = pa.int32() if len(order) < NARROW else pa.int64()
    return pa.table(
        {
            "number": order["number"],
            "pre": pa.array(np.arange(len(order)), kind),
            "last_pre": pa.array(found.last_pre, kind),
            "parent_pre": pa.array(found.parent_pre, kind, mask=found.parent_pre < 0),
            "depth": pa.array(depths, pa.int32()),
        }
    )


def shown(path: str) -> str:
    """The path in quotes, shortened, for an error."""
    return repr(path if len(path) <= MOST_SHOWN else path[:MOST_SHOWN] + "…")
