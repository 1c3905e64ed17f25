"""Tables of the storage snapshots: entries as scanned, sums of each folder, what changed, totals of each share."""

from analytics_pipelines.foundation.tables import Column, Table, Type

ROOM = "storage_snapshots"
PARTITION = "day of the snapshot, as the scan was told"
TYPES = ("f", "d", "l", "b", "c", "p", "s", "U")
SIZE_BINS = tuple(range(10))
"""floor(log2(size) / 5): bin 0 holds 0 to 31 bytes, bin 4 from 1 MiB, bin 9 from 32 TiB up."""
AGE_BANDS = (
    ("under_30_days", 30),
    ("under_90_days", 90),
    ("under_180_days", 180),
    ("under_365_days", 365),
    ("under_730_days", 730),
    ("older", None),
    ("unknown", None),
)
"""Name and upper end in days, excluded; measured from the snapshot's own time. Times to come are under 30 days."""
CHANGES_OF_AN_ENTRY = ("first", "added", "removed", "changed")

SHARE = Column(name="share", type=Type.TEXT, meaning="Name under which the tree is scanned.")
SNAPSHOT_DATE = Column(name="snapshot_date", type=Type.DATE, meaning="Day of the snapshot.")
PRE = Column(
    name="pre",
    type=Type.INT,
    least=0,
    meaning="Position in the share in pre-order: a folder before what is in it, names by their bytes.",
)
LAST_PRE = Column(
    name="last_pre", type=Type.INT, least=0, meaning="Position of the last entry below it; a range with pre."
)
PATH = Column(
    name="path",
    type=Type.TEXT,
    meaning="Absolute path. A byte that is not UTF-8 is spelt as U+FFFD and two hex digits, so that paths stay unique.",
)
NAME = Column(name="name", type=Type.TEXT, meaning="Last part of the path.")
PARENT_PATH = Column(
    name="parent_path", type=Type.TEXT, is_nullable=True, meaning="Path of the folder it is in; null for the root."
)
DEPTH = Column(name="depth", type=Type.INT32, is_nullable=True, least=0, meaning="Folders above it; 0 for the root.")


def _maybe(name: str, kind: Type, meaning: str, unit: str = "", *, is_personal: bool = False) -> Column:
    return Column(name=name, type=kind, meaning=meaning, unit=unit, is_nullable=True, is_personal=is_personal)


def _count(name: str, meaning: str) -> Column:
    return Column(name=name, type=Type.INT, meaning=meaning, least=0)


def _bytes(name: str, meaning: str) -> Column:
    return Column(name=name, type=Type.INT, meaning=meaning, unit="bytes", least=0)


PARENT_PRE = _maybe("parent_pre", Type.INT, "Position of the folder it is in; null for the root.")

ENTRIES = Table(
    name="raw_fs__entries",
    room=ROOM,
    grain="one name in a file system: file, folder, link…; a file of several names has several rows",
    partition=PARTITION,
    key=("share", "pre"),
    version="2",
    columns=(
        SHARE,
        SNAPSHOT_DATE,
        PRE,
        LAST_PRE,
        PARENT_PRE,
        PATH,
        _maybe("path_raw", Type.BYTES, "Bytes of the path, where they are not the text's UTF-8."),
        NAME,
        PARENT_PATH,
        DEPTH,
        Column(name="type", type=Type.TEXT, one_of=TYPES, meaning="As `find -printf %y` has it; U where not known."),
        _maybe("extension", Type.TEXT, "What follows the last dot, in small letters; null for folders."),
        _maybe("size_bytes", Type.INT, "Apparent size (`stat` %s).", "bytes"),
        _maybe("allocated_bytes", Type.INT, "Space taken on the disk: blocks of 512.", "bytes"),
        _maybe("accessed_at", Type.TIMESTAMP, "Last read (atime)."),
        _maybe("modified_at", Type.TIMESTAMP, "Last change of the content (mtime)."),
        _maybe("changed_at", Type.TIMESTAMP, "Last change of content, name or rights (ctime)."),
        _maybe("born_at", Type.TIMESTAMP, "Creation (btime), where the producer knows it."),
        _maybe("mode", Type.INT32, "Permission bits, set-uid, set-gid and sticky among them."),
        _maybe("uid", Type.INT, "Number of the owner."),
        _maybe("gid", Type.INT, "Number of the group."),
        _maybe("owner_name", Type.TEXT, "Name of the owner.", is_personal=True),
        _maybe("group_name", Type.TEXT, "Name of the group."),
        _maybe("device", Type.INT, "Number of the file system (`stat` %d)."),
        _maybe("inode", Type.INT, "Number of the file in it; from 2^63 up as a negative number."),
        _maybe("link_count", Type.INT, "Names that the file has anywhere."),
        _maybe("link_target", Type.TEXT, "Where a symbolic link points."),
        _maybe("prefix_hash", Type.TEXT, "Hash of the first bytes, where the scan compared files of one size."),
        _maybe("content_hash", Type.TEXT, "Hash of all bytes (128 bits or more), where the producer made it."),
        _maybe("error", Type.TEXT, "Why it could not be read whole, e.g. `EACCES: Permission denied`."),
    ),
)

