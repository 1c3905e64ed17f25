"""Shares that exist only on paper, and their rollups by plain counting: slow, and plain to see."""

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from analytics_pipelines.foundation.select import ArrowRows, Scan, cast_to, mount_view
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.tables import AGE_BANDS, ENTRIES

DAY = date(2026, 3, 1)
LARGEST = 2**63 - 1
TAKEN = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
ARROW = {
    "VARCHAR": pa.string(),
    "BLOB": pa.binary(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "DATE": pa.date32(),
    "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", "UTC"),
}
SCHEMA = pa.schema([(column.name, ARROW[column.type.value]) for column in ENTRIES.columns])


@dataclass
class Leaf:
    """A name as `raw_fs__entries` has it; its place among others is told by where it stands."""

    name: str
    type: str = "f"
    size_bytes: int | None = 0
    allocated_bytes: int | None = 0
    extension: str | None = None
    modified_at: datetime | None = None
    accessed_at: datetime | None = None
    device: int | None = 1
    inode: int | None = None
    link_count: int | None = 1
    owner_name: str | None = None
    uid: int | None = None
    group_name: str | None = None
    gid: int | None = None
    error: str | None = None
    inside: list["Leaf"] = field(default_factory=list)

    def rows(self, share, path="", above=None, pre=0):
        """The name and all below it, in pre-order, with their positions."""
        path = path + "/" + self.name
        here = {each: getattr(self, each) for each in ENTRIES.column_names if hasattr(self, each)}
        parent = above and above["pre"]
        here |= {"share": share, "snapshot_date": DAY, "pre": pre, "parent_pre": parent, "path": path}
        here |= {"parent_path": above and above["path"], "depth": path.count("/") - 1}
        found = [here]
        for each in self.inside:
            found += each.rows(share, path, here, pre + len(found))
        here["last_pre"] = pre + len(found) - 1
        return found


def folder(name, *inside, **told):
    """A folder with these in it."""
    return Leaf(name, "d", inside=list(inside), **told)


def entries_of(roots):
    """Rows of `raw_fs__entries`: share after share, each in pre-order."""
    rows = [row for share in sorted(roots) for row in roots[share].rows(share)]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


@contextmanager
def scanned(entries):
    """A scan of these rows, in a file that lives as long as the context."""
    with TemporaryDirectory() as place:
        file = Path(place) / "entries.parquet"
        pq.write_table(entries, file)
        yield Scan(ENTRIES, (file,))


def taken(shares):
    """As much of `core_fs__snapshots` as ages need."""
    times = pa.array(list(shares.values()), pa.timestamp("us", "UTC"))
    return ArrowRows(pa.table({"share": pa.array(list(shares), pa.string()), "taken_at": times}))


def answered(duck, table, select):
    """The rows that the SELECT gives, as they would be published; its own check has to hold."""
    with duck.cursor() as cursor:
        select.mount(cursor)
        rows = cursor.sql(cast_to(table, select.sql).text).to_arrow_table()
        if select.expected_rows:
            assert said(cursor, select, rows) == (len(rows), cursor.execute(select.expected_rows.text).fetchone()[1])
        return rows.to_pylist()


def said(cursor, select, rows):
    """What the source says of its rows, and what the checksum gives over these."""
    cursor.register("finished", rows)
    mount_view(cursor, "staged_rows", Sql("SELECT * FROM finished"))
    expected, _ = cursor.execute(select.expected_rows.text).fetchone()
    return expected, cursor.execute(select.checksum.text).fetchone()[0]


TIMES = st.one_of(
    st.none(),
    st.builds(timedelta, seconds=st.integers(-(10**8), 4 * 10**9)).map(lambda age: TAKEN - age),
    st.builds(
        lambda days, by: TAKEN - timedelta(days=days, microseconds=by),
        st.sampled_from([30, 90, 180, 365, 730]),
        st.integers(-1, 1),
    ),
)
BYTES = st.one_of(
    st.none(),
    st.integers(-5, 10**6),
    st.builds(lambda power, by: 2**power + by, st.integers(4, 62), st.integers(-1, 1)),
    st.just(LARGEST),
)
FILES = st.builds(
    Leaf,
    st.just("file"),
    st.sampled_from("ffflspbcU"),
    BYTES,
    BYTES,
    st.sampled_from([None, "", "txt", "gz", "größe", "a'b"]),
    TIMES,
    TIMES,
    st.sampled_from([1, 1, 2, None]),
    st.sampled_from([None, 5, 5, 6, -7]),
    st.sampled_from([None, 1, 2, 2, 9]),
    st.sampled_from([None, "root", "1000"]),
    st.sampled_from([None, 0, 1000]),
    st.sampled_from([None, "staff"]),
    st.sampled_from([None, 50]),
    st.sampled_from([None, None, "EIO: Input/output error"]),
)


@st.composite
def trees(draw):
    """A root with folders in folders and files in them, of which some are names of one file."""
    folders = [folder("root", size_bytes=draw(BYTES), allocated_bytes=4096)]
    for number in range(draw(st.integers(0, 16))):
        home = folders[draw(st.integers(0, len(folders) - 1))]
        if draw(st.booleans()):
            given = {"size_bytes": draw(BYTES), "allocated_bytes": draw(BYTES), "modified_at": draw(TIMES)}
            # Folders have several links too, and one may be spelt with the number of another.
            new = folder(f"'d{number}", link_count=2, inode=5, error=draw(st.sampled_from([None, "EACCES"])), **given)
            folders.append(new)
        else:
            new = replace(draw(FILES), name=f"f{number}")
        home.inside.insert(draw(st.integers(0, len(home.inside))), new)
    return folders[0]


