"""Hot tables: declarations. Each is made for a generation, from the newest snapshot of each share or from all days."""

from analytics_pipelines.foundation.tables import Column, Table, Type
from analytics_pipelines.storage_snapshots.hot.differences import ChangeKind, ComparedLevel
from analytics_pipelines.storage_snapshots.tables import (
    CHANGES,
    DIRECTORIES,
    DIRECTORY_BANDS,
    DIRECTORY_CHANGES,
    DIRECTORY_TYPES,
    ENTRIES,
    ROOM,
)

NEWEST = "the newest snapshot of each share"
ALL_DAYS = "all snapshots"
NAMES_PER_BLOCK = 2048
"""As many as DuckDB reads at once."""
PATH_KEY = Column(
    name="path_key",
    type=Type.INT,
    least=0,
    meaning="63 bits of the path's md5, by which a path is found: `CAST(md5_number_lower(path) >> 1 AS BIGINT)`.",
)
VALID_FROM = Column(name="valid_from", type=Type.DATE, meaning="Day of the snapshot in which it began.")
VALID_TO = Column(
    name="valid_to",
    type=Type.DATE,
    is_nullable=True,
    meaning="Day of the snapshot in which it was no longer so, excluded; null while it holds.",
)


def _column(name: str, kind: Type, meaning: str) -> Column:
    return Column(name=name, type=kind, meaning=meaning, is_nullable=True)


def _like(table: Table, *, without: frozenset[str] = frozenset()) -> tuple[Column, ...]:
    """The table's columns as they are declared there, but for some."""
    return tuple(column for column in table.columns if column.name not in without)


def _versions_of(table: Table) -> tuple[Column, ...]:
    """Columns of a version: as it was, not as it had been before; that is the version before."""
    return tuple(
        column for column in table.columns if column.name != "snapshot_date" and not column.name.startswith("before_")
    )


FOLDERS = Table(
    name="hot_fs__folders",
    room=ROOM,
    grain="one folder with all its sums",
    partition=NEWEST,
    key=("path_key", "share"),
    columns=(
        PATH_KEY,
        *_like(DIRECTORIES),
        *_like(DIRECTORY_BANDS, without=frozenset({"share", "snapshot_date", "pre"})),
    ),
)

CHILDREN = Table(
    name="hot_fs__children",
    room=ROOM,
    grain="one entry, beside all others of its folder",
    partition=NEWEST,
    key=("share", "parent_pre", "pre"),
    columns=(
        *_like(ENTRIES, without=frozenset({"parent_pre", "path_raw", "parent_path"})),
        Column(name="parent_pre", type=Type.INT, meaning="Position of its folder; -1 for the root.", least=-1),
        _column("total_size_bytes", Type.INT, "Of a folder: apparent sizes of it and all below; else null."),
        _column("total_allocated_bytes", Type.INT, "Of a folder: space of it and all below; else null."),
        _column("total_file_count", Type.INT, "Of a folder: files below; else null."),
        _column("total_dir_count", Type.INT, "Of a folder: folders below; else null."),
    ),
)

NAMES = Table(
    name="hot_fs__names",
    room=ROOM,
    grain="one entry, in the order of names",
    partition=NEWEST,
    key=("folded_name", "share", "pre"),
    columns=(
        Column(name="position", type=Type.INT, least=0, meaning="Place in this order, from 0 without a gap."),
        Column(name="block", type=Type.INT32, least=0, meaning="Position // 2048, by which blocks are left unread."),
        Column(name="folded_name", type=Type.TEXT, meaning="The name in small letters."),
        *_like(ENTRIES, without=frozenset({"path_raw", "parent_path"})),
    ),
)

GRAMS = Table(
    name="hot_fs__grams",
    room=ROOM,
    grain="three characters that follow each other in a folded name, and one block of names that has them",
    partition=NEWEST,
    key=("gram", "block"),
    columns=(
        Column(
            name="gram",
            type=Type.INT,
            least=0,
            meaning="Three characters as one number: code points `(a << 42) | (b << 21) | c`.",
        ),
        Column(name="block", type=Type.INT32, least=0, meaning="Position of the name // 2048."),
    ),
)

