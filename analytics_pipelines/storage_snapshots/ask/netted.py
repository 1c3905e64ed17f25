"""Changes between two snapshots as SQL: of neighbours as they stand in their partition, of others netted."""

from analytics_pipelines.foundation.sql import Sql, columns_of, from_file, joined, name
from analytics_pipelines.storage_snapshots.ask.between import Between
from analytics_pipelines.storage_snapshots.hot.differences import (
    ANYWHERE,
    Level,
    kinds_of,
    known,
    net_step,
)


def kinds(these: Between, level: Level, path: str | None = None) -> Sql:
    """One row a path: share, path, name, parent_path, depth, is_folder, kind, moved_from, and what is told of both.

    With a path, what is in that folder, itself included: what moved out of it is removed, what moved in is added.
    Binds `$path` and `$inside`.
    """
    return kinds_of(level, _net(these, level, path))


def _net(these: Between, level: Level, path: str | None) -> Sql:
    changes = these.scan(level.table.name)
    if these.is_step:
        below = ANYWHERE if path is None else Sql("(path = $path OR starts_with(path, $inside))")
        return net_step(level, changes, these.within, below)
    before = tuple("before_" + column for column in level.told)
    return from_file(__package__, "net_steps").fill(
        changes=changes,
        within=these.within,
        is_folder=Sql(level.is_folder),
        below=ANYWHERE if path is None else Sql("(net.path = $path OR starts_with(net.path, $inside))"),
        closing=joined(known("closing.", column) for column in level.told),
        opening=joined(known("opening.", column) for column in before),
        differs=_differs(level),
        after=columns_of("net", level.told),
        before=columns_of("net", before),
    )


def _differs(level: Level) -> Sql:
    """What is unknown on one side differs from nothing, but for kind and size, that every producer gives."""
    unlike = Sql("closing.{column} <> opening.{before}")
    distinct = Sql("closing.{column} IS DISTINCT FROM opening.{before}")
    always = {"type", "size_bytes"}
    tests = ((distinct if key in always else unlike, key) for key in level.keys)
    return joined((test.fill(column=name(key), before=name("before_" + key)) for test, key in tests), " OR ")