def forests():
    """One to three shares with trees."""
    return st.dictionaries(st.sampled_from(["a", "a-", "ß"]), trees(), min_size=1, max_size=3)


def once(rows):
    """The files among the rows, of those that are one file only the first."""
    met, found = set(), []
    for row in rows:
        several = row["inode"] is not None and (row["link_count"] is None or row["link_count"] > 1)
        same = (row["device"], row["inode"])
        if row["type"] != "d" and not (several and same in met):
            found.append(row)
            met |= {same} if several else set()
    return found


def total(rows, column):
    """The sum of what is known, as far as a number goes."""
    return min(sum(max(row[column] or 0, 0) for row in rows), LARGEST)


def extreme(pick, rows, column):
    """The first or last time of the files among the rows."""
    return pick((row[column] for row in rows if row["type"] != "d" and row[column]), default=None)


def folders_of(rows):
    """Each folder, all rows from it on that are below it, and those directly in it, itself among both."""
    for row in rows:
        if row["type"] == "d":
            below = [each for each in rows if each["share"] == row["share"] and row["pre"] <= each["pre"]]
            below = [each for each in below if each["pre"] <= row["last_pre"]]
            yield row, below, [each for each in below if each["parent_pre"] == row["pre"]]


def directories_by_hand(rows):
    """What `core_fs__directories` has to hold."""
    return [_directory(*each) for each in folders_of(rows)]


def _directory(row, below, inside):
    dirs = [each for each in below if each["type"] == "d"]
    files, own = once(below), once(inside)
    plain = [each for each in files if each["type"] in "fl"]
    found = {column: row[column] for column in ("share", "snapshot_date", "pre", "last_pre", "parent_pre")}
    found |= {column: row[column] for column in ("path", "name", "parent_path", "depth")}
    found |= {
        "file_count": len(files),
        "extra_link_count": len(below) - len(dirs) - len(files),
        "dir_count": len(dirs) - 1,
        "error_count": len([each for each in below if each["error"]]),
        "allocated_bytes": total(dirs + files, "allocated_bytes"),
        "size_bytes": total(dirs + files, "size_bytes"),
        "file_size_bytes": total(plain, "size_bytes"),
        "own_file_count": len(own),
        "own_dir_count": len([each for each in inside if each["type"] == "d"]),
        "own_allocated_bytes": total([row, *own], "allocated_bytes"),
        "own_size_bytes": total([row, *own], "size_bytes"),
    }
    for word in ("modified_at", "accessed_at"):
        for start, names in (("", below), ("own_", inside)):
            found[start + "earliest_" + word] = extreme(min, names, word)
            found[start + "latest_" + word] = extreme(max, names, word)
    return found


def types_by_hand(rows):
    """What `core_fs__directory_types` has to hold."""
    found = []
    for row, below, inside in folders_of(rows):
        kinds = {"": once(below), "own_": once(inside)}
        for extension in sorted({each["extension"] or "" for each in kinds[""] + kinds["own_"]}, key=str.encode):
            held = {column: row[column] for column in ("share", "snapshot_date", "pre")} | {"extension": extension}
            for start, files in kinds.items():
                those = [each for each in files if (each["extension"] or "") == extension]
                held[start + "file_count"] = len(those)
                held[start + "size_bytes"] = total(those, "size_bytes")
                held[start + "allocated_bytes"] = total(those, "allocated_bytes")
            found.append(held)
    return found


def size_bin(row):
    """floor(log2(size) / 5), at most 9."""
    size = max(row["size_bytes"] or 0, 1)
    return min((size.bit_length() - 1) // 5, 9)


def age_band(row, word, times):
    """In which band the file is, as of its share's time."""
    at, now = row[word + "_at"], times.get(row["share"])
    if at is None or now is None:
        return "unknown"
    return next((band for band, days in AGE_BANDS if days and now - at < timedelta(days=days)), "older")


def bands_by_hand(rows, times):
    """What `core_fs__directory_bands` has to hold."""
    found = []
    for row, below, _ in folders_of(rows):
        held = defaultdict(list)
        for each in once(below):
            held[f"size_bin_{size_bin(each)}", "size_bytes"].append(each)
            for word in ("modified", "accessed"):
                held[f"{word}_{age_band(each, word, times)}", "allocated_bytes"].append(each)
        here = {column: row[column] for column in ("share", "snapshot_date", "pre")}
        names = [(f"size_bin_{number}", "size_bytes") for number in range(10)]
        names += [(f"{word}_{band}", "allocated_bytes") for word in ("modified", "accessed") for band, _ in AGE_BANDS]
        for name, unit in names:
            those = held[name, unit]
            here |= {name + "_file_count": len(those), name + "_" + unit: total(those, unit)}
        found.append(here)
    return found


def distribution_by_hand(rows, times):
    """What `out_fs__distribution` has to hold."""
    held = defaultdict(list)
    for share in {row["share"] for row in rows}:
        for row in once([each for each in rows if each["share"] == share]):
            uid, gid = ("" if row[number] is None else str(row[number]) for number in ("uid", "gid"))
            for dimension, value in {
                "type": row["type"],
                "extension": row["extension"] or "",
                "owner": row["owner_name"] or uid,
                "group": row["group_name"] or gid,
                "size_bin": str(size_bin(row)),
                "modified_age": age_band(row, "modified", times),
                "accessed_age": age_band(row, "accessed", times),
            }.items():
                held[share, dimension, value].append(row)
    return [
        {"share": share, "snapshot_date": DAY, "dimension": dimension, "value": value, "file_count": len(those)}
        | {column: total(those, column) for column in ("size_bytes", "allocated_bytes")}
        for (share, dimension, value), those in sorted(held.items(), key=lambda each: [*map(str.encode, each[0])])
    ]
