"""Published generations of paper trees, with names of every kind and files of several names."""

import random
from contextlib import contextmanager
from datetime import timedelta

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.storage_snapshots.tables import GROWTH, TABLES
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.storage_snapshots.paper_lake import write_paper, write_rows
from analytics_pipelines_tests.storage_snapshots.trees import DAY, Node, summed

OLDER = DAY - timedelta(days=9)
ODD = [
    "tree",
    "types",
    "timeline",
    "two words",
    "100%",
    "a?b#c&d=e+f",
    "größe",
    "caf\ufffdE9",
    "new\nline",
    "-rf",
    "%2e%2e",
    ";'\"\\",
]
ENDS = ["", ".txt", ".TXT", ".tar.gz", ".py"]


def random_tree(seed, path="", size=100):
    """A tree of about so many names, files of several names among them."""
    chance = random.Random(seed)
    root = Node(path or "/", "d", size=10, blocks=8)
    folders, inodes = [(path, root)], 0
    for number in range(size):
        prefix, folder = chance.choice(folders[-12:])
        name = ODD[number] if number < len(ODD) else "n" + str(number) + chance.choice(ENDS)
        if number < len(ODD) or chance.random() < 0.35:
            node = Node(prefix + "/" + name, "d", size=chance.randrange(9), blocks=8)
            folders.append((prefix + "/" + name, node))
        else:
            inodes = chance.choice([inodes + 1, inodes + 1, max(inodes, 1)])
            same = random.Random(inodes)
            node = Node(
                prefix + "/" + name,
                inode=inodes,
                size=same.choice([0, 20, 3000, 50_000, 2**21, 2**27]),
                blocks=same.randrange(100),
                second=1_700_000_000 + same.randrange(80_000_000),
            )
        folder.children.append(node)
    return root


@contextmanager
def generation_of(home, days):
    """The holder of a generation of these days' trees by share, and its settings."""
    settings = settings_in(home)
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    try:
        for day, shares in sorted(days.items()):
            write_paper(lake, day, shares)
            write_rows(lake, GROWTH, day, [_growth(share, day, root) for share, root in sorted(shares.items())])
        build_generation(settings, lake, TABLES)
    finally:
        lake.duck.close()
    with Generations(settings) as generations:
        yield generations, settings


def _growth(share, day, root):
    return summed(root) | {"share": share, "snapshot_date": day, "root_path": root.path}


DAYS = {
    OLDER: {"a": random_tree(1)},
    DAY: {"a": random_tree(2), "b": random_tree(3), "deep": random_tree(4, "/srv/deep", 120)},
}


def folders_in(root):
    """All folders of a tree."""
    return [node for node in root.names() if node.kind == "d"]
