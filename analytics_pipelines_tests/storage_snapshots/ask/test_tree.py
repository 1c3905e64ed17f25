import pytest

from analytics_pipelines.storage_snapshots.ask import tree as tree_module
from analytics_pipelines.storage_snapshots.ask.chosen import chosen
from analytics_pipelines.storage_snapshots.ask.tree import COLUMNS, Measure, Pruning, tree
from analytics_pipelines_tests.storage_snapshots.forests import DAYS, OLDER, folders_in, generation_of
from analytics_pipelines_tests.storage_snapshots.trees import DAY, summed


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    with generation_of(tmp_path_factory.mktemp("forest"), DAYS) as (generations, _), generations.acquire() as lease:
        yield lease


def expected(node, pruning, depth=None):
    """The same tree by plain counting: path, sums, children, others; others are None where there are none."""
    depth = pruning.depth if depth is None else depth
    sums = {key: value for key, value in summed(node).items() if key in COLUMNS}
    if not depth:
        return (node.path, sums, False, [], None)
    measure = "allocated_bytes" if pruning.by == Measure.ALLOCATED else "size_bytes"
    pre = {id(each): place for place, each in enumerate(node.names())}
    below = [(summed(each), each) for each in node.children if each.kind == "d"]
    below.sort(key=lambda pair: (-pair[0][measure], pre[id(pair[1])]))
    kept = [each for each in below[: pruning.top] if each[0][measure] >= pruning.min_size]
    dropped = below[len(kept) :]
    others = {key: sum(each[key] for each, _ in dropped) for key in COLUMNS} | {"folder_count": len(dropped)}
    return (
        node.path,
        sums,
        True,
        [expected(each, pruning, depth - 1) for _, each in kept],
        others if dropped else None,
    )


def shown(node):
    return (node.path, node.sums, node.is_open, [shown(each) for each in node.children], node.others)


@pytest.mark.parametrize(("snapshot", "day"), [("latest", DAY), (OLDER.isoformat(), OLDER)])
@pytest.mark.parametrize(
    "pruning",
    [
        Pruning(depth=0),
        Pruning(depth=1, top=2),
        Pruning(depth=3, min_size=100_000),
        Pruning(depth=50, by=Measure.SIZE),
        Pruning(depth=4, top=1, min_size=2**21, by=Measure.SIZE),
        Pruning(depth=2, min_size=2**62),
    ],
)
def test_a_tree_is_what_counting_gives_and_what_is_not_told_is_summed_up(lease, snapshot, day, pruning):
    found = tree(chosen(lease, snapshot), None, pruning)
    shares = sorted(DAYS[day].items())
    assert [(root.share, shown(root)) for root in found.roots] == [(s, expected(root, pruning)) for s, root in shares]
    assert not found.is_cut


def test_every_folder_is_the_root_of_its_own_tree(lease):
    pruning = Pruning(depth=2, top=3)
    for node in folders_in(DAYS[DAY]["deep"]):
        found = tree(chosen(lease, share="deep"), node.path, pruning)
        assert [shown(root) for root in found.roots] == [expected(node, pruning)]


def test_a_tree_of_too_many_folders_is_cut_and_its_sums_still_hold(lease, monkeypatch):
    monkeypatch.setattr(tree_module, "MOST_NODES", 20)
    found = tree(chosen(lease, share="deep"), None, Pruning(depth=50))
    told = nodes_of(found.roots[0])
    assert found.is_cut
    assert 10 <= len(told) - 1 <= 20
    largest = max(summed(each)["allocated_bytes"] for each in DAYS[DAY]["deep"].children if each.kind == "d")
    assert found.roots[0].children[0].sums["allocated_bytes"] == largest
    for node in told:
        if node.is_open:
            below = sum(each.sums["dir_count"] + 1 for each in node.children)
            others = node.others["dir_count"] + node.others["folder_count"] if node.others else 0
            assert below + others == node.sums["dir_count"]


def nodes_of(node):
    return [node] + [each for child in node.children for each in nodes_of(child)]
