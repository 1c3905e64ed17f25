"""What differs from the snapshot before: entries and folders' sums, moves among them.

Entries are compared by what makes a version of them (`KEYS`): neither by when they were read, which reading changes,
nor by the number of the device, which a restart changes. A column counts only where the producers of both snapshots
gave it, a content hash only where both rows have one. Rules for folders that could not be read: `last_known`.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date

import pyarrow as pa

from analytics_pipelines.foundation.select import ArrowRows, Scan, Select, Source, Version
from analytics_pipelines.foundation.sql import Sql, columns_of, date_literal, from_file, joined, literal, name
from analytics_pipelines.storage_snapshots.differences.last_known import Pair
from analytics_pipelines.storage_snapshots.differences.moves import moves
from analytics_pipelines.storage_snapshots.differences.steps import Step, View
from analytics_pipelines.storage_snapshots.tables import ENTRIES

KEYS = (
    "type",
    "size_bytes",
    "allocated_bytes",
    "modified_at",
    "changed_at",
    "mode",
    "uid",
    "gid",
    "inode",
    "link_target",
    "content_hash",
)
SUMS = ("file_count", "dir_count", "size_bytes", "allocated_bytes")
WHEREABOUTS = ("path", "path_raw", "name", "parent_path", "depth", "extension")
"""What a row that ends has of the snapshot before."""
DETAILS = ("owner_name", "group_name", "device", "link_count", "error")
FOR_MOVES = ("born_at", "device")
BESIDE = (*DETAILS, "born_at", "path_raw", "depth", "extension")
"""What is read only of the entries that differ; their paths are put together."""
NOTHING_HIDDEN = Sql("(SELECT '' AS share, -1 AS pre WHERE false)")
PAIRS = pa.schema(
    [("share", pa.string()), ("previous_date", pa.date32()), *(("has_" + key, pa.bool_()) for key in KEYS)]
)
GAPS = pa.schema(
    [("share", pa.string()), ("snapshot_date", pa.date32()), ("first_pre", pa.int64()), ("last_pre", pa.int64())]
)
UNREADABLE = pa.schema([("share", pa.string()), ("path", pa.string())])


def changes(entries: Scan, directories: Scan, found: Sequence[Pair], day: date) -> Select | None:
    """Rows of `core_fs__changes` for `day`; None where it has no snapshot.

    Both scans hold exactly `last_known.days_read`. `found` has a pair for each share of the day.
    """
    if not found:
        return None
    sources = _told(found) | _sides(entries, found, day) | _sides(directories, found, day)
    rows = columns_of("found", ("share", *WHEREABOUTS, *KEYS, *DETAILS))
    before = columns_of("found", ("before_" + key for key in KEYS))
    select = _filled("changes", columns=rows, before=before, day=date_literal(day))
    return Select(select, reads=sources | _compared(found) | moves())


def directory_changes(directories: Scan, changed: Scan, found: Sequence[Pair], day: date) -> Select | None:
    """Rows of `core_fs__directory_changes` for `day`; None where it has no snapshot.

    `changed` has the day's `core_fs__changes`, which tell of moves.
    """
    if not found:
        return None
    sources = _told(found) | _sides(directories, found, day) | {"entry_changes": changed}
    known = _filled("changes_known", earlier=Sql("before_directories"), columns=Sql("entries.*"))
    worked_out: dict[str, Source] = {"hidden": Step(_filled("changes_hidden")), "known": Step(known)}
    select = _filled("directory_changes", day=date_literal(day))
    return Select(select, reads=sources | worked_out)


def _compared(found: Sequence[Pair]) -> dict[str, Source]:
    """The steps up to `found`: each path of which something differs, as it is and as it was."""
    after = _rows("after", "pre", keys=columns_of("chosen", KEYS), hiding=NOTHING_HIDDEN)
    before = _rows("previous", "before_pre", keys=_before("chosen", KEYS), hiding=Sql("hidden"))
    known = _filled(
        "changes_known",
        earlier=Sql("before_entries"),
        columns=columns_of("entries", ("share", "name", *KEYS, *BESIDE, "parent_path", "path")),
    )
    steps = {
        "folders": _filled("changes_folders"),
        "differing": _differing(found),
        "hidden": _filled("changes_hidden"),
        "known": known,
        "after_rows": after,
        "earlier_rows": before,
        "found": _found(),
    }
    return {view: Step(query) for view, query in steps.items()}


def _differing(found: Sequence[Pair]) -> Sql:
    """One query a share, so that each reads its own stretch of the files and joins by integers."""
    return joined((_differing_of(pair) for pair in found), "\nUNION ALL BY NAME\n")


def _differing_of(pair: Pair) -> Sql:
    if pair.previous is None:
        nothing = Sql("SELECT * FROM ({query}) WHERE false")
        return nothing.fill(query=_differing_of(replace(pair, previous=date.min)))
    keys = [key for key in KEYS if key not in pair.absent_columns]
    place = {"share": literal(pair.share), "previous": date_literal(pair.previous)}
    before = Sql("earlier.{column} AS {before}")
    return _filled(
        "changes_differing",
        columns=joined(name(key) for key in KEYS),
        after=columns_of("after", KEYS),
        before=joined(before.fill(column=name(key), before=name("before_" + key)) for key in KEYS),
        differs=_differs(keys),
        **place,
    )


def _rows(side: str, place: str, *, keys: Sql, hiding: Sql) -> Sql:
    return _filled(
        "changes_rows",
        keys=keys,
        columns=columns_of("entries", BESIDE),
        place=Sql(place),
        entries=Sql(side + "_entries"),
        directories=Sql(side + "_directories"),
        hiding=hiding,
        is_hidden=Sql("hidden.pre IS NOT NULL"),
    )


def _found() -> Sql:
    there = Sql("CASE WHEN after.path IS NULL THEN earlier.{column} ELSE after.{column} END AS {column}")
    earlier = Sql("earlier.{column} AS {before}")
    return _filled(
        "changes_found",
        whereabouts=joined(there.fill(column=name(column)) for column in WHEREABOUTS),
        after=columns_of("after", (*KEYS, *DETAILS, "born_at")),
        before=joined(
            earlier.fill(column=name(column), before=name("before_" + column)) for column in (*KEYS, *FOR_MOVES)
        ),
        differs=_differs(KEYS, given=True),
    )


def _differs(keys: Iterable[str], *, given: bool = False) -> Sql:
    """Whether a column differs; with `given`, only those that both producers of the pair gave."""
    differs = Sql("after.{column} IS DISTINCT FROM earlier.{column}")
    both_have_one = Sql("after.{column} <> earlier.{column}")
    masked = Sql("(pairs.{has} AND {differs})")
    tests = []
    for key in keys:
        test = (both_have_one if key == "content_hash" else differs).fill(column=name(key))
        tests.append(masked.fill(has=name("has_" + key), differs=test) if given else test)
    return joined(tests, " OR ")


def _told(found: Sequence[Pair]) -> dict[str, Source]:
    """What is known of the pairs, as small tables."""
    pairs = [
        {"share": pair.share, "previous_date": pair.previous}
        | {"has_" + key: key not in pair.absent_columns for key in KEYS}
        for pair in found
    ]
    gaps = [
        {"share": pair.share, "snapshot_date": gap.day, "first_pre": gap.first_pre, "last_pre": gap.last_pre}
        for pair in found
        for gap in pair.gaps
    ]
    unreadable = [{"share": pair.share, "path": path} for pair in found for path in sorted(pair.unreadable)]
    return {
        "pairs": ArrowRows(pa.Table.from_pylist(pairs, PAIRS)),
        "gaps": ArrowRows(pa.Table.from_pylist(gaps, GAPS)),
        "unreadable": ArrowRows(pa.Table.from_pylist(unreadable, UNREADABLE)),
    }


def _sides(scan: Scan, found: Sequence[Pair], day: date) -> dict[str, Source]:
    """The scan's own day as `after_…`, all others as `before_…`, and of those each share's previous day."""
    kind = "entries" if scan.table is ENTRIES else "directories"
    return {
        "after_" + kind: _part(scan, {version for version in scan.versions if version.day == day}),
        "before_" + kind: _part(scan, {version for version in scan.versions if version.day != day}),
        "previous_" + kind: View(
            _filled("changes_previous", earlier=Sql("before_" + kind), wanted=_previous(found)),
        ),
    }


def _previous(found: Sequence[Pair]) -> Sql:
    """Which rows are of a share's previous snapshot; no join, which would cost a second with millions of rows."""
    shares: dict[date, list[Sql]] = {}
    for pair in found:
        if pair.previous is not None:
            shares.setdefault(pair.previous, []).append(literal(pair.share))
    of_day = Sql("(snapshot_date = {day} AND share IN ({shares}))")
    parts = [of_day.fill(day=date_literal(day), shares=joined(each)) for day, each in sorted(shares.items())]
    return joined(parts, " OR ") if parts else Sql("false")


def _part(scan: Scan, kept: Collection[Version]) -> Scan:
    """Some of its partitions."""
    held = [(file, version) for file, version in zip(scan.files, scan.versions, strict=True) if version in kept]
    return Scan(scan.table, tuple(file for file, _ in held), tuple(version for _, version in held))


def _filled(query: str, **parts: Sql) -> Sql:
    return from_file(__package__, query).fill(**parts)


def _before(table: str, columns: Iterable[str]) -> Sql:
    """What they were before, under their own names."""
    renamed = Sql("{table}.{before} AS {column}")
    parts = ((name("before_" + column), name(column)) for column in columns)
    return joined(renamed.fill(table=Sql(table), before=before, column=column) for before, column in parts)
