import pytest

from analytics_pipelines.storage_snapshots.ask import path_search
from analytics_pipelines.storage_snapshots.ask.chosen import chosen
from analytics_pipelines.storage_snapshots.ask.name_search import Wanted
from analytics_pipelines.storage_snapshots.ask.path_search import FIRST_SPAN, Span, by_path
from analytics_pipelines.storage_snapshots.ask.patterns import Mode, matcher
from analytics_pipelines_tests.storage_snapshots.forests import generation_of
from analytics_pipelines_tests.storage_snapshots.trees import DAY, Node


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    deep = Node(
        "/srv/a/lib", "d", children=[Node("/srv/a/lib/python", "d", children=[Node("/srv/a/lib/python/x", inode=3)])]
    )
    other = Node(
        "/srv/a/other", "d", children=[Node(f"/srv/a/other/{number}", inode=10 + number) for number in range(30)]
    )
    tree = Node("/srv/a", "d", children=[deep, other, Node("/srv/a/libs", inode=2)])
    with (
        generation_of(tmp_path_factory.mktemp("paths"), {DAY: {"a": tree}}) as (generations, _),
        generations.acquire() as lease,
    ):
        yield lease


@pytest.mark.parametrize(
    ("text", "folders"),
    [
        pytest.param("lib/py", {"/srv/a/lib", "/srv/a/lib/python"}, id="the name that it ends in, and below"),
        pytest.param("lib/", {"/srv/a", "/srv/a/lib", "/srv/a/lib/python"}, id="a whole folder"),
        pytest.param("a/lib/", {"/srv/a", "/srv/a/lib", "/srv/a/lib/python"}, id="a folder in its folder"),
        pytest.param("python", {"/srv/a/lib", "/srv/a/lib/python"}, id="within a name"),
        pytest.param("nowhere/at", set(), id="nowhere"),
    ],
)
def test_only_folders_in_which_matches_can_lie_are_read(lease, text, folders):
    these = chosen(lease)
    with lease.cursor() as cursor:
        spans = path_search._folders_with(cursor, these, text)
        paths = cursor.execute("SELECT pre, path FROM core_fs__directories").fetchall()
    read = {path for pre, path in paths for span in spans if span.first <= pre <= span.last}
    assert read == folders


def test_a_text_above_the_root_is_in_every_path(lease):
    with lease.cursor() as cursor:
        wanted = Wanted(matcher(cursor, Mode.SUBSTRING, "/SRV", is_case_sensitive=False), None, None)
        found = by_path(cursor, chosen(lease), wanted, None, 100)
    assert len(found.entries) == 36


def test_nearly_every_path_has_a_slash_so_all_are_read(lease):
    with lease.cursor() as cursor:
        assert path_search._folders_with(cursor, chosen(lease), "/") is None


def test_spans_are_joined_and_cut_without_losing_a_folder():
    spans = [Span("a", 0, 5), Span("a", 3, 9), Span("a", 10, 12), Span("a", 40, 41), Span("b", 0, 3 * FIRST_SPAN)]
    joined = path_search._joined(spans)
    assert joined == [Span("a", 0, 12), Span("a", 40, 41), Span("b", 0, 3 * FIRST_SPAN)]
    slices = list(path_search._slices(joined, None))
    assert slices[0] == Span("a", 0, 41)
    assert [each.first for each in slices[1:]] == [0, *(each.last + 1 for each in slices[1:-1])]
    assert slices[-1].last == 3 * FIRST_SPAN


def test_a_later_page_begins_in_the_folder_of_its_key():
    spans = [Span("a", 0, 12), Span("b", 0, 9), Span("c", 1, 2)]
    assert list(path_search._from(spans, ("b", 4, 70))) == [Span("b", 4, 9), Span("c", 1, 2)]
