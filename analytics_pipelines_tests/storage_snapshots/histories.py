"""Histories on paper: days of trees that arrive in any order, made as the assets make them, and published."""

from contextlib import contextmanager

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.storage_snapshots.differences.changes import changes, directory_changes
from analytics_pipelines.storage_snapshots.differences.last_known import days_read, days_to_remake, pairs
from analytics_pipelines.storage_snapshots.tables import CHANGES, DIRECTORIES, DIRECTORY_CHANGES, ENTRIES, TABLES
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.storage_snapshots.paper_lake import write_paper
from analytics_pipelines_tests.storage_snapshots.trees import Node


def remake(lake, day):
    """The day's changes, as the assets make them."""
    found = pairs(lake, day)
    days = days_read(found, day)
    entries, folders = lake.scan(ENTRIES, days), lake.scan(DIRECTORIES, days)
    lake.replace(CHANGES, day, changes(entries, folders, found, day))
    lake.replace(DIRECTORY_CHANGES, day, directory_changes(folders, lake.scan(CHANGES, [day]), found, day))


def arrive(lake, day, shares):
    """A day's snapshots come in: it is made, and what depends on it is made again."""
    write_paper(lake, day, shares)
    for each in [day, *days_to_remake(lake, day)]:
        remake(lake, each)


def folder(path, *children, **given):
    return Node(path, "d", children=list(children), **given)


def file(path, size=10, **given):
    return Node(path, size=size, blocks=8, **given)


SHAPES = ("a", "b", "c")


def random_tree(dice, *, unreadable=True, links=True):
    """A small tree of few names, so that paths come and go, move, change, and can not be read."""
    numbers = iter(dice.sample(range(1, 60), 50))

    def below(path, depth):
        children = []
        for name in SHAPES:
            if dice.random() < 0.45:
                continue
            where = path + "/" + name
            if depth < 3 and dice.random() < 0.5:
                inner = below(where, depth + 1) if not unreadable or dice.random() < 0.8 else None
                inode = dice.choice([0, 100 + depth])
                children.append(
                    folder(where, *(inner or ()), error=None if inner is not None else "EACCES", inode=inode)
                )
            else:
                children.append(
                    file(
                        where,
                        dice.choice([1, 2]),
                        inode=dice.randrange(1, 5) if links else next(numbers),
                        second=dice.choice([1, 2]),
                    )
                )
        return children

    return folder("/r", *below("/r", 1))


@contextmanager
def published(settings, lake):
    """A lease on a generation of all that the lake holds."""
    build_generation(settings, lake, TABLES)
    with Generations(settings) as generations, generations.acquire() as lease:
        yield lease


@contextmanager
def served(home, days):
    """Settings and the generations of these days' trees by share, changes and history among their tables."""
    settings = settings_in(home)
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    try:
        for day, shares in sorted(days.items()):
            arrive(lake, day, shares)
        build_generation(settings, lake, TABLES)
    finally:
        lake.duck.close()
    with Generations(settings) as generations:
        yield settings, generations


@contextmanager
def asked(home, days):
    """A lease on such a generation."""
    with served(home, days) as (_, generations), generations.acquire() as lease:
        yield lease