SNAPSHOTS = Table(
    name="core_fs__snapshots",
    room=ROOM,
    grain="one share on one day: the scan itself, as its producer told of it",
    partition=PARTITION,
    key=("share",),
    is_native=True,
    columns=(
        SHARE,
        SNAPSHOT_DATE,
        Column(name="root_path", type=Type.TEXT, meaning="Folder that was scanned."),
        Column(
            name="taken_at",
            type=Type.TIMESTAMP,
            meaning="The snapshot's own time, from which ages are measured: when the scan began, else the day's end.",
        ),
        _maybe("ended_at", Type.TIMESTAMP, "When the scan ended, where the producer told."),
        Column(name="mode", type=Type.TEXT, meaning="`metadata`, `hashed`, or `received` without a manifest of ours."),
        _count("entry_count", "Rows, the root among them."),
        _count("error_count", "Rows that could not be read whole."),
        _maybe("vanished_count", Type.INT, "Names that went away while the scan ran, where the producer told."),
        _maybe("other_filesystem_count", Type.INT, "Mount points left out, where the producer told."),
        _count("implied_dir_count", "Folders that no row named, added because something lies in them."),
        _maybe("capacity_bytes", Type.INT, "Size of the file system, where the scan asked for it.", "bytes"),
        _maybe("available_bytes", Type.INT, "Space on it that was free to users.", "bytes"),
        Column(name="absent_columns", type=Type.TEXT, meaning="Columns the producer did not give, comma-separated."),
        Column(name="unknown_columns", type=Type.TEXT, meaning="Columns of the producer that we do not know."),
        Column(name="sha256", type=Type.TEXT, meaning="Hash of the producer's file."),
    ),
)

DIRECTORIES = Table(
    name="core_fs__directories",
    room=ROOM,
    grain="one folder of a share, with sums over all below it and, as `own_…`, over what is directly in it",
    partition=PARTITION,
    key=("share", "pre"),
    version="2",
    columns=(
        SHARE,
        SNAPSHOT_DATE,
        PRE,
        LAST_PRE,
        PARENT_PRE,
        PATH,
        NAME,
        PARENT_PATH,
        DEPTH,
        _count("file_count", "Files (all but folders) below, one of several names once: `du --inodes` less folders."),
        _count("extra_link_count", "Further names of files that are counted already."),
        _count("dir_count", "Folders below, itself not counted."),
        _count("error_count", "Entries below, itself counted, that could not be read whole."),
        _bytes("allocated_bytes", "Space taken, its own included: `du -xs --block-size=1`."),
        _bytes("size_bytes", "Apparent sizes, folders' included: `du -xsb` up to coreutils 9.1."),
        _bytes("file_size_bytes", "Apparent sizes of regular files and links: `du -xsb` since coreutils 9.2."),
        _maybe("earliest_modified_at", Type.TIMESTAMP, "Earliest change of a file below; null without files."),
        _maybe("latest_modified_at", Type.TIMESTAMP, "Latest change of a file below; null without files."),
        _maybe("earliest_accessed_at", Type.TIMESTAMP, "Earliest read of a file below; null without files."),
        _maybe("latest_accessed_at", Type.TIMESTAMP, "Latest read of a file below; null without files."),
        _count("own_file_count", "Files directly in it, one of several names once."),
        _count("own_dir_count", "Folders directly in it."),
        _bytes(
            "own_allocated_bytes", "Space of itself and the files directly in it; `du -S` where none has a name below."
        ),
        _bytes("own_size_bytes", "Apparent sizes of the same."),
        _maybe("own_earliest_modified_at", Type.TIMESTAMP, "Earliest change of a file directly in it."),
        _maybe("own_latest_modified_at", Type.TIMESTAMP, "Latest change of a file directly in it."),
        _maybe("own_earliest_accessed_at", Type.TIMESTAMP, "Earliest read of a file directly in it."),
        _maybe("own_latest_accessed_at", Type.TIMESTAMP, "Latest read of a file directly in it."),
    ),
)


