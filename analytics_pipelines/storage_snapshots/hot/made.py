"""How each hot table is made, in the order of making: `catalog` gathers `HOT`."""

from analytics_pipelines.foundation.hot import HotTable, Readable
from analytics_pipelines.foundation.sql import Sql, from_file
from analytics_pipelines.storage_snapshots.hot import newest_step, shapes
from analytics_pipelines.storage_snapshots.hot.newest import NEEDED, scan_newest
from analytics_pipelines.storage_snapshots.hot.tables import (
    CHILDREN,
    COMPARED,
    DIFFERENCES,
    FOLDER_HISTORY,
    FOLDERS,
    GRAMS,
    HISTORY,
    LARGEST,
    NAMES,
    NAMES_PER_BLOCK,
    TYPES,
)
from analytics_pipelines.storage_snapshots.tables import (
    CHANGES,
    DIRECTORIES,
    DIRECTORY_BANDS,
    DIRECTORY_CHANGES,
    DIRECTORY_TYPES,
    ENTRIES,
)


def _text(query: str) -> Sql:
    return from_file(__package__, query)


def _folders(readable: Readable) -> Sql:
    return shapes.folders(scan_newest(readable, DIRECTORIES), scan_newest(readable, DIRECTORY_BANDS))


def _children(readable: Readable) -> Sql:
    return shapes.children(scan_newest(readable, ENTRIES), scan_newest(readable, DIRECTORIES))


def _names(readable: Readable) -> Sql:
    return shapes.names(scan_newest(readable, ENTRIES))


def _grams(readable: Readable) -> Sql:
    return _text("grams").fill(names=readable.scan(NAMES))


def _largest(readable: Readable) -> Sql:
    return shapes.largest(scan_newest(readable, ENTRIES))


def _types(readable: Readable) -> Sql:
    return scan_newest(readable, DIRECTORY_TYPES)


def _history(readable: Readable) -> Sql:
    return _text("history").fill(changes=readable.scan(CHANGES))


def _folder_history(readable: Readable) -> Sql:
    return _text("history").fill(changes=readable.scan(DIRECTORY_CHANGES))


WHICH = _text("newest_shares")
MOST = Sql(str(shapes.MOST_LARGEST))
STEP = (Sql(str(newest_step.MOST_DIFFERENCES)), *map(_text, ("small_steps", "net_step", "compare_kinds")))
DIFFERING = tuple(map(_text, ("differing_files", "differing_folders", "differences", "ranked_differences")))
STEP_READS = (*NEEDED, CHANGES, DIRECTORY_CHANGES)
HOT: tuple[HotTable, ...] = (
    HotTable(table=FOLDERS, reads=(*NEEDED, DIRECTORY_BANDS), make=_folders, texts=(WHICH, _text("folders"))),
    HotTable(table=CHILDREN, reads=NEEDED, make=_children, texts=(WHICH, _text("children"))),
    HotTable(
        table=NAMES,
        reads=NEEDED,
        make=_names,
        texts=(WHICH, _text("names")),
        numbered=(("position", 1), ("block", NAMES_PER_BLOCK)),
        indexed=("position",),
    ),
    HotTable(table=GRAMS, reads=NEEDED, make=_grams, texts=(WHICH, _text("grams"))),
    HotTable(table=LARGEST, reads=NEEDED, make=_largest, texts=(WHICH, _text("largest"), MOST)),
    HotTable(table=TYPES, reads=(*NEEDED, DIRECTORY_TYPES), make=_types, texts=(WHICH,)),
    HotTable(table=HISTORY, reads=(CHANGES,), make=_history, texts=(_text("history"),)),
    HotTable(table=FOLDER_HISTORY, reads=(DIRECTORY_CHANGES,), make=_folder_history, texts=(_text("history"),)),
    HotTable(
        table=DIFFERENCES, reads=STEP_READS, make=newest_step.ranked_differences, texts=(WHICH, *STEP, *DIFFERING)
    ),
    HotTable(table=COMPARED, reads=STEP_READS, make=newest_step.compared, texts=(WHICH, *STEP, _text("compared"))),
)