LARGEST = Table(
    name="hot_fs__largest",
    room=ROOM,
    grain="one of the files of a share that are largest by one measure, one of several names once",
    partition=NEWEST,
    key=("share", "measure", "rank"),
    columns=(
        Column(name="measure", type=Type.TEXT, one_of=("size", "allocated"), meaning="What the rank goes by."),
        Column(name="rank", type=Type.INT32, least=1, meaning="1 for the largest; ties by position."),
        *_like(ENTRIES, without=frozenset({"path_raw", "parent_path"})),
    ),
)

TYPES = Table(
    name="hot_fs__types",
    room=ROOM,
    grain=DIRECTORY_TYPES.grain,
    partition=NEWEST,
    key=DIRECTORY_TYPES.key,
    columns=DIRECTORY_TYPES.columns,
)

HISTORY = Table(
    name="core_fs__history",
    room=ROOM,
    grain="one version of one path of a share: as it was from one snapshot to another",
    partition=ALL_DAYS,
    key=("path_key", "share", "valid_from"),
    columns=(PATH_KEY, VALID_FROM, VALID_TO, *_versions_of(CHANGES)),
)

FOLDER_HISTORY = Table(
    name="core_fs__folder_history",
    room=ROOM,
    grain="one version of one folder's sums",
    partition=ALL_DAYS,
    key=("path_key", "share", "valid_from"),
    columns=(PATH_KEY, VALID_FROM, VALID_TO, *_versions_of(DIRECTORY_CHANGES)),
)

COMPARED_ROWS = "the newest snapshot of each share against the one before"
DIFFERENCES = Table(
    name="hot_fs__differences",
    room=ROOM,
    grain="one path that differs, as it is told: of files (and folders that came, went or moved), or of all folders",
    partition=COMPARED_ROWS,
    key=("level", "rank"),
    columns=(
        Column(name="level", type=Type.TEXT, one_of=tuple(ComparedLevel), meaning="What is compared."),
        Column(name="rank", type=Type.INT, least=1, meaning="1 for the weightiest of the level; ties by share, path."),
        *(column for column in CHANGES.columns if column.name in {"share", "path", "depth"}),
        Column(name="kind", type=Type.TEXT, one_of=tuple(ChangeKind), meaning="What became of it."),
        Column(name="is_folder", type=Type.BOOL, meaning="Whether it is or was a folder."),
        Column(name="is_shown", type=Type.BOOL, meaning="Whether no folder above it tells the same."),
        Column(
            name="weight",
            type=Type.INT,
            least=0,
            unit="bytes",
            meaning="Apparent sizes that came, went or make the difference; of what moved, the greater of both.",
        ),
        _column("type", Type.TEXT, "As of now; null where the path is gone."),
        *(
            _column(before + number, Type.INT, meaning + (" before." if before else " now."))
            for number, meaning in (
                ("size_bytes", "Apparent size, of a folder with all below it,"),
                ("allocated_bytes", "Space, of a folder with all below it,"),
                ("file_count", "Of a folder: files below"),
                ("dir_count", "Of a folder: folders below"),
            )
            for before in ("", "before_")
        ),
        _column("modified_at", Type.TIMESTAMP, "Last change of the content (mtime) now."),
        _column("before_modified_at", Type.TIMESTAMP, "The same before."),
        _column("moved_from", Type.TEXT, "Path that it had before, where it moved."),
    ),
)

COMPARED = Table(
    name="hot_fs__compared",
    room=ROOM,
    grain="one kind of difference in one share whose differences are kept, be there none of that kind",
    partition=COMPARED_ROWS,
    key=("share", "kind"),
    columns=(
        *(column for column in CHANGES.columns if column.name in {"share", "snapshot_date"}),
        Column(name="kind", type=Type.TEXT, one_of=tuple(ChangeKind), meaning="What became of the paths."),
        Column(name="file_count", type=Type.INT, least=0, meaning="Files, each name for itself."),
        Column(name="dir_count", type=Type.INT, least=0, meaning="Folders."),
        Column(name="size_bytes", type=Type.INT, unit="bytes", meaning="Apparent sizes now, each path's own."),
        Column(name="before_size_bytes", type=Type.INT, unit="bytes", meaning="The same before."),
        Column(name="allocated_bytes", type=Type.INT, unit="bytes", meaning="Space now, each path's own."),
        Column(name="before_allocated_bytes", type=Type.INT, unit="bytes", meaning="The same before."),
    ),
)