DIRECTORY_TYPES = Table(
    name="core_fs__directory_types",
    room=ROOM,
    grain="one extension in one folder of a share, over all below it and, as `own_…`, directly in it",
    partition=PARTITION,
    key=("share", "pre", "extension"),
    columns=(
        SHARE,
        SNAPSHOT_DATE,
        PRE,
        Column(
            name="extension", type=Type.TEXT, meaning="In small letters, without the dot; empty where there is none."
        ),
        _count("file_count", "Files below, one of several names once, under the first of its names in pre-order."),
        _bytes("size_bytes", "Apparent sizes of the same."),
        _bytes("allocated_bytes", "Space of the same."),
        _count("own_file_count", "Files directly in it."),
        _bytes("own_size_bytes", "Apparent sizes of the same."),
        _bytes("own_allocated_bytes", "Space of the same."),
    ),
)


def _bands() -> tuple[Column, ...]:
    bins = tuple(
        column
        for number in SIZE_BINS
        for column in (
            _count(f"size_bin_{number}_file_count", f"Files below whose floor(log2(size) / 5) is {number}."),
            _bytes(f"size_bin_{number}_size_bytes", "Apparent sizes of the same."),
        )
    )
    ages = tuple(
        column
        for word, verb in (("modified", "changed"), ("accessed", "read"))
        for band, _ in AGE_BANDS
        for column in (
            _count(f"{word}_{band}_file_count", f"Files below last {verb} so long before the snapshot."),
            _bytes(f"{word}_{band}_allocated_bytes", "Space of the same."),
        )
    )
    return bins + ages


DIRECTORY_BANDS = Table(
    name="core_fs__directory_bands",
    room=ROOM,
    grain="one folder of a share: files below it by size and by age, one of several names once",
    partition=PARTITION,
    key=("share", "pre"),
    columns=(SHARE, SNAPSHOT_DATE, PRE, *_bands()),
)

PREVIOUS_DATE = _maybe("previous_date", Type.DATE, "Day of the snapshot before; null for the share's first.")
CHANGE = Column(
    name="change",
    type=Type.TEXT,
    one_of=CHANGES_OF_AN_ENTRY,
    meaning="`first` in the share's first snapshot; else against the snapshot before it.",
)

CHANGES = Table(
    name="core_fs__changes",
    room=ROOM,
    grain="one path of a share that is not as it was in the snapshot before: a version that begins, or an end",
    partition=PARTITION,
    key=("share", "path"),
    columns=(
        SHARE,
        SNAPSHOT_DATE,
        PREVIOUS_DATE,
        CHANGE,
        PATH,
        _maybe("path_raw", Type.BYTES, "Bytes of the path, where they are not the text's UTF-8."),
        NAME,
        PARENT_PATH,
        DEPTH,
        _maybe("type", Type.TEXT, "As of now; null where the path is gone."),
        _maybe("before_type", Type.TEXT, "As of the snapshot before; null where the path is new."),
        _maybe("extension", Type.TEXT, "What follows the last dot, in small letters; null for folders."),
        _maybe("size_bytes", Type.INT, "Apparent size now.", "bytes"),
        _maybe("before_size_bytes", Type.INT, "Apparent size before.", "bytes"),
        _maybe("allocated_bytes", Type.INT, "Space now.", "bytes"),
        _maybe("before_allocated_bytes", Type.INT, "Space before.", "bytes"),
        _maybe("modified_at", Type.TIMESTAMP, "Last change of the content (mtime) now."),
        _maybe("before_modified_at", Type.TIMESTAMP, "The same before."),
        _maybe("changed_at", Type.TIMESTAMP, "Last change of content, name or rights (ctime) now."),
        _maybe("before_changed_at", Type.TIMESTAMP, "The same before."),
        _maybe("mode", Type.INT32, "Permission bits now."),
        _maybe("before_mode", Type.INT32, "Permission bits before."),
        _maybe("uid", Type.INT, "Number of the owner now."),
        _maybe("before_uid", Type.INT, "Number of the owner before."),
        _maybe("gid", Type.INT, "Number of the group now."),
        _maybe("before_gid", Type.INT, "Number of the group before."),
        _maybe("owner_name", Type.TEXT, "Name of the owner now.", is_personal=True),
        _maybe("group_name", Type.TEXT, "Name of the group now."),
        _maybe("device", Type.INT, "Number of the file system now."),
        _maybe("inode", Type.INT, "Number of the file in it now."),
        _maybe("before_inode", Type.INT, "Number of the file in it before."),
        _maybe("link_count", Type.INT, "Names that the file has now."),
        _maybe("link_target", Type.TEXT, "Where a symbolic link points now."),
        _maybe("before_link_target", Type.TEXT, "Where a symbolic link pointed before."),
        _maybe("content_hash", Type.TEXT, "Hash of all bytes now, where the producer made it."),
        _maybe("before_content_hash", Type.TEXT, "Hash of all bytes before."),
        _maybe("moved_from", Type.TEXT, "Path that the same file had before, where it was moved here."),
        _maybe("moved_to", Type.TEXT, "Path that the same file has now, where it was moved away."),
        _maybe("error", Type.TEXT, "Why it could not be read whole now."),
    ),
)

