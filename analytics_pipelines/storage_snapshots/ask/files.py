"""Files of the chosen snapshots, each of several names once, and pages of them by size or time.

    files = files_below(chosen(lease, "latest"), "/srv", days=365)
    page = page_of(files, measure=SIZE, condition=Sql("extension = $extension"), values={"extension": "mp4"}, rows=100)

SQL over `Files.sql` sees all columns of an entry, and `taken_at` and `since_at`: the snapshot's own time, and so many
days before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from analytics_pipelines.foundation.sql import Sql, from_file, joined, name
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen
from analytics_pipelines.storage_snapshots.ask.entry_json import ENTRY_COLUMNS
from analytics_pipelines.storage_snapshots.ask.pages import Key
from analytics_pipelines.storage_snapshots.tables import DIRECTORIES, ENTRIES

NOT_OF_FILES = frozenset({"btime", "date"})
FILE_COLUMNS: Mapping[str, str] = {
    shown: column for shown, column in ENTRY_COLUMNS.items() if shown not in NOT_OF_FILES
}
"""What an answer tells of a file: the contract's name and the house's."""
MEASURES = {"size": name("size_bytes"), "allocated": name("allocated_bytes")}
COLUMN = Sql("{source}.{column}")
TIME = Sql("{source}.{column} AT TIME ZONE 'UTC'")
LAST_PRE = 2**62
ALL = Sql("true")
BIND = Sql("${what}_{number}")
WITHIN = Sql("parent_pre BETWEEN {first} AND {last} AND pre BETWEEN {first} AND {last}")
AFTER = Sql(
    "{measure} < $after_measured OR ({measure} = $after_measured AND"
    " (share > $after_share OR (share = $after_share AND pre > $after_pre)))"
)


@dataclass(frozen=True, slots=True)
class Files:
    """A SELECT of the files' rows, one a name, and the values bound in it."""

    chosen: Chosen
    sql: Sql
    values: Mapping[str, object]

    def once(self, condition: Sql = ALL) -> Sql:
        """A SELECT of those that meet the condition, each file of several names once."""
        return from_file(__package__, "files_once").fill(files=self.sql, condition=condition)

    def tuples(self, query: Sql, **values: object) -> list[tuple[Any, ...]]:
        """Rows of a query over what `sql` or `once` gives; raises `TimedOut`."""
        return self.chosen.lease.tuples(query, **self.values, **values)


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One file under the contract's names, and what it was sorted by; times are UTC and naive, but for `measured`."""

    told: dict[str, Any] = field(repr=False)
    pre: int
    measured: Any
    taken_at: datetime
    born_at: datetime | None

    @property
    def key(self) -> Key:
        """What the next page begins after."""
        return (self.measured, self.told["share"], self.pre)


def files_below(these: Chosen, path: str | None = None, *, days: int = 0) -> Files:
    """All files of the chosen snapshots, or those below the folder; raises `BadPath`, `UnknownPath`.

    `since_at` is so many days before each snapshot's own time.
    """
    tops = None if path is None else {each.share: each for each in these.folder(path)}
    entries = entries_of(these)
    values: dict[str, object] = {}
    parts = []
    for number, each in enumerate(each for each in these.snapshots if tops is None or each.share in tops):
        bound = {"share": each.share, "taken_at": each.taken_at, "since": days_before(each.taken_at, days)}
        bound |= {"first": tops[each.share].pre, "last": tops[each.share].last_pre} if tops else {}
        values |= {what + "_" + str(number): value for what, value in bound.items()}
        binds = {what: BIND.fill(what=Sql(what), number=Sql(str(number))) for what in bound}
        within = WITHIN.fill(**binds) if tops else ALL
        parts.append(from_file(__package__, "files_below").fill(entries=entries, within=within, **binds))
    return Files(these, joined(parts, " UNION ALL "), values)


def entries_of(these: Chosen) -> Sql:
    """A SELECT of entries in which a folder's are side by side, and which in older snapshots costs no join."""
    return these.children() if these.is_hot else these.scan(ENTRIES)


def folders_of(these: Chosen, *columns: str) -> Sql:
    """A SELECT of folders with these columns of `core_fs__directories`, which in older snapshots costs no join."""
    return these.folders(*columns) if these.is_hot else these.scan(DIRECTORIES)


def days_before(taken_at: datetime, days: int) -> datetime:
    """The time so many days before; the calendar's first where there is none."""
    try:
        return taken_at - timedelta(days=days)
    except OverflowError:
        return datetime.min.replace(tzinfo=taken_at.tzinfo)


def page_of(
    files: Files,
    *,
    measure: Sql,
    rows: int,
    condition: Sql = ALL,
    values: Mapping[str, object] | None = None,
    after: Key | None = None,
) -> list[FoundFile]:
    """At most so many files that meet the condition, largest measure first, ties by share and position.

    Files whose measure is not known are left out. Raises `TimedOut`.
    """
    query = from_file(__package__, "files_page").fill(
        measure=measure,
        files=files.once(condition),
        after=after_sql(measure, after),
        columns=told_columns("entries"),
        entries=entries_of(files.chosen),
    )
    return found_files(files.tuples(query, rows=rows, **(values or {}), **after_values(after)))


def told_columns(source: str) -> Sql:
    """The columns of `FILE_COLUMNS` of that source; times without their zone, since that costs far less to fetch."""
    return joined(
        (TIME if column.endswith("_at") else COLUMN).fill(source=name(source), column=name(column))
        for column in FILE_COLUMNS.values()
    )


def found_files(rows: Sequence[tuple[Any, ...]]) -> list[FoundFile]:
    """Rows of `FILE_COLUMNS`, pre, measure, taken_at and born_at as files."""
    return [FoundFile(dict(zip(FILE_COLUMNS, row, strict=False)), *row[len(FILE_COLUMNS) :]) for row in rows]


def after_sql(measure: Sql, after: Key | None) -> Sql:
    """Whether a row comes after that of the key, most first."""
    return AFTER.fill(measure=measure) if after else ALL


def after_values(after: Key | None) -> dict[str, object]:
    """The values that `after_sql` binds."""
    names = ("after_measured", "after_share", "after_pre")
    return dict(zip(names, after, strict=False)) if after else {}
