"""Moves: a path that is gone and one that is new, of one share, that are the same file or folder.

In this order, each path once, files of one kind only:

1. the same inode, born at the same time;
2. where a birth is not known: the same device and inode, of one size and one time of change, because inodes are reused;
3. the same content hash and size;
4. the same name, size and time of change, of files;
5. a folder goes where most of the files went that it had, if that folder is new;
6. what is left in a moved folder goes along with it, under its name.

Where several would fit, equal names come first, then the order of paths: the first goes to the first.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from analytics_pipelines.foundation.select import Source
from analytics_pipelines.foundation.sql import Sql, from_file, joined, name
from analytics_pipelines.storage_snapshots.differences.steps import Step


@dataclass(frozen=True, slots=True)
class Sign:
    """What two paths must have in common: these columns, known of both."""

    columns: tuple[str, ...]
    unless: str = "false"
    """When they are not the same all the same."""


LOOKS = Sign(
    ("name", "size_bytes", "modified_at"),
    unless="gone.type = 'd' OR gone.content_hash <> come.content_hash",
)
SIGNS = (
    Sign(("inode", "born_at")),
    Sign(("inode", "device", "size_bytes", "modified_at"), unless="gone.born_at <> come.born_at"),
    Sign(("content_hash", "size_bytes")),
)
NONE = Sql("SELECT '' AS share, '' AS moved_from, '' AS moved_to WHERE false")


LEVELS_ALONG = 2
"""Folders of which nothing is known but their names are taken along so deep."""
ENDS = {"gone": "moved_from", "come": "moved_to"}


def moves() -> dict[str, Source]:
    """Steps over a view `found` that end in `moves`: share, moved_from, moved_to."""
    steps = {"gone": _filled("moves_gone"), "come": _filled("moves_come"), "moves_none": NONE}
    found = ["moves_none"]
    for make in _passes():
        view = "moves_" + str(len(found))
        steps[view] = make(used=_all(found))
        found.append(view)
    return {view: Step(query) for view, query in (steps | {"moves": _all(found)}).items()}


def _passes() -> Iterator[Callable[..., Sql]]:
    for sign in SIGNS:
        yield partial(_pair, replace(sign, columns=("name", *sign.columns)))
        yield partial(_pair, sign)
    yield partial(_pair, LOOKS)
    yield partial(_filled, "moves_folders")
    for _ in range(LEVELS_ALONG):
        yield partial(_filled, "moves_along")


def _pair(sign: Sign, used: Sql) -> Sql:
    return _filled(
        "moves_pair",
        gone=_side(sign, "gone", "come", used),
        come=_side(sign, "come", "gone", used),
        alike=_alike(sign, "gone", "come"),
        unless=Sql(sign.unless),
    )


def _side(sign: Sign, side: str, other: str, used: Sql) -> Sql:
    given = Sql("side.{column} IS NOT NULL")
    return _filled(
        "moves_side",
        key=joined(Sql("side.{column}").fill(column=name(column)) for column in sign.columns),
        side=Sql(side),
        other=Sql(other),
        given=joined((given.fill(column=name(column)) for column in sign.columns), " AND "),
        alike=_alike(sign, "side", "other"),
        used=used,
        end=Sql(ENDS[side]),
    )


def _alike(sign: Sign, one: str, other: str) -> Sql:
    equal = Sql("{one}.{column} = {other}.{column}")
    parts = (equal.fill(one=Sql(one), other=Sql(other), column=name(column)) for column in sign.columns)
    return joined(parts, " AND ")


def _all(views: Iterable[str]) -> Sql:
    select = Sql("SELECT * FROM {view}")
    return Sql("({all})").fill(all=joined((select.fill(view=Sql(view)) for view in views), " UNION ALL "))


def _filled(query: str, **parts: Sql) -> Sql:
    return from_file(__package__, query).fill(**parts)