DIRECTORY_CHANGES = Table(
    name="core_fs__directory_changes",
    room=ROOM,
    grain="one folder of a share whose sums are not what they were in the snapshot before",
    partition=PARTITION,
    key=("share", "path"),
    columns=(
        SHARE,
        SNAPSHOT_DATE,
        PREVIOUS_DATE,
        CHANGE,
        PATH,
        NAME,
        PARENT_PATH,
        DEPTH,
        _maybe("moved_from", Type.TEXT, "Path that the same folder had before, where it was moved here."),
        _maybe("moved_to", Type.TEXT, "Path that the same folder has now, where it was moved away."),
        _maybe("file_count", Type.INT, "Files below now; null where the folder is gone."),
        _maybe("before_file_count", Type.INT, "Files below before; null where the folder is new."),
        _maybe("dir_count", Type.INT, "Folders below now."),
        _maybe("before_dir_count", Type.INT, "Folders below before."),
        _maybe("size_bytes", Type.INT, "Apparent sizes below now.", "bytes"),
        _maybe("before_size_bytes", Type.INT, "Apparent sizes below before.", "bytes"),
        _maybe("allocated_bytes", Type.INT, "Space now.", "bytes"),
        _maybe("before_allocated_bytes", Type.INT, "Space before.", "bytes"),
    ),
)


def _change(name: str, meaning: str, unit: str = "") -> Column:
    return _maybe(name, Type.INT, meaning + " since the day before; null without a snapshot of it.", unit)


GROWTH = Table(
    name="out_fs__growth",
    room=ROOM,
    grain="one share on one day: its totals, and what changed since the day before",
    partition=PARTITION,
    key=("share",),
    is_native=True,
    columns=(
        SHARE,
        SNAPSHOT_DATE,
        Column(name="root_path", type=Type.TEXT, meaning="Folder that was scanned."),
        _count("file_count", "Files, one of several names once."),
        _count("dir_count", "Folders, the root not counted."),
        _count("error_count", "Entries that could not be read whole."),
        _bytes("size_bytes", "Apparent sizes, folders' included."),
        _bytes("allocated_bytes", "Space taken."),
        _change("file_count_change", "Files gained or lost"),
        _change("dir_count_change", "Folders gained or lost"),
        _change("size_change_bytes", "Apparent size gained or lost", "bytes"),
        _change("allocated_change_bytes", "Space gained or lost", "bytes"),
    ),
)

DISTRIBUTION = Table(
    name="out_fs__distribution",
    room=ROOM,
    grain="one value of one dimension in one share: what its files hold, one of several names once",
    partition=PARTITION,
    key=("share", "dimension", "value"),
    is_native=True,
    columns=(
        SHARE,
        SNAPSHOT_DATE,
        Column(
            name="dimension",
            type=Type.TEXT,
            one_of=("type", "extension", "owner", "group", "size_bin", "modified_age", "accessed_age"),
            meaning="By what the files are told apart.",
        ),
        Column(
            name="value",
            type=Type.TEXT,
            meaning="Which of them; owners and groups by name, else by number; empty where unknown.",
            is_personal=True,
        ),
        _count("file_count", "Files, all but folders."),
        _bytes("size_bytes", "Apparent sizes."),
        _bytes("allocated_bytes", "Space taken."),
    ),
)

TABLES: tuple[Table, ...] = (
    ENTRIES,
    SNAPSHOTS,
    DIRECTORIES,
    DIRECTORY_TYPES,
    DIRECTORY_BANDS,
    CHANGES,
    DIRECTORY_CHANGES,
    GROWTH,
    DISTRIBUTION,
)
