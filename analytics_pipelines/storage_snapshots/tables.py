"""Tables of the storage snapshots: entries as scanned, directories summed up, totals of each share."""

from analytics_pipelines.foundation.tables import Column, Table, Type

ROOM = "storage_snapshots"
PARTITION = "day of the snapshot, as the scan was told"
TYPES = ("f", "d", "l", "b", "c", "p", "s", "U")

SHARE = Column(name="share", type=Type.TEXT, meaning="Name under which the tree is scanned.")
SNAPSHOT_DATE = Column(name="snapshot_date", type=Type.DATE, meaning="Day of the snapshot.")
PRE = Column(
    name="pre",
    type=Type.INT,
    least=0,
    meaning="Position in the share in pre-order: a folder before what is in it, names by their bytes.",
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


ENTRIES = Table(
    name="raw_fs__entries",
    room=ROOM,
    grain="one name in a file system: file, folder, link…; a file of several names has several rows",
    partition=PARTITION,
    key=("share", "pre"),
    columns=(
        SHARE,
        SNAPSHOT_DATE,
        PRE,
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
        _maybe("error", Type.TEXT, "Why it could not be read whole, e.g. `EACCES: Permission denied`."),
    ),
)

DIRECTORIES = Table(
    name="core_fs__directories",
    room=ROOM,
    grain="one folder of a share, with sums over all below it and, as `own_…`, over what is directly in it",
    partition=PARTITION,
    key=("share", "pre"),
    is_native=True,
    columns=(
        SHARE,
        SNAPSHOT_DATE,
        PRE,
        Column(
            name="last_pre", type=Type.INT, least=0, meaning="Position of the last entry below it; a range with pre."
        ),
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
        _count("own_file_count", "Files directly in it, one of several names once."),
        _count("own_dir_count", "Folders directly in it."),
        _bytes(
            "own_allocated_bytes", "Space of itself and the files directly in it; `du -S` where none has a name below."
        ),
        _bytes("own_size_bytes", "Apparent sizes of the same."),
        _maybe("own_latest_modified_at", Type.TIMESTAMP, "Latest change of a file directly in it."),
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

TABLES: tuple[Table, ...] = (ENTRIES, DIRECTORIES, GROWTH)
