"""A published generation whose names fill several blocks of the index, with every oddity of letters among them."""

import random
from contextlib import contextmanager
from datetime import date

from analytics_pipelines_tests.storage_snapshots.forests import generation_of
from analytics_pipelines_tests.storage_snapshots.trees import Node

NEWEST, OLDER = date(2026, 3, 10), date(2026, 3, 1)
ODD = [
    "\u017ftein",
    "Kelvin.log",
    "STRASSE",
    "straße",
    "İstanbul",
    "istanbul",
    "ΣΊΣΥΦΟΣ",
    "σίσυφος",
    "日本語.txt",
    "é",
    "e\u0301",
]
ODD += [
    "[x]",
    "a*b",
    "what?",
    "100%_sure",
    "back\\slash",
    "new\nline",
    "it's",
    "-rf",
    "a",
    "AB",
    "{1}",
    "x^y$",
    "(p|q)",
]
WORDS = ["report", "Test", "conf", "readme", "IMG", "setup", "index", "data", "kiss", "Main"]
ENDS = [".txt", ".PY", ".tar.gz", "", ".log", "~"]


def wood(seed, root, size, odd=ODD):
    """A tree of about so many names."""
    chance = random.Random(seed)
    top = Node(root, "d")
    folders = [("" if root == "/" else root, top)]
    for number in range(size):
        prefix, folder = chance.choice(folders[-40:])
        plain = chance.choice(WORDS) + chance.choice(["", "_", "-", " "]) + str(number) + chance.choice(ENDS)
        name = odd[number] if number < len(odd) else plain
        kind = "d" if chance.random() < 0.12 else chance.choice("fffl")
        node = Node(prefix + "/" + name, kind, inode=number + 1, size=chance.choice([0, 10, 4096, 10**9]), blocks=8)
        node.second = 1_700_000_000 + chance.randrange(70_000_000)
        folder.children.append(node)
        if kind == "d":
            folders.append((node.path, node))
    return top


@contextmanager
def published(home, size=4500):
    """A lease on it: shares `big`, `small` and `root` on the newest day, `big` on an older one too."""
    days = {
        OLDER: {"big": wood(1, "/srv/big", 300)},
        NEWEST: {"big": wood(1, "/srv/big", size), "root": wood(3, "/", 200), "small": wood(2, "/srv/Small", 100)},
    }
    with generation_of(home, days) as (generations, _), generations.acquire() as lease:
        yield lease
