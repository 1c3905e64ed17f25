"""Snapshots in memory: questions run in a real DuckDB over rows that a test wrote, with hot tables or without."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace

import pyarrow as pa
from hypothesis import strategies as st

from analytics_pipelines.foundation.duck import Duck, DuckLimits, arrow_of, rows_of
from analytics_pipelines.foundation.select import cast_to
from analytics_pipelines.foundation.sql import Sql, literal, name
from analytics_pipelines.storage_snapshots.ask.chosen import chosen
from analytics_pipelines.storage_snapshots.hot import shapes
from analytics_pipelines.storage_snapshots.hot.tables import CHILDREN, FOLDERS, LARGEST, NAMES, TYPES
from analytics_pipelines.storage_snapshots.tables import (
    DIRECTORIES,
    DIRECTORY_BANDS,
    DIRECTORY_TYPES,
    DISTRIBUTION,
    ENTRIES,
    GROWTH,
    SNAPSHOTS,
)

DAY = date(2026, 3, 1)
TAKEN_AT = datetime.combine(DAY, time(12), UTC)
LAKE = (ENTRIES, SNAPSHOTS, DIRECTORIES, DIRECTORY_TYPES, DIRECTORY_BANDS, DISTRIBUTION, GROWTH)
NAMES_OF_FILES = ["a", "b.txt", "c.TXT", "d.mp4", "no"]
HASHES = [None, "p1", "p2"]


class Shelf:
    """Stands for a lease on a generation of these rows, by table."""

    def __init__(self, rows, *, is_hot=False):
        self.id, self.is_hot, self._kept = "g1", is_hot, {}
        self.duck = Duck(DuckLimits(2**28, 2, None))
        self.hot_names = {table.name for table in (FOLDERS, CHILDREN, NAMES, LARGEST, TYPES)} if is_hot else set()
        self.given = {table.name for table in LAKE if table.name in rows}
        for table in LAKE:
            self._write(table, rows.get(table.name, []))
        self.published = {table: sorted({row["snapshot_date"] for row in rows.get(table, [])}) for table in rows}
        if is_hot:
            self._heat()

    def _write(self, table, rows):
        columns = {column: [row.get(column) for row in rows] for column in table.column_names}
        query = cast_to(table, Sql("SELECT * FROM given"))
        with self.duck.cursor() as cursor:
            cursor.register("given", pa.table(columns))
            cursor.execute(Sql("CREATE TABLE {table} AS {query}").fill(table=name(table.name), query=query).text)

    def _heat(self):
        newest = Sql(
            "SELECT * FROM {table} WHERE (share, snapshot_date) IN (SELECT (share, max(snapshot_date)) FROM core_fs__snapshots GROUP BY share)"
        )
        entries, folders, types, bands = (
            newest.fill(table=name(each.name)) for each in (ENTRIES, DIRECTORIES, DIRECTORY_TYPES, DIRECTORY_BANDS)
        )
        made = {
            FOLDERS: shapes.folders(folders, bands),
            CHILDREN: shapes.children(entries, folders),
            NAMES: shapes.names(entries),
            LARGEST: shapes.largest(entries),
            TYPES: types,
        }
        with self.duck.cursor() as cursor:
            for table, query in made.items():
                cursor.execute(Sql("CREATE TABLE {table} AS {query}").fill(table=name(table.name), query=query).text)

    def holds(self, table):
        return table in self.given | self.hot_names

    def table(self, table):
        return name(table)

    def days(self, table, first, last):
        return tuple(day for day in self.published.get(table, []) if first <= day <= last)

    def scan(self, table, first, last):
        text = Sql("SELECT * FROM {table} WHERE snapshot_date BETWEEN CAST({first} AS DATE) AND CAST({last} AS DATE)")
        return text.fill(table=name(table), first=literal(first.isoformat()), last=literal(last.isoformat()))

    def remembered(self, what, make):
        if what not in self._kept:
            self._kept[what] = make(self)
        return self._kept[what]

    def cursor(self):
        return self.duck.cursor()

    def tuples(self, query, **values):
        with self.duck.cursor() as cursor:
            return cursor.execute(query.text, values or None).fetchall()

    def few(self, query, **values):
        return self.tuples(query, **values)

    def arrow(self, query, **values):
        with self.duck.cursor() as cursor:
            return arrow_of(cursor, query, values)

    def rows(self, model, query, **values):
        with self.duck.cursor() as cursor:
            return rows_of(cursor, model, query, values)


@contextmanager
def shelf(rows, *, is_hot=False):
    """A lease on these rows."""
    made = Shelf(rows, is_hot=is_hot)
    try:
        yield made
    finally:
        made.duck.close()


@contextmanager
def asked(rows, *, is_hot=False, share=None, snapshot="latest"):
    """The chosen snapshots of these rows."""
    with shelf(rows, is_hot=is_hot) as lease:
        yield chosen(lease, snapshot, share)


def snapshot_row(share, root, *, day=DAY, **more):
    """A row of `core_fs__snapshots`."""
    return {
        "share": share,
        "snapshot_date": day,
        "root_path": root,
        "taken_at": datetime.combine(day, time(12), UTC),
        "mode": "metadata",
    } | more


def days_taken(snapshots):
    """Tables that say only that those snapshots are there, one row each."""
    places = [{"share": row["share"], "snapshot_date": row["snapshot_date"]} for row in snapshots]
    return {SNAPSHOTS.name: snapshots, ENTRIES.name: places, DIRECTORIES.name: places}


def rows_of_files(files, *, day=DAY, empty=()):
    """Tables of shares whose files are these rows: each has share and path, `/share/…` at most two folders deep."""
    rows = {table.name: [] for table in LAKE}
    for share in sorted({file["share"] for file in files} | set(empty)):
        root = "/" + share
        own = {file["path"]: file for file in files if file["share"] == share}
        folders = {root} | {above for path in own for above in above_of(path) if above.startswith(root)}
        names = sorted(folders | set(own), key=lambda path: path.encode().replace(b"/", b"\x00"))
        pres = {path: pre for pre, path in enumerate(names)}
        for path in names:
            below = [other for other in names if other == path or other.startswith(path + "/")]
            parent = path.rpartition("/")[0]
            place = {
                "share": share,
                "snapshot_date": day,
                "pre": pres[path],
                "last_pre": pres[path] + len(below) - 1,
                "parent_pre": pres.get(parent),
                "path": path,
                "name": path.rpartition("/")[2],
                "parent_path": parent if parent in pres else None,
                "depth": path.count("/") - 1,
            }
            if path in own:
                rows[ENTRIES.name].append(place | {"type": "f", "extension": extension(path)} | own[path])
            else:
                rows[ENTRIES.name].append(place | {"type": "d", "size_bytes": 4096, "allocated_bytes": 4096})
                rows[DIRECTORIES.name].append(place)
        rows[SNAPSHOTS.name].append(snapshot_row(share, root, day=day))
    return rows


def above_of(path):
    """Folders above it, without `/`."""
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(2, len(parts))]


def extension(path):
    return path.rpartition("/")[2].rpartition(".")[2].lower() if "." in path.rpartition("/")[2] else None


def order_of(file):
    """Share, and place in pre-order."""
    return file["share"], file["path"].encode().replace(b"/", b"\x00")


def once(files):
    """Each file of several names at its first."""
    firsts = {}
    for file in sorted(files, key=order_of):
        has_names = (2 if file["link_count"] is None else file["link_count"]) > 1 and file["inode"] is not None
        firsts.setdefault((file["share"], file["device"], file["inode"]) if has_names else order_of(file), file)
    return list(firsts.values())


def below(files, folder):
    return [file for file in files if folder is None or file["path"].startswith(folder + "/")]


times = st.none() | st.integers(-10, 800).map(lambda days: TAKEN_AT - timedelta(days=days))


@st.composite
def file_lists(draw, *, shares=("one", "two"), sizes=(0, 1, 10, 10, 5000, None)):
    """Rows of files in few folders, with few sizes, times and inodes; all names of an inode agree in what it is."""
    places = draw(
        st.lists(
            st.tuples(
                st.sampled_from(shares), st.sampled_from(["", "/x", "/x/y", "/x.y"]), st.sampled_from(NAMES_OF_FILES)
            ),
            unique=True,
            min_size=1,
            max_size=14,
        )
    )
    made = {}
    for share, folder, name_ in places:
        inode = draw(st.none() | st.integers(1, 9))
        fresh = SimpleNamespace(
            size_bytes=draw(st.sampled_from(sizes)),
            modified_at=draw(times),
            accessed_at=draw(times),
            born_at=draw(times),
            changed_at=draw(times),
            owner_name=draw(st.sampled_from(["ada", "bob", None])),
            hash=draw(
                st.sampled_from([(None, None), ("p1", None), ("p1", "c1"), ("p2", "c2"), ("p2", None), (None, "c1")])
            ),
        )
        told = made.setdefault((share, inode), fresh) if inode is not None else fresh
        made_row = vars(told) | {"share": share, "path": "/" + share + folder + "/" + name_}
        made_row |= dict(zip(("prefix_hash", "content_hash"), made_row.pop("hash"), strict=True))
        size = made_row["size_bytes"]
        made_row |= {"allocated_bytes": None if size is None else -(-size // 512) * 512, "device": 1, "inode": inode}
        made[share, folder, name_] = made_row
    rows = [row for row in made.values() if isinstance(row, dict)]
    for row in rows:
        same = [
            each
            for each in rows
            if each["inode"] is not None and (each["share"], each["inode"]) == (row["share"], row["inode"])
        ]
        row["link_count"] = draw(st.sampled_from([max(len(same), 1), None])) if len(same) <= 1 else len(same)
    return rows
